"""Simulates clients that create an item, read it back, and repeat, through DNS, during a whole rehearsal.

A failed request is retried after `retry_interval`, with the same token, until it succeeds. No write is abandoned, and a
write whose response was lost must not create two items.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.clients.write_ledger import NumberedWrite, WriteLedger
from leeward.twin.internet.dns import DnsAnswer, DnsResolver, NoDnsAnswer
from leeward.twin.internet.http import EndpointResponse, HttpRequest, Internet, Unreachable

_FIRST_UNSUCCESSFUL, _FIRST_SERVER_ERROR, _NOT_FOUND = 300, 500, 404


class RequestScript(Protocol):
    """Builds the requests that the clients of an application send."""

    def write_request(self, number: int, client: int, now: datetime) -> HttpRequest:
        """Return the request for write `number`. A retry returns the same request, except for a new session token."""
        ...

    def read_request(self, item_id: str, client: int, now: datetime) -> HttpRequest:
        """Return the request that reads the item with this ID."""
        ...

    def created_id(self, response: EndpointResponse) -> str | None:
        """Return the ID of the created item from the response to a write, or None if the response contains no ID."""
        ...


@dataclass(slots=True)
class _WritingClient:
    """One client: the Region nearest to its resolver, its cached DNS answer, and its pending request."""

    nearest_region: str
    next_request_at: datetime
    answer: DnsAnswer | None = None
    expires: datetime | None = None
    pending_write: NumberedWrite | None = None
    pending_read_id: str | None = None
    unseen: int = 0


@dataclass
class WritingClients:
    """Clients of `host` that write and read. `nearest_regions` lists the Region nearest to each client's resolver."""

    host: str
    script: RequestScript
    dns: DnsResolver
    internet: Internet
    now: Callable[[], datetime]
    nearest_regions: Sequence[str]
    ledger: WriteLedger
    request_interval: timedelta = timedelta(seconds=5)
    retry_interval: timedelta = timedelta(seconds=2)
    requests: list[ClientRequest] = field(default_factory=list)
    stale_reads: int = 0
    """The number of reads that reached a Region before the write was replicated to it."""
    runs_inline = False  # the application's own code runs in each request
    _users: list[_WritingClient] = field(default_factory=list)
    _latest_requests: dict[int, ClientRequest] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Return the number of clients."""
        return len(self.nearest_regions)

    @property
    def latest_requests(self) -> list[ClientRequest]:
        """Return the latest request of each client."""
        return [self._latest_requests[number] for number in sorted(self._latest_requests)]

    def send_requests(self) -> None:
        """Send a request from each client whose next request is due. Call this once a second."""
        now = self.now()
        if not self._users:
            # Spread the clients over a write and a read. Otherwise, all would write and then all would read.
            spread = 2 * self.request_interval / self.count
            self._users = [
                _WritingClient(region, now + spread * number) for number, region in enumerate(self.nearest_regions)
            ]
        for number, user in enumerate(self._users):
            if now >= user.next_request_at:
                request = self._write_or_read(number, user, now)
                self._latest_requests[number] = request
                self.requests.append(request)
                user.next_request_at = max(user.next_request_at, now - self.request_interval) + (
                    self.request_interval if request.served_by else self.retry_interval
                )

    def _write_or_read(self, number: int, user: _WritingClient, now: datetime) -> ClientRequest:
        address, failure_reason = self._resolve_address(number, user, now)
        if address is None:
            return ClientRequest(now, number, None, failure_reason)
        if user.pending_read_id is not None:
            return self._read(number, user, address, now)
        write = user.pending_write = user.pending_write or self.ledger.record_write(number, now)
        write.attempts += 1
        response, failure_reason = self._send(address, self.script.write_request(write.number, number, now))
        if response is None or response.status >= _FIRST_UNSUCCESSFUL:
            refusal = f"{response.region if response else ''} refused the write: {response}"
            return ClientRequest(now, number, None, failure_reason or refusal)
        write.acknowledged_at, write.region, write.item_id = now, response.region, self.script.created_id(response)
        user.pending_write, user.pending_read_id = None, write.item_id
        return ClientRequest(now, number, response.region)

    def _read(self, number: int, user: _WritingClient, address: str, now: datetime) -> ClientRequest:
        response, failure_reason = self._send(
            address, self.script.read_request(user.pending_read_id or "", number, now)
        )
        if response is None:
            return ClientRequest(now, number, None, failure_reason)
        if response.status == _NOT_FOUND:
            self.stale_reads += 1
        elif response.status >= _FIRST_UNSUCCESSFUL:
            return ClientRequest(now, number, None, f"{response.region} refused the read: {response.status}")
        user.pending_read_id = None
        return ClientRequest(now, number, response.region)

    def _send(self, address: str, request: HttpRequest) -> tuple[EndpointResponse | None, str]:
        try:
            response = self.internet.send(address, request)
        except Unreachable as error:
            return None, str(error)
        if response.status >= _FIRST_SERVER_ERROR:
            return None, f"{response.region} answered {response.status}: {response.body[:200]}"
        return response, ""

    def _resolve_address(self, number: int, user: _WritingClient, now: datetime) -> tuple[str | None, str]:
        if user.answer is None or user.expires is None or now >= user.expires:
            try:
                user.answer = self.dns.resolve(self.host, user.nearest_region)
            except NoDnsAnswer as error:
                return None, str(error)
            ttl = timedelta(seconds=user.answer.ttl_seconds)
            # Spread the first expiry of the clients' caches over the TTL, so that they don't all resolve at once.
            user.expires = now + (ttl if user.expires else ttl * (number + 1) / self.count)
        return user.answer.value, ""

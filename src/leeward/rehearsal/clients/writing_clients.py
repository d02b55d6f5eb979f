"""Users who write and read: each creates a thing, reads it back, and goes on, through DNS, all through a rehearsal.

A request that fails is tried again after `retry` seconds, with the same token, until it is answered: nobody's thing is
given up, and a write whose answer was lost must not become two.
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
    """What the users of an application send."""

    def write_request(self, number: int, client: int, now: datetime) -> HttpRequest:
        """The write `number`; the same each time it is asked for, but for a new token of the session."""
        ...

    def read_request(self, item_id: str, client: int, now: datetime) -> HttpRequest:
        """Reads back the thing with this id."""
        ...

    def created_id(self, response: EndpointResponse) -> str | None:
        """The id of what a create's answer tells of; None when it tells of none."""
        ...


@dataclass(slots=True)
class _WritingClient:
    """One user: where its resolver is, what it keeps, what it is about."""

    nearest_region: str
    next_request_at: datetime
    answer: DnsAnswer | None = None
    expires: datetime | None = None
    pending_write: NumberedWrite | None = None
    pending_read_id: str | None = None
    unseen: int = 0


@dataclass
class WritingClients:
    """`near` names, for each user, the Region that its resolver is nearest to."""

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
    """Reads that came to a Region before the write had been replicated to it."""
    runs_inline = False  # the application's own code runs in each request
    _users: list[_WritingClient] = field(default_factory=list)
    _latest_requests: dict[int, ClientRequest] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """How many users there are."""
        return len(self.nearest_regions)

    @property
    def latest_requests(self) -> list[ClientRequest]:
        """Each user's latest request."""
        return [self._latest_requests[number] for number in sorted(self._latest_requests)]

    def send_requests(self) -> None:
        """One second of every user."""
        now = self.now()
        if not self._users:
            # Over a write and a read: else all would write for a while, and then all would read.
            spread = 2 * self.request_interval / self.count
            self._users = [
                _WritingClient(near, now + spread * number) for number, near in enumerate(self.nearest_regions)
            ]
        for number, user in enumerate(self._users):
            if now >= user.next_request_at:
                seen = self._write_or_read(number, user, now)
                self._latest_requests[number] = seen
                self.requests.append(seen)
                user.next_request_at = max(user.next_request_at, now - self.request_interval) + (
                    self.request_interval if seen.served_by else self.retry_interval
                )

    def _write_or_read(self, number: int, user: _WritingClient, now: datetime) -> ClientRequest:
        address, why = self._resolve_address(number, user, now)
        if address is None:
            return ClientRequest(now, number, None, why)
        if user.pending_read_id is not None:
            return self._read(number, user, address, now)
        write = user.pending_write = user.pending_write or self.ledger.record_write(number, now)
        write.attempts += 1
        response, why = self._send(address, self.script.write_request(write.number, number, now))
        if response is None or response.status >= _FIRST_UNSUCCESSFUL:
            return ClientRequest(now, number, None, why or f"{response.region if response else ''} refused: {response}")
        write.acknowledged_at, write.region, write.item_id = now, response.region, self.script.created_id(response)
        user.pending_write, user.pending_read_id = None, write.item_id
        return ClientRequest(now, number, response.region)

    def _read(self, number: int, user: _WritingClient, address: str, now: datetime) -> ClientRequest:
        response, why = self._send(address, self.script.read_request(user.pending_read_id or "", number, now))
        if response is None:
            return ClientRequest(now, number, None, why)
        if response.status == _NOT_FOUND:
            self.stale_reads += 1
        elif response.status >= _FIRST_UNSUCCESSFUL:
            return ClientRequest(now, number, None, f"{response.region} refused: {response.status}")
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
            # The first answers of different users age differently: spread them over the TTL.
            user.expires = now + (ttl if user.expires else ttl * (number + 1) / self.count)
        return user.answer.value, ""

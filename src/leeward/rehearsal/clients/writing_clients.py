"""Simulates clients that create an item, read it back, and repeat, through DNS, during a whole rehearsal.

A failed request is retried after `retry_interval`, with the same token, until it succeeds. No write is abandoned, and a
write whose response was lost must not create two items. Each request runs in its own task, so that a client that waits
for a response doesn't delay the others.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from leeward.rehearsal.clients.client_connection import ClientConnection, ClientNetwork
from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.clients.write_ledger import NumberedWrite, WriteLedger
from leeward.twin.internet.dns import NoDnsAnswer
from leeward.twin.internet.http import EndpointResponse, HttpRequest, Unreachable

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
    """One client: its connection, when its next request is due, and the write or read that it repeats until served."""

    connection: ClientConnection
    next_request_at: datetime
    is_waiting: bool = False
    pending_write: NumberedWrite | None = None
    pending_read_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Exchange:
    """What a client received for a request. Without a response, `failure_reason` says why."""

    response: EndpointResponse | None
    failure_reason: str
    ended_at: datetime


@dataclass
class WritingClients:
    """Clients that write and read. `nearest_regions` lists the Region nearest to each client's resolver.

    `start_task(action)` runs a request, which can wait: the application's own code runs in it.
    """

    script: RequestScript
    network: ClientNetwork
    start_task: Callable[[Callable[[], None]], object]
    nearest_regions: Sequence[str]
    ledger: WriteLedger
    request_interval: timedelta = timedelta(seconds=5)
    retry_interval: timedelta = timedelta(seconds=2)
    requests: list[ClientRequest] = field(default_factory=list)
    """The requests that have ended or whose failure is certain, in the order in which they were sent."""
    stale_reads: int = 0
    """The number of reads that reached a Region before the write was replicated to it."""
    runs_inline = True  # `send_requests` only starts tasks
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
        now = self.network.now()
        if not self._users:
            # Spread the clients over a write and a read. Otherwise, all would write and then all would read.
            spread = 2 * self.request_interval / self.count
            self._users = [
                _WritingClient(ClientConnection(self.network, number, self.count, region), now + spread * number)
                for number, region in enumerate(self.nearest_regions)
            ]
        for number, user in enumerate(self._users):
            if not user.is_waiting and now >= user.next_request_at:
                user.is_waiting = True
                self.start_task(partial(self._send_next_request, number, user))

    def _send_next_request(self, number: int, user: _WritingClient) -> None:
        sent_at = self.network.now()
        request = self._write_or_read(number, user, sent_at)
        user.is_waiting = False
        self._latest_requests[number] = request
        insort(self.requests, request, key=lambda r: r.at)
        if request.served_by:
            planned_at = max(user.next_request_at, sent_at - self.request_interval)
            user.next_request_at = planned_at + self.request_interval
        else:
            user.next_request_at = (request.ended_at or sent_at) + self.retry_interval

    def _write_or_read(self, number: int, user: _WritingClient, sent_at: datetime) -> ClientRequest:
        try:
            address = user.connection.find_address(sent_at)
        except NoDnsAnswer as error:
            return ClientRequest(sent_at, number, None, str(error))
        if user.pending_read_id is not None:
            return self._read(number, user, address, sent_at)
        return self._write(number, user, address, sent_at)

    def _write(self, number: int, user: _WritingClient, address: str, sent_at: datetime) -> ClientRequest:
        write = user.pending_write = user.pending_write or self.ledger.record_write(number, sent_at)
        write.attempts += 1
        exchange = self._send(user, address, self.script.write_request(write.number, number, sent_at), sent_at)
        response = exchange.response
        if response is None or response.status >= _FIRST_UNSUCCESSFUL:
            refusal = f"{response.region if response else ''} refused the write: {response}"
            return ClientRequest(sent_at, number, None, exchange.failure_reason or refusal, exchange.ended_at)
        write.acknowledged_at, write.region = self.network.now(), response.region
        write.item_id = self.script.created_id(response)
        user.pending_write, user.pending_read_id = None, write.item_id
        return ClientRequest(sent_at, number, response.region, ended_at=exchange.ended_at)

    def _read(self, number: int, user: _WritingClient, address: str, sent_at: datetime) -> ClientRequest:
        request = self.script.read_request(user.pending_read_id or "", number, sent_at)
        exchange = self._send(user, address, request, sent_at)
        response = exchange.response
        if response is None:
            return ClientRequest(sent_at, number, None, exchange.failure_reason, exchange.ended_at)
        if response.status == _NOT_FOUND:
            self.stale_reads += 1
        elif response.status >= _FIRST_UNSUCCESSFUL:
            refusal = f"{response.region} refused the read: {response.status}"
            return ClientRequest(sent_at, number, None, refusal, exchange.ended_at)
        user.pending_read_id = None
        return ClientRequest(sent_at, number, response.region, ended_at=exchange.ended_at)

    def _send(self, user: _WritingClient, address: str, request: HttpRequest, sent_at: datetime) -> _Exchange:
        try:
            response = self.network.internet.send(address, request)
        except Unreachable as error:
            user.connection.close()
            return _Exchange(None, str(error), sent_at + self.network.time_until_failure(error))
        now, gives_up_at = self.network.now(), sent_at + self.network.timeout
        if self.network.has_timeouts and now > gives_up_at:
            user.connection.close()
            reason = f"{response.region} did not answer within {self.network.timeout.total_seconds():g} s"
            return _Exchange(None, reason, gives_up_at)
        if response.status >= _FIRST_SERVER_ERROR:
            reason = f"{response.region} answered {response.status}: {response.body[:200]}"
            return _Exchange(None, reason, now)
        return _Exchange(response, "", now)

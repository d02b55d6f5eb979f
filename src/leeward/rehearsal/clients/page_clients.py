"""Simulates clients that request the application's pages through DNS, once a second, during a whole rehearsal.

Downtime, RTO, and traffic are measured from these requests. Each client has its own resolver and its own connection.
A DNS change therefore reaches the clients one after the other, as on the real internet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leeward.rehearsal.clients.client_connection import ClientConnection, ClientNetwork
from leeward.twin.internet.dns import NoDnsAnswer
from leeward.twin.internet.http import Unreachable
from leeward.twin.internet.web_servers import OK


@dataclass(frozen=True, slots=True)
class ExpectedPage:
    """The path of a page that clients request, and the text that the page must contain."""

    path: str
    contains: str


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """One request of a client.

    `served_by` is the Region that returned a successful response. It is None if the request failed, and
    `failure_reason` describes the failure. `at` is when the request was sent, and `ended_at` when it ended. A request
    without `ended_at` ended at once.
    """

    at: datetime
    client: int
    served_by: str | None
    failure_reason: str = ""
    ended_at: datetime | None = None


@dataclass(slots=True)
class _PageClient:
    connection: ClientConnection
    busy_until: datetime


@dataclass(frozen=True, slots=True)
class _PageResult:
    served_by: str | None
    failure_reason: str = ""
    wait: timedelta = timedelta()
    breaks_connection: bool = False


@dataclass
class PageClients:
    """`count` clients. Each call of `send_requests` makes every client request the next page in `checks`.

    A client that waits for a response sends no request. Successful responses arrive at once: their time is much shorter
    than the second between two requests.
    """

    checks: Sequence[ExpectedPage]
    network: ClientNetwork
    count: int = 5
    requests: list[ClientRequest] = field(default_factory=list)
    """All requests, in the order in which they were sent. A request that hangs is listed from its start."""
    request_interval = retry_interval = timedelta()  # a request with each call of `send_requests`
    runs_inline = True  # simulated servers return a page without running code that could wait
    _clients: list[_PageClient] = field(default_factory=list)
    _latest_requests: dict[int, ClientRequest] = field(default_factory=dict)
    _ticks: int = 0

    @property
    def latest_requests(self) -> list[ClientRequest]:
        """Return the latest request of each client."""
        return list(self._latest_requests.values())

    def send_requests(self) -> None:
        """Send one request from each client that isn't waiting for a response."""
        now = self.network.now()
        if not self._clients:
            connections = (ClientConnection(self.network, number, self.count) for number in range(self.count))
            self._clients = [_PageClient(connection, now) for connection in connections]
        check = self.checks[self._ticks % len(self.checks)]
        self._ticks += 1
        results: dict[str, _PageResult] = {}  # an address returns the same response to every client
        for number, client in enumerate(self._clients):
            if now >= client.busy_until:
                result = self._request_page(client.connection, check, now, results)
                client.busy_until = now + result.wait
                ended_at = client.busy_until if result.wait else None
                request = ClientRequest(now, number, result.served_by, result.failure_reason, ended_at)
                self.requests.append(request)
                self._latest_requests[number] = request

    def _request_page(
        self, connection: ClientConnection, check: ExpectedPage, now: datetime, results: dict[str, _PageResult]
    ) -> _PageResult:
        try:
            address = connection.find_address(now)
        except NoDnsAnswer as error:
            return _PageResult(None, str(error))
        if address not in results:
            results[address] = self._get_page(address, check)
        if results[address].breaks_connection:
            connection.close()
        return results[address]

    def _get_page(self, address: str, check: ExpectedPage) -> _PageResult:
        try:
            response = self.network.internet.get(address, check.path)
        except Unreachable as error:
            return _PageResult(None, str(error), self.network.time_until_failure(error), breaks_connection=True)
        if response.status != OK:
            return _PageResult(None, f"{response.region} answered {response.status}: {response.body}")
        if check.contains not in response.body:
            return _PageResult(None, f"{response.region} answered without {check.contains!r}")
        return _PageResult(response.region)

    def failed_requests(self) -> Iterator[ClientRequest]:
        """Return the requests that failed."""
        return (r for r in self.requests if r.served_by is None)

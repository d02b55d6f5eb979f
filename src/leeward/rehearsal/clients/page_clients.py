"""Simulates clients that request the application's pages through DNS, once a second, during a whole rehearsal.

Downtime, RTO, and traffic are measured from these requests. Each client has its own resolver, which caches an answer
for its TTL. A DNS change therefore reaches the clients one after the other, as on the real internet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leeward.twin.internet.dns import DnsAnswer, DnsResolver, NoDnsAnswer
from leeward.twin.internet.http import Internet, Unreachable
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
class _ResolverCache:
    answer: DnsAnswer | None = None
    expires: datetime | None = None


@dataclass
class PageClients:
    """`count` clients of `host`. Each call of `send_requests` makes every client request the next page in `checks`."""

    host: str
    checks: Sequence[ExpectedPage]
    dns: DnsResolver
    internet: Internet
    now: Callable[[], datetime]
    count: int = 5
    requests: list[ClientRequest] = field(default_factory=list)
    runs_inline = True  # simulated servers return a page without running code that could wait
    _resolvers: list[_ResolverCache] = field(default_factory=list)
    _ticks: int = 0

    @property
    def latest_requests(self) -> list[ClientRequest]:
        """Return the latest request of each client."""
        return self.requests[-self.count :]

    def send_requests(self) -> None:
        """Send one request from each client."""
        now = self.now()
        check = self.checks[self._ticks % len(self.checks)]
        self._ticks += 1
        responses: dict[str, tuple[str | None, str]] = {}  # an address returns the same response to every client
        for number in range(self.count):
            address, failure_reason = self._resolve_address(number, now)
            if address is None:
                self.requests.append(ClientRequest(now, number, None, failure_reason))
                continue
            if address not in responses:
                responses[address] = self._request_page(address, check)
            region, failure_reason = responses[address]
            self.requests.append(ClientRequest(now, number, region, failure_reason))

    def _resolve_address(self, number: int, now: datetime) -> tuple[str | None, str]:
        if len(self._resolvers) <= number:
            self._resolvers.append(_ResolverCache())
        cache = self._resolvers[number]
        if cache.answer is None or cache.expires is None or now >= cache.expires:
            try:
                cache.answer = self.dns.resolve(self.host)
            except NoDnsAnswer as error:
                return None, str(error)
            # Spread the first expiry of the clients' caches over the TTL, so that they don't all resolve at once.
            ttl = timedelta(seconds=cache.answer.ttl_seconds)
            cache.expires = now + (ttl if cache.expires else ttl * (number + 1) / self.count)
        return cache.answer.value, ""

    def _request_page(self, address: str, check: ExpectedPage) -> tuple[str | None, str]:
        try:
            response = self.internet.get(address, check.path)
        except Unreachable as error:
            return None, str(error)
        if response.status != OK:
            return None, f"{response.region} answered {response.status}: {response.body}"
        if check.contains not in response.body:
            return None, f"{response.region} answered without {check.contains!r}"
        return response.region, ""

    def failed_requests(self) -> Iterator[ClientRequest]:
        """Return the requests that failed."""
        return (r for r in self.requests if r.served_by is None)

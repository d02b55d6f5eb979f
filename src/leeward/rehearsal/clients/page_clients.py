"""Users who call the application through DNS, once a second, for the whole of a rehearsal.

Downtime, RTO and traffic are measured here, from where the users stand: each client has a resolver of its own that
keeps an answer for its TTL, so a change of DNS reaches the clients one after the other, as it does in the world.
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
    """A page that a user asks for and the text that it must hold."""

    path: str
    contains: str


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """One request. `served_by` is the Region that gave a good answer; None when it failed, and then `why` says how."""

    at: datetime
    client: int
    served_by: str | None
    failure_reason: str = ""


@dataclass(slots=True)
class _ResolverCache:
    answer: DnsAnswer | None = None
    expires: datetime | None = None


@dataclass
class PageClients:
    """`count` users of `host`; `tick` makes each of them ask for the next page."""

    host: str
    checks: Sequence[ExpectedPage]
    dns: DnsResolver
    internet: Internet
    now: Callable[[], datetime]
    count: int = 5
    requests: list[ClientRequest] = field(default_factory=list)
    runs_inline = True  # a page of the simulated machines is no code that could wait
    _resolvers: list[_ResolverCache] = field(default_factory=list)
    _ticks: int = 0

    @property
    def latest_requests(self) -> list[ClientRequest]:
        """Each user's latest request."""
        return self.requests[-self.count :]

    def send_requests(self) -> None:
        """One second of every client."""
        now = self.now()
        check = self.checks[self._ticks % len(self.checks)]
        self._ticks += 1
        seen: dict[str, tuple[str | None, str]] = {}  # what an address answers does not depend on who asks
        for number in range(self.count):
            address, why = self._resolve_address(number, now)
            if address is None:
                self.requests.append(ClientRequest(now, number, None, why))
                continue
            if address not in seen:
                seen[address] = self._request_page(address, check)
            region, why = seen[address]
            self.requests.append(ClientRequest(now, number, region, why))

    def _resolve_address(self, number: int, now: datetime) -> tuple[str | None, str]:
        if len(self._resolvers) <= number:
            self._resolvers.append(_ResolverCache())
        cache = self._resolvers[number]
        if cache.answer is None or cache.expires is None or now >= cache.expires:
            try:
                cache.answer = self.dns.resolve(self.host)
            except NoDnsAnswer as error:
                return None, str(error)
            # The first answers of different users age differently: spread them over the TTL.
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
        """The requests that got no good answer."""
        return (r for r in self.requests if r.served_by is None)

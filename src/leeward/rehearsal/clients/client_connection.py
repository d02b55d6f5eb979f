"""The network side of one simulated client: the DNS answers that it caches, and the connection that it keeps open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from leeward.twin.internet.dns import DnsAnswer, DnsResolver
from leeward.twin.internet.http import Internet, NoResponse, Unreachable
from leeward.twin.realism.realism_settings import Realism, RealismPart, SeededDraws

# Assumed: how long a client keeps a DNS answer beyond its TTL, in its resolver, operating system, or application. Of
# 8,524 measured resolvers, 8.74% extend the TTL (Bhowmick et al., "TTL Violation of DNS Resolvers in the Wild", PAM
# 2023). Applications have caches of their own, so one client in five is slow here.
_PROMPT_OVERRUN, _SLOW_OVERRUN = timedelta(seconds=5), timedelta(seconds=30)
_SLOW_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class ConnectionLifetime:
    """The shortest and the longest time for which an endpoint keeps the connection of a client open."""

    shortest: timedelta
    longest: timedelta


@dataclass(frozen=True, slots=True)
class ClientNetwork:
    """What all clients of `host` have in common. `timeout` is how long a client waits for a response."""

    host: str
    dns: DnsResolver
    internet: Internet
    now: Callable[[], datetime]
    lifetime: ConnectionLifetime
    timeout: timedelta
    realism: Realism
    draws: SeededDraws

    @property
    def has_timeouts(self) -> bool:
        """Return whether a client waits until its timeout when a Region doesn't respond."""
        return self.realism.has(RealismPart.REQUEST_TIMEOUTS)

    def time_until_failure(self, error: Unreachable) -> timedelta:
        """Return how long a client waits until a request fails with `error`."""
        return self.timeout if self.has_timeouts and isinstance(error, NoResponse) else timedelta()


class ClientConnection:
    """One client's cached DNS answer and open connection.

    A client sends its requests through its open connection, even after the DNS answer has expired. Call `close` when
    the connection breaks. An HTTP error response doesn't break it.
    """

    def __init__(self, network: ClientNetwork, number: int, count: int, nearest_region: str | None = None) -> None:
        """`number` is the number of the client among `count` clients, from 0 on."""
        self._network = network
        self._key = f"client {number}"
        self._nearest_region = nearest_region
        self._keeps_connections = network.realism.has(RealismPart.KEPT_CONNECTIONS)
        self._overruns = network.realism.has(RealismPart.RESOLVER_OVERRUN)
        # Clients have started at different times. Otherwise, they would all resolve the name at once.
        self._first_share = self._draw_share("first answer") if self._overruns else (number + 1) / count
        self._is_slow = self._overruns and network.draws.happens(f"{self._key} slow resolver", _SLOW_SHARE)
        self._overrun_share = self._draw_share("overrun") if self._overruns else 0.0
        self._answer: DnsAnswer | None = None
        self._answer_expires_at: datetime | None = None
        self._open_address: str | None = None
        self._closes_at: datetime | None = None

    def find_address(self, now: datetime) -> str:
        """Return the address that a request goes to: that of the open connection, or of a new one.

        Raises NoDnsAnswer.
        """
        if self._open_address is not None and self._closes_at is not None and now < self._closes_at:
            return self._open_address
        address = self._resolve(now)
        if self._keeps_connections:
            self._open_address, self._closes_at = address, now + self._draw_lifetime(is_first=self._closes_at is None)
        return address

    def close(self) -> None:
        """Close the connection. The next request opens a new one."""
        self._open_address = None

    def _resolve(self, now: datetime) -> str:
        if self._answer is None or self._answer_expires_at is None or now >= self._answer_expires_at:
            self._answer = self._network.dns.resolve(self._network.host, self._nearest_region)
            ttl = timedelta(seconds=self._answer.ttl_seconds)
            overrun = (longest_overrun(ttl) if self._is_slow else _PROMPT_OVERRUN) * self._overrun_share
            remaining = ttl if self._answer_expires_at else ttl * self._first_share
            self._answer_expires_at = now + remaining + overrun
        return self._answer.value

    def _draw_lifetime(self, *, is_first: bool) -> timedelta:
        lifetime = self._network.lifetime
        share = self._draw_share("lifetime")
        if is_first:  # the clients opened their first connections at different times before the simulation
            return lifetime.longest * share
        return lifetime.shortest + (lifetime.longest - lifetime.shortest) * share

    def _draw_share(self, topic: str) -> float:
        return self._network.draws.uniform(f"{self._key} {topic}", 0, 1)


def longest_overrun(ttl: timedelta) -> timedelta:
    """Return the longest time for which a client keeps a DNS answer beyond its TTL."""
    return max(_PROMPT_OVERRUN, min(_SLOW_OVERRUN, ttl))

"""Route 53's health checks: asked from outside, every so often; so many in a row turn them.

Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy": an endpoint is
asked every 10 or 30 seconds, is unhealthy after as many failures in a row as its threshold says, and healthy after as
many successes. On AWS several checkers ask, each in its own rhythm; here one does,
which is never quicker. A calculated check is healthy while enough of its children are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

_ENDPOINT_TYPES = ("HTTP", "HTTPS")
CALCULATED = "CALCULATED"


class Route53HealthCheck(Protocol):
    """The part of moto's `HealthCheck` that counts."""

    id: str
    type_: str
    fqdn: str | None
    resource_path: str | None
    request_interval: int | str
    failure_threshold: int | str
    health_threshold: int | str | None
    inverted: bool
    disabled: bool
    children: list[str] | None


@dataclass(slots=True)
class _EndpointHealth:
    """What is known of an endpoint. `streak` counts the answers in a row that speak against `healthy`."""

    next_check_at: datetime
    healthy: bool = True
    streak: int = 0


class HealthChecks:
    """`checks()` are those there are; `ask(host, path)` tells whether an endpoint answered with 2xx or 3xx; `other(id)`
    tells the state of a check of another type."""

    def __init__(
        self,
        checks: Callable[[], Iterable[Route53HealthCheck]],
        probe: Callable[[str, str], bool],
        other_check_state: Callable[[str], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._checks, self._probe, self._other_check_state, self._now = checks, probe, other_check_state, now
        self._endpoint_health: dict[str, _EndpointHealth] = {}

    def check_due_endpoints(self) -> None:
        """Ask every endpoint that is due."""
        now = self._now()
        for check in self._checks():
            if check.type_ not in _ENDPOINT_TYPES:
                continue
            judged = self._endpoint_health.setdefault(check.id, _EndpointHealth(now))
            if now < judged.next_check_at:
                continue
            judged.next_check_at = now + timedelta(seconds=int(check.request_interval))
            well = self._probe(check.fqdn or "", check.resource_path or "/")
            judged.streak = 0 if well == judged.healthy else judged.streak + 1
            if judged.streak >= int(check.failure_threshold):
                judged.healthy, judged.streak = well, 0

    def is_healthy(self, health_check_id: str) -> bool:
        """Its present state. A check that is disabled counts as healthy; an inverted one as what it is not."""
        check = next((c for c in self._checks() if c.id == health_check_id), None)
        if check is None:
            return self._other_check_state(health_check_id)
        if check.disabled:
            return not check.inverted
        if check.type_ in _ENDPOINT_TYPES:
            judged = self._endpoint_health.get(check.id)
            return (judged is None or judged.healthy) != check.inverted
        if check.type_ == CALCULATED:
            children = check.children or []
            well = sum(1 for child in children if self.is_healthy(child))
            return (well >= int(check.health_threshold or len(children))) != check.inverted
        return self._other_check_state(health_check_id)

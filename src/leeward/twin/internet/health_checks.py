"""Simulates Route 53's health checks, which probe endpoints from outside at intervals.

Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy": an endpoint is
probed every 10 or 30 seconds. It is unhealthy after as many failures in a row as its threshold says, and healthy after
as many successes. On AWS several checkers probe, each at its own interval. Here one does, which is never faster. A
calculated check is healthy while enough of its children are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

_ENDPOINT_TYPES = ("HTTP", "HTTPS")
CALCULATED = "CALCULATED"


class Route53HealthCheck(Protocol):
    """The part of moto's `HealthCheck` that matters here."""

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
    """The observed health of an endpoint. `streak` counts the consecutive probes that contradict `healthy`."""

    next_check_at: datetime
    healthy: bool = True
    streak: int = 0


class HealthChecks:
    """Probes endpoints and returns the state of health checks.

    `checks()` returns the existing checks. `probe(host, path)` returns whether an endpoint responded with 2xx or 3xx.
    `other_check_state(id)` returns the state of a check of another type.
    """

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
        """Probe every endpoint that is due."""
        now = self._now()
        for check in self._checks():
            if check.type_ not in _ENDPOINT_TYPES:
                continue
            endpoint = self._endpoint_health.setdefault(check.id, _EndpointHealth(now))
            if now < endpoint.next_check_at:
                continue
            endpoint.next_check_at = now + timedelta(seconds=int(check.request_interval))
            is_ok = self._probe(check.fqdn or "", check.resource_path or "/")
            endpoint.streak = 0 if is_ok == endpoint.healthy else endpoint.streak + 1
            if endpoint.streak >= int(check.failure_threshold):
                endpoint.healthy, endpoint.streak = is_ok, 0

    def is_healthy(self, health_check_id: str) -> bool:
        """Return whether the check is healthy now.

        A disabled check counts as healthy. An inverted check reverses its state.
        """
        check = next((c for c in self._checks() if c.id == health_check_id), None)
        if check is None:
            return self._other_check_state(health_check_id)
        if check.disabled:
            return not check.inverted
        if check.type_ in _ENDPOINT_TYPES:
            endpoint = self._endpoint_health.get(check.id)
            return (endpoint is None or endpoint.healthy) != check.inverted
        if check.type_ == CALCULATED:
            children = check.children or []
            healthy_children = sum(1 for child in children if self.is_healthy(child))
            return (healthy_children >= int(check.health_threshold or len(children))) != check.inverted
        return self._other_check_state(health_check_id)

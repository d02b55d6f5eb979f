"""Simulates Route 53's health checks, which probe endpoints from outside at intervals.

Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy": an endpoint is
unhealthy after as many failures in a row as its threshold says, and healthy after as many successes. Amazon Route 53
API Reference, HealthCheckConfig: the interval of 10 or 30 seconds is the time between the response to a probe and the
next probe. A calculated check is healthy while enough of its children are.

On AWS, many checkers probe an endpoint. It is healthy while more than 18% of them report it as healthy. Here, five
checkers probe, spread over the interval. So that the twin is never faster, an endpoint is unhealthy when all of them
report it as unhealthy, and healthy again when two of them (40%) report it as healthy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from leeward.twin.internet.health.health_check_timing import HealthCheckTiming

_ENDPOINT_TYPES = ("HTTP", "HTTPS")
CALCULATED = "CALCULATED"
# How many checkers must report an unhealthy endpoint as healthy.
_HEALTHY_CHECKERS = 2


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
class _Checker:
    """What one checker observes of an endpoint.

    `next_probe_at` is None during a probe. `streak` counts the consecutive probes that contradict `healthy`.
    """

    next_probe_at: datetime | None
    healthy: bool = True
    streak: int = 0

    def record(self, is_ok: bool, threshold: int) -> None:
        self.streak = 0 if is_ok == self.healthy else self.streak + 1
        if self.streak >= threshold:
            self.healthy, self.streak = is_ok, 0


@dataclass(slots=True)
class _EndpointHealth:
    """The status of an endpoint. DNS answers follow `healthy` from `published_at` on, and its opposite before."""

    checkers: list[_Checker]
    published_at: datetime
    healthy: bool = True

    def has_changed(self) -> bool:
        """Return whether the checkers' reports contradict the status."""
        healthy_checkers = sum(checker.healthy for checker in self.checkers)
        if self.healthy:
            return healthy_checkers == 0
        return healthy_checkers >= min(_HEALTHY_CHECKERS, len(self.checkers))


class HealthChecks:
    """Probes endpoints and returns the state of health checks.

    - `checks()` returns the existing checks.
    - `probe(host, path)` returns whether an endpoint responded in time with 2xx or 3xx. It may wait.
    - `start_task(action)` runs a probe. A slow probe must not delay the others.
    - `other_check_state(id)` returns the state of a check of another type.
    """

    def __init__(
        self,
        checks: Callable[[], Iterable[Route53HealthCheck]],
        probe: Callable[[str, str], bool],
        other_check_state: Callable[[str], bool],
        now: Callable[[], datetime],
        *,
        timing: HealthCheckTiming,
        start_task: Callable[[Callable[[], None]], object],
    ) -> None:
        self._checks, self._probe, self._other_check_state, self._now = checks, probe, other_check_state, now
        self._timing, self._start_task = timing, start_task
        self._endpoint_health: dict[str, _EndpointHealth] = {}

    def check_due_endpoints(self) -> None:
        """Start a probe of every endpoint that is due. Call this once per `CHECK_PERIOD`."""
        now = self._now()
        for check in self._checks():
            if check.type_ not in _ENDPOINT_TYPES:
                continue
            endpoint = self._endpoint_health.get(check.id) or self._add_endpoint(check)
            for checker in endpoint.checkers:
                if checker.next_probe_at is not None and now >= checker.next_probe_at:
                    checker.next_probe_at = None
                    self._start_task(partial(self._run_probe, check, endpoint, checker))

    def is_healthy(self, health_check_id: str) -> bool:
        """Return whether DNS answers treat the check as healthy now.

        A disabled check counts as healthy. An inverted check reverses its state.
        """
        check = next((c for c in self._checks() if c.id == health_check_id), None)
        if check is None:
            return self._other_check_state(health_check_id)
        if check.disabled:
            return not check.inverted
        if check.type_ in _ENDPOINT_TYPES:
            return self._is_endpoint_healthy(check.id) != check.inverted
        if check.type_ == CALCULATED:
            children = check.children or []
            healthy_children = sum(1 for child in children if self.is_healthy(child))
            return (healthy_children >= int(check.health_threshold or len(children))) != check.inverted
        return self._other_check_state(health_check_id)

    def _add_endpoint(self, check: Route53HealthCheck) -> _EndpointHealth:
        now = self._now()
        checkers = [_Checker(now + delay) for delay in self._timing.draw_first_delays(check.id, _interval(check))]
        endpoint = self._endpoint_health[check.id] = _EndpointHealth(checkers, published_at=now)
        return endpoint

    def _run_probe(self, check: Route53HealthCheck, endpoint: _EndpointHealth, checker: _Checker) -> None:
        is_ok = self._probe(check.fqdn or "", check.resource_path or "/")
        now = self._now()
        checker.next_probe_at = now + _interval(check)
        checker.record(is_ok, int(check.failure_threshold))
        if endpoint.has_changed():
            endpoint.healthy = not endpoint.healthy
            endpoint.published_at = now + self._timing.draw_publication_delay(check.id)

    def _is_endpoint_healthy(self, health_check_id: str) -> bool:
        endpoint = self._endpoint_health.get(health_check_id)
        if endpoint is None:
            return True  # Route 53 considers a new health check healthy
        return endpoint.healthy == (self._now() >= endpoint.published_at)


def _interval(check: Route53HealthCheck) -> timedelta:
    return timedelta(seconds=int(check.request_interval))

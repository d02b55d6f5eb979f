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

_ENDPOINT = ("HTTP", "HTTPS")
CALCULATED = "CALCULATED"


class Check(Protocol):
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
class _Judged:
    """What is known of an endpoint. `streak` counts the answers in a row that speak against `healthy`."""

    due: datetime
    healthy: bool = True
    streak: int = 0


class HealthChecks:
    """`checks()` are those there are; `ask(host, path)` tells whether an endpoint answered with 2xx or 3xx; `other(id)`
    tells the state of a check of another type."""

    def __init__(
        self,
        checks: Callable[[], Iterable[Check]],
        ask: Callable[[str, str], bool],
        other: Callable[[str], bool],
        now: Callable[[], datetime],
    ) -> None:
        self._checks, self._ask, self._other, self._now = checks, ask, other, now
        self._judged: dict[str, _Judged] = {}

    def tick(self) -> None:
        """Ask every endpoint that is due."""
        now = self._now()
        for check in self._checks():
            if check.type_ not in _ENDPOINT:
                continue
            judged = self._judged.setdefault(check.id, _Judged(now))
            if now < judged.due:
                continue
            judged.due = now + timedelta(seconds=int(check.request_interval))
            well = self._ask(check.fqdn or "", check.resource_path or "/")
            judged.streak = 0 if well == judged.healthy else judged.streak + 1
            if judged.streak >= int(check.failure_threshold):
                judged.healthy, judged.streak = well, 0

    def healthy(self, health_check_id: str) -> bool:
        """Its present state. A check that is disabled counts as healthy; an inverted one as what it is not."""
        check = next((c for c in self._checks() if c.id == health_check_id), None)
        if check is None:
            return self._other(health_check_id)
        if check.disabled:
            return not check.inverted
        if check.type_ in _ENDPOINT:
            judged = self._judged.get(check.id)
            return (judged is None or judged.healthy) != check.inverted
        if check.type_ == CALCULATED:
            children = check.children or []
            well = sum(1 for child in children if self.healthy(child))
            return (well >= int(check.health_threshold or len(children))) != check.inverted
        return self._other(health_check_id)

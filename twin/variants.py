"""The same incident under every variant of an application's routing: what its users see when nobody does anything.

Each variant is held against its own bound: how long health checks may take to see a dead Region, how long resolvers may
keep an answer, and one more try of the user.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from state_machines.components import RestApi, Traffic
from state_machines.documents.application import Application, VariantName
from state_machines.tree import Ready, ready_runbooks
from twin.committed import CannotRehearse
from twin.errors import TwinError
from twin.internet.clients import Request
from twin.internet.writers import Writers
from twin.library import DEFAULT_SCENARIO, refuse_strangers, scenario_of, world_of
from twin.measure import downtime
from twin.report import WritesReport
from twin.stage import Stage
from twin.written import writes_report

# The users are watched for so long beyond the bound, so that one who comes late is seen.
_BEYOND = timedelta(minutes=1)
# The simulation goes by seconds, and a user may come to it just after one.
_TICK = timedelta(seconds=1)


class VariantReport(BaseModel):
    """One variant, in one incident. Seconds. `measured` is from the incident until the last user was served again,
    `downtime` counts those in which some user's request failed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    variant: str
    choose: str
    depends_on: str
    detection_seconds: float
    ttl_seconds: float
    retry_seconds: float
    measured_seconds: float
    downtime_seconds: float
    requests: int
    failed: int
    writes: WritesReport

    @property
    def bound_seconds(self) -> float:
        """Interval x threshold, TTL, one retry."""
        return self.detection_seconds + self.ttl_seconds + self.retry_seconds

    @property
    def held(self) -> bool:
        """The measured time is within the bound, and no write became two."""
        return self.measured_seconds <= self.bound_seconds and not self.writes.duplicated


class Variants(BaseModel):
    """Every variant of one application's routing, in the same incident with the same seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    application: str
    scenario: str
    seed: int
    users: int
    variants: list[VariantReport]

    @property
    def passed(self) -> bool:
        """Every variant is within its bound."""
        return all(variant.held for variant in self.variants)


def rehearse_variants(
    root: Path,
    application: str,
    *,
    scenario: str | None = None,
    seed: int = 7,
    users: int | None = None,
    on_variant: Callable[[str], None] | None = None,
) -> Variants:
    """Play the scenario once for each variant; nobody starts a runbook. `users` overrides how many there are.

    `on_variant` is told each variant's name as it begins. Raises CannotRehearse, LookupError and InvalidDocuments.
    """
    readies = [r for r in ready_runbooks(root / "runbooks") if r.application.application == application]
    if not readies or readies[0].application.routing is None:
        raise CannotRehearse(f"{application} has no choice of routing: there is nothing to compare")
    ready, workloads = readies[0], root / "workloads"
    chosen = scenario_of(workloads, application, scenario or DEFAULT_SCENARIO)
    refuse_strangers(ready.application, chosen)
    told = world_of(workloads, application)
    if users is not None:
        told = told.model_copy(update={"users": told.users.model_copy(update={"count": users})})
    found = []
    try:
        for variant in readies[0].application.routing.variants:
            if on_variant is not None:
                on_variant(variant)
            with Stage(ready, told, chosen, seed, variant=variant) as stage:
                found.append(_watch(stage, ready, variant))
    except TwinError as error:
        raise CannotRehearse(f"the twin could not go on: {error}") from error
    return Variants(
        application=application, scenario=chosen.scenario, seed=seed, users=told.users.count, variants=found
    )


def _watch(stage: Stage, ready: Ready, variant: VariantName) -> VariantReport:
    application, clients = ready.application, stage.world.clients
    if not isinstance(clients, Writers) or application.routing is None:
        raise CannotRehearse(f"{application.application} has no users who write, whose writes could be counted")
    component, api = _component(application, application.routing.variants[variant].component)
    ttl = getattr(component, "ttl", None) or timedelta()
    retry = clients.retry + _TICK
    stage.wait_until(stage.incident_at + api.health.detection + ttl + retry + _BEYOND)
    seen = [request for request in clients.requests if request.at >= stage.incident_at]
    writes = writes_report(stage, stage.incident_at)
    if writes is None:
        raise CannotRehearse(f"{application.application} has no table whose writes could be counted")
    return VariantReport(
        variant=variant,
        choose=application.routing.variants[variant].choose,
        depends_on=application.routing.variants[variant].depends_on,
        detection_seconds=api.health.detection.total_seconds(),
        ttl_seconds=ttl.total_seconds(),
        retry_seconds=retry.total_seconds(),
        measured_seconds=_until_all_served(seen, stage.incident_at),
        downtime_seconds=downtime(seen).total_seconds(),
        requests=len(seen),
        failed=sum(1 for request in seen if request.served_by is None),
        writes=writes,
    )


def _component(application: Application, name: str) -> tuple[Traffic, RestApi]:
    component = application.components[name]
    health = getattr(component, "health", None)
    if health is None:
        raise CannotRehearse(f"{name} follows no health checks: without a runbook its users would stay where they are")
    return component, application.component(health, RestApi)  # type: ignore[return-value]  # validated: it is traffic


def _until_all_served(seen: list[Request], since: datetime) -> float:
    """Seconds from `since` until the last user whose request had failed was served; 0 where none failed. A user who is
    not served by the end counts as the whole time."""
    failing: set[int] = set()
    last = 0.0
    for request in seen:
        if request.served_by is None:
            failing.add(request.client)
        elif request.client in failing:
            failing.discard(request.client)
            last = (request.at - since).total_seconds()
    if failing:
        return (seen[-1].at - since).total_seconds() + 1
    return last

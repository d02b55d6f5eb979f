"""The same incidents under every variant of an application's routing: what its users see when nobody does anything.

Each is held against its variant's own bound: how long health checks may take to see that a Region is to be left, how
long resolvers may keep an answer, and one more try of the user.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from leeward.state_machines.components import RestApi, Traffic
from leeward.state_machines.documents.application import Application, VariantName
from leeward.state_machines.tree import Ready, ready_runbooks
from leeward.twin.committed import CannotRehearse
from leeward.twin.engine import keep_parsed_in
from leeward.twin.errors import TwinError
from leeward.twin.internet.clients import Request
from leeward.twin.internet.writers import Writers
from leeward.twin.library import incidents_of, refuse_strangers, scenario_of, world_of
from leeward.twin.measure import downtime
from leeward.twin.report import WritesReport
from leeward.twin.stage import Stage
from leeward.twin.world.documents import Scenario
from leeward.twin.written import writes_report

# The users are watched for so long beyond the bound, so that one who comes late is seen.
_BEYOND = timedelta(seconds=30)
# The simulation goes by seconds, and a user may come to it just after one.
_TICK = timedelta(seconds=1)


class VariantReport(BaseModel):
    """One variant, in one incident. Seconds. `measured` is from the incident until the last user had left the struck
    Region: was served by another one, or would be at the next request. `downtime` counts the seconds in which some
    user's request failed, and `lag` is that of replication."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: str
    variant: str
    choose: str
    depends_on: str
    detection_seconds: float
    ttl_seconds: float
    retry_seconds: float
    lag_seconds: float
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
        """The measured time is within the bound, no write became two, and what is lost was on its way."""
        on_its_way = all(0 <= lost.before_incident_seconds <= self.lag_seconds for lost in self.writes.lost)
        return self.measured_seconds <= self.bound_seconds and not self.writes.duplicated and on_its_way


class Variants(BaseModel):
    """Every variant of one application's routing, in the same incidents with the same seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    application: str
    scenarios: list[str]
    seed: int
    users: int
    variants: list[VariantReport]

    @property
    def passed(self) -> bool:
        """Every variant is within its bound, in every incident."""
        return all(variant.held for variant in self.variants)


def rehearse_variants(
    root: Path,
    application: str,
    *,
    scenario: str | None = None,
    seed: int = 7,
    users: int | None = None,
    on_variant: Callable[[str, str], None] | None = None,
) -> Variants:
    """Play the scenario once for each variant; nobody starts a runbook. Without a scenario, every one of the
    application in which all that goes wrong goes wrong at the incident. `users` overrides how many there are.

    `on_variant` is told the scenario's and the variant's name as each begins. Raises CannotRehearse, LookupError and
    InvalidDocuments.
    """
    keep_parsed_in(root / "build" / "parsed")
    readies = [r for r in ready_runbooks(root / "runbooks") if r.application.application == application]
    if not readies or readies[0].application.routing is None:
        raise CannotRehearse(f"{application} has no choice of routing: there is nothing to compare")
    ready, workloads = readies[0], root / "workloads"
    chosen = [scenario_of(workloads, application, scenario)] if scenario else incidents_of(workloads, application)
    for each in chosen:
        refuse_strangers(ready.application, each)
    told = world_of(workloads, application)
    if users is not None:
        told = told.model_copy(update={"users": told.users.model_copy(update={"count": users})})
    found = []
    try:
        for each in chosen:
            for variant in readies[0].application.routing.variants:
                if on_variant is not None:
                    on_variant(each.scenario, variant)
                with Stage(ready, told, each, seed, variant=variant) as stage:
                    found.append(_watch(stage, ready, variant))
    except TwinError as error:
        raise CannotRehearse(f"the twin could not go on: {error}") from error
    names = [each.scenario for each in chosen]
    return Variants(application=application, scenarios=names, seed=seed, users=told.users.count, variants=found)


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
        scenario=stage.scenario.scenario,
        variant=variant,
        choose=application.routing.variants[variant].choose,
        depends_on=application.routing.variants[variant].depends_on,
        detection_seconds=api.health.detection.total_seconds(),
        ttl_seconds=ttl.total_seconds(),
        retry_seconds=retry.total_seconds(),
        lag_seconds=stage.world.tables.slowest,
        measured_seconds=until_all_left(seen, _struck(stage.scenario), stage.incident_at),
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


def _struck(scenario: Scenario) -> set[str]:
    """The Regions that are to be left."""
    named = {getattr(fault, "region", None) for fault in scenario.faults} | {scenario.incident.dark}
    return {region for region in named if region is not None}


def until_all_left(seen: list[Request], struck: set[str], since: datetime) -> float:
    """Seconds from `since` until the last user was served by another Region: a user whose request failed, from when the
    next one did not; a user whom a struck Region still served, until the last time that it did. A user who has not left
    by the end counts as the whole time. 0 where none had to leave."""
    failing: dict[int, bool] = {}  # users who have not left; True where their latest request failed
    last = 0.0
    for request in seen:
        passed = (request.at - since).total_seconds()
        if request.served_by is None or request.served_by in struck:
            failing[request.client] = request.served_by is None
            last = passed
        elif failing.pop(request.client, False):
            last = passed
    return (seen[-1].at - since).total_seconds() + 1 if failing else last

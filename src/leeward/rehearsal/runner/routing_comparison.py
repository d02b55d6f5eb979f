"""The same incidents under every variant of an application's routing: what its users see when nobody does anything.

Each is held against its variant's own bound: how long health checks may take to see that a Region is to be left, how
long resolvers may keep an answer, and one more try of the user.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from leeward.rehearsal.assessment.write_audit import audit_writes
from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.clients.request_metrics import downtime
from leeward.rehearsal.clients.writing_clients import WritingClients
from leeward.rehearsal.results.result_models import WritesReport
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse
from leeward.rehearsal.scenarios.scenario_documents import Scenario
from leeward.rehearsal.scenarios.scenario_loader import (
    check_scenario_names,
    load_incident_scenarios,
    load_scenario,
    load_world_document,
)
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.state_machines.application.application_document import Application, VariantName
from leeward.state_machines.build import BuiltRunbook, build_runbooks
from leeward.state_machines.components import RestApiComponent, TrafficComponent
from leeward.twin.engine import cache_definitions_in
from leeward.twin.errors import TwinError

# The users are watched for so long beyond the bound, so that one who comes late is seen.
_OBSERVATION_MARGIN = timedelta(seconds=30)
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
    def is_within_bound(self) -> bool:
        """The measured time is within the bound, no write became two, and what is lost was on its way."""
        on_its_way = all(0 <= lost.before_incident_seconds <= self.lag_seconds for lost in self.writes.lost)
        return self.measured_seconds <= self.bound_seconds and not self.writes.duplicated and on_its_way


class VariantComparison(BaseModel):
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
        return all(variant.is_within_bound for variant in self.variants)


def compare_routing_variants(
    root: Path,
    application: str,
    *,
    scenario: str | None = None,
    seed: int = 7,
    users: int | None = None,
    on_variant: Callable[[str, str], None] | None = None,
) -> VariantComparison:
    """Play the scenario once for each variant; nobody starts a runbook. Without a scenario, every one of the
    application in which all that goes wrong goes wrong at the incident. `users` overrides how many there are.

    `on_variant` is told the scenario's and the variant's name as each begins. Raises CannotRehearse, LookupError and
    InvalidDocuments.
    """
    cache_definitions_in(root / "build" / "parsed")
    readies = [r for r in build_runbooks(root / "runbooks") if r.application.application == application]
    if not readies or readies[0].application.routing is None:
        raise CannotRehearse(f"{application} has no choice of routing: there is nothing to compare")
    ready, workloads = readies[0], root / "workloads"
    chosen = (
        [load_scenario(workloads, application, scenario)]
        if scenario
        else load_incident_scenarios(workloads, application)
    )
    for each in chosen:
        check_scenario_names(ready.application, each)
    told = load_world_document(workloads, application)
    if users is not None:
        told = told.model_copy(update={"users": told.users.model_copy(update={"count": users})})
    found = []
    try:
        for each in chosen:
            for variant in readies[0].application.routing.variants:
                if on_variant is not None:
                    on_variant(each.scenario, variant)
                with RehearsalSession(ready, told, each, seed, variant=variant) as stage:
                    found.append(_measure_variant(stage, ready, variant))
    except TwinError as error:
        raise CannotRehearse(f"the twin could not go on: {error}") from error
    names = [each.scenario for each in chosen]
    return VariantComparison(
        application=application, scenarios=names, seed=seed, users=told.users.count, variants=found
    )


def _measure_variant(session: RehearsalSession, ready: BuiltRunbook, variant: VariantName) -> VariantReport:
    application, clients = ready.application, session.world.clients
    if not isinstance(clients, WritingClients) or application.routing is None:
        raise CannotRehearse(f"{application.application} has no users who write, whose writes could be counted")
    component, api = _routing_component(application, application.routing.variants[variant].component)
    ttl = getattr(component, "ttl", None) or timedelta()
    retry = clients.retry_interval + _TICK
    session.wait_until(session.incident_at + api.health.detection_time + ttl + retry + _OBSERVATION_MARGIN)
    seen = [request for request in clients.requests if request.at >= session.incident_at]
    writes = audit_writes(session, session.incident_at)
    if writes is None:
        raise CannotRehearse(f"{application.application} has no table whose writes could be counted")
    return VariantReport(
        scenario=session.scenario.scenario,
        variant=variant,
        choose=application.routing.variants[variant].choose,
        depends_on=application.routing.variants[variant].depends_on,
        detection_seconds=api.health.detection_time.total_seconds(),
        ttl_seconds=ttl.total_seconds(),
        retry_seconds=retry.total_seconds(),
        lag_seconds=session.world.tables.slowest_lag,
        measured_seconds=seconds_until_all_left(seen, _affected_regions(session.scenario), session.incident_at),
        downtime_seconds=downtime(seen).total_seconds(),
        requests=len(seen),
        failed=sum(1 for request in seen if request.served_by is None),
        writes=writes,
    )


def _routing_component(application: Application, name: str) -> tuple[TrafficComponent, RestApiComponent]:
    component = application.components[name]
    health = getattr(component, "health", None)
    if health is None:
        raise CannotRehearse(f"{name} follows no health checks: without a runbook its users would stay where they are")
    return component, application.component(health, RestApiComponent)  # type: ignore[return-value]  # validated: it is traffic


def _affected_regions(scenario: Scenario) -> set[str]:
    """The Regions that are to be left."""
    named = {getattr(fault, "region", None) for fault in scenario.faults} | {scenario.incident.dark}
    return {region for region in named if region is not None}


def seconds_until_all_left(requests: list[ClientRequest], affected_regions: set[str], since: datetime) -> float:
    """Seconds from `since` until the last user was served by another Region: a user whose request failed, from when the
    next one did not; a user whom a struck Region still served, until the last time that it did. A user who has not left
    by the end counts as the whole time. 0 where none had to leave."""
    failing: dict[int, bool] = {}  # users who have not left; True where their latest request failed
    last = 0.0
    for request in requests:
        passed = (request.at - since).total_seconds()
        if request.served_by is None or request.served_by in affected_regions:
            failing[request.client] = request.served_by is None
            last = passed
        elif failing.pop(request.client, False):
            last = passed
    return (requests[-1].at - since).total_seconds() + 1 if failing else last

"""Compares an application's routing variants: measures how long users are affected in each incident without a runbook.

Each measurement is compared with the bound of its variant. It is the sum of the longest times that the simulation can
draw: the detection by the health checks, the TTL of the DNS record and how long clients keep an answer beyond it, the
lifetime of an open connection, the timeout of a request, and one retry.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from leeward.rehearsal.assessment.write_audit import audit_writes
from leeward.rehearsal.clients.request_metrics import downtime, requests_since, seconds_until_all_left
from leeward.rehearsal.clients.writing_clients import WritingClients
from leeward.rehearsal.incidents.service_failures import list_affected_regions
from leeward.rehearsal.results.result_models import WritesReport
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse
from leeward.rehearsal.scenarios.scenario_loader import (
    check_scenario_names,
    load_incident_scenarios,
    load_scenario,
    load_world_document,
)
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.worlds.users.reaction_time import longest_reaction
from leeward.state_machines.application.application_document import Application, VariantName
from leeward.state_machines.build import BuiltRunbook, build_runbooks
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.twin.engine import cache_definitions_in
from leeward.twin.errors import TwinError
from leeward.twin.internet.health.health_check_timing import longest_detection

# Users are observed beyond the bound, so that a user who moves too late is noticed.
_OBSERVATION_MARGIN = timedelta(seconds=30)


class VariantReport(BaseModel):
    """The result of one variant in one incident.

    - `measured_seconds`: the time from the incident until the last user had left the affected Region. A user has left
      when another Region serves them, or will serve their next request.
    - `detection_seconds`: the longest time from a failure until DNS answers follow the health checks.
    - `overrun_seconds`: the longest time for which a client keeps a DNS answer beyond its TTL.
    - `connection_seconds`: the longest lifetime of a client's connection to the Region that its DNS answer named.
    - `timeout_seconds` and `retry_seconds`: how long a user waits for a response, and then until the next request.
    - `downtime_seconds`: how long at least one user was without service.
    - `lag_seconds`: the replication lag.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    scenario: str
    variant: str
    choose: str
    depends_on: str
    detection_seconds: float
    ttl_seconds: float
    overrun_seconds: float
    connection_seconds: float
    timeout_seconds: float
    retry_seconds: float
    lag_seconds: float
    measured_seconds: float
    downtime_seconds: float
    requests: int
    failed: int
    writes: WritesReport

    @property
    def bound_seconds(self) -> float:
        """Return the bound in seconds, the sum of `bound_parts`."""
        return sum(self.bound_parts)

    @property
    def bound_parts(self) -> tuple[float, ...]:
        """Return the terms of the bound in seconds, in the order in which they pass."""
        return (
            self.detection_seconds,
            self.ttl_seconds,
            self.overrun_seconds,
            self.connection_seconds,
            self.timeout_seconds,
            self.retry_seconds,
        )

    @property
    def is_within_bound(self) -> bool:
        """Return whether the time is within the bound, no write was duplicated, and all lost writes were in transit."""
        on_its_way = all(0 <= lost.before_incident_seconds <= self.lag_seconds for lost in self.writes.lost)
        return self.measured_seconds <= self.bound_seconds and not self.writes.duplicated and on_its_way


class VariantComparison(BaseModel):
    """The results of all routing variants of an application, in the same incidents and with the same seed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    application: str
    scenarios: list[str]
    seed: int
    users: int
    variants: list[VariantReport]

    @property
    def passed(self) -> bool:
        """Return whether every variant is within its bound in every incident."""
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
    """Simulate the scenario once with each variant and without starting a runbook.

    Without `scenario`, this function uses every scenario of the application whose faults all start at the incident.
    `users` overrides the number of users. `on_variant` is called with the names of the scenario and the variant before
    each simulation.

    Raises CannotRehearse when the application has nothing to compare or the simulation stops, LookupError when the
    scenario doesn't exist, and InvalidDocuments when a document has an error.
    """
    cache_definitions_in(root / "build" / "parsed")
    readies = [r for r in build_runbooks(root / "runbooks") if r.application.application == application]
    if not readies or readies[0].application.routing is None:
        raise CannotRehearse(f"{application} has no routing variants to compare")
    ready, workloads = readies[0], root / "workloads"
    scenarios = (
        [load_scenario(workloads, application, scenario)]
        if scenario
        else load_incident_scenarios(workloads, application)
    )
    for each in scenarios:
        check_scenario_names(ready.application, each)
    world_document = load_world_document(workloads, application)
    if users is not None:
        world_document = world_document.model_copy(
            update={"users": world_document.users.model_copy(update={"count": users})}
        )
    reports = []
    try:
        for each in scenarios:
            for variant in readies[0].application.routing.variants:
                if on_variant is not None:
                    on_variant(each.scenario, variant)
                with RehearsalSession(ready, world_document, each, seed, variant=variant) as session:
                    reports.append(_measure_variant(session, ready, variant))
    except TwinError as error:
        raise CannotRehearse(f"the simulation stopped: {error}") from error
    names = [each.scenario for each in scenarios]
    return VariantComparison(
        application=application, scenarios=names, seed=seed, users=world_document.users.count, variants=reports
    )


def _measure_variant(session: RehearsalSession, ready: BuiltRunbook, variant: VariantName) -> VariantReport:
    application, clients = ready.application, session.world.clients
    if not isinstance(clients, WritingClients) or application.routing is None:
        raise CannotRehearse(f"{application.application} has no clients that write, so there are no writes to count")
    api = _checked_api(application, application.routing.variants[variant].component)
    detection = longest_detection(timedelta(seconds=api.health.interval_seconds), api.health.threshold)
    reaction = longest_reaction(clients)
    session.wait_until(session.incident_at + detection + reaction.total + _OBSERVATION_MARGIN)
    requests_since_incident = requests_since(clients.requests, session.incident_at)
    writes = audit_writes(session, session.incident_at)
    if writes is None:
        raise CannotRehearse(f"{application.application} has no global table, so there are no writes to count")
    return VariantReport(
        scenario=session.scenario.scenario,
        variant=variant,
        choose=application.routing.variants[variant].choose,
        depends_on=application.routing.variants[variant].depends_on,
        detection_seconds=detection.total_seconds(),
        ttl_seconds=reaction.ttl.total_seconds(),
        overrun_seconds=reaction.overrun.total_seconds(),
        connection_seconds=reaction.connection.total_seconds(),
        timeout_seconds=reaction.timeout.total_seconds(),
        retry_seconds=reaction.retry.total_seconds(),
        lag_seconds=session.world.tables.slowest_lag,
        measured_seconds=seconds_until_all_left(
            requests_since_incident, list_affected_regions(session.scenario, application), session.incident_at
        ),
        downtime_seconds=downtime(
            requests_since_incident, since=session.incident_at, until=session.engine.clock.now()
        ).total_seconds(),
        requests=len(requests_since_incident),
        failed=sum(1 for request in requests_since_incident if request.served_by is None),
        writes=writes,
    )


def _checked_api(application: Application, name: str) -> RestApiComponent:
    """Return the API whose health checks the routing component `name` follows."""
    health = getattr(application.components[name], "health", None)
    if health is None:
        raise CannotRehearse(f"{name} has no health check, so its users do not move without a runbook")
    return application.component(health, RestApiComponent)

"""Starts incidents in a served world on demand: Region outages and the faults of scenario documents."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from leeward.rehearsal.incidents.scenario_schedule import schedule_scenario
from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.scenarios.aws_faults.fault_targets import find_target_problem
from leeward.rehearsal.worlds.world_builder import World
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.twin.interception import RegionOutage


class InvalidIncident(Exception):
    """Raised when an incident or fault isn't valid for this world. `remedy` says what is valid."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


def check_region(application: Application, region: str) -> None:
    """Raise InvalidIncident if the application has no resources in the Region."""
    known = {*application.regions.both, *_endpoint_regions(application)}
    if region not in known:
        raise InvalidIncident(f"{region} is not a Region of this world", f"its Regions are: {', '.join(sorted(known))}")


def check_fault(application: Application, fault: scenario_documents.ScenarioFault) -> None:
    """Raise InvalidIncident if the fault affects something that the application doesn't have."""
    target = find_target_problem(application, fault)
    if target is not None:
        raise InvalidIncident(target.problem, target.fix)
    groups = [name for name, _ in application.components_of_kind(ServerGroupComponent)]
    regions = _endpoint_regions(application)
    match fault:
        case scenario_documents.LaunchFails() | scenario_documents.ReplicationLags() if fault.group not in groups:
            raise InvalidIncident(f"there is no server group {fault.group}", f"the groups are: {', '.join(groups)}")
        case scenario_documents.EndpointDown() if fault.region not in regions:
            known = ", ".join(regions) or "no Region"
            raise InvalidIncident(
                f"there is no cluster endpoint in {fault.region}", f"Regions with an endpoint: {known}"
            )


def check_scenario(application: Application, scenario: scenario_documents.Scenario) -> None:
    """Raise InvalidIncident if the scenario isn't valid for the application."""
    for fault in scenario.faults:
        check_fault(application, fault)
    if scenario.incident.dark is not None:
        check_region(application, scenario.incident.dark)


def _endpoint_regions(application: Application) -> list[str]:
    return [
        region
        for _, component in application.components_of_kind(RoutingControlsComponent)
        for region in component.endpoints
    ]


class OnDemandIncidents:
    """Starts and ends incidents in one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._outages: dict[str, RegionOutage] = {}

    def start_outage(self, region: str, black_hole: timedelta | None = None) -> None:
        """Make `region` unavailable from now on, and stop the replication from it.

        `black_hole` is how long a call to the Region hangs before it fails. See `ScenarioIncident`. Raises
        InvalidIncident when the Region doesn't exist or already has an outage.
        """
        check_region(self._world.application, region)
        if region in self._outages:
            raise InvalidIncident(f"{region} already has an outage", f'end it first: {{"light": "{region}"}}')
        world = self._world
        now = world.engine.clock.now()
        self._outages[region] = world.engine.interceptor.schedule_outage(region, now, black_hole=black_hole)
        world.drs.lose_origin_region(region)

    def end_outage(self, region: str) -> None:
        """End the outage of `region`. Its servers' replication rescans.

        Raises InvalidIncident when the Region doesn't exist or has no outage.
        """
        check_region(self._world.application, region)
        outage = self._outages.pop(region, None)
        if outage is None:
            raise InvalidIncident(
                f"{region} has no outage", f"Regions with an outage: {', '.join(sorted(self._outages)) or 'none'}"
            )
        outage.end = self._world.engine.clock.now()
        self._world.drs.restore_origin_region(region)
        self._world.tables.deliver_pending()

    def inject_fault(self, fault: scenario_documents.ScenarioFault) -> None:
        """Inject a fault of a scenario document. Its times count from now. Raises InvalidIncident."""
        check_fault(self._world.application, fault)
        incident = scenario_documents.ScenarioIncident(at=timedelta(seconds=1))
        schedule_scenario(
            self._world, scenario_documents.Scenario(scenario="on demand", incident=incident, faults=[fault])
        )

    def schedule_scenario(self, scenario: scenario_documents.Scenario) -> None:
        """Schedule the incident and the faults of a scenario. The scenario's start and operator aren't used."""
        for fault in scenario.faults:
            self.inject_fault(fault)
        incident = scenario.incident
        if incident.dark is not None:
            start_outage = partial(self._start_scheduled_outage, incident.dark, incident.black_hole)
            self._world.engine.clock.call_later(incident.at.total_seconds(), start_outage, name="incident")

    def _start_scheduled_outage(self, region: str, black_hole: timedelta | None) -> None:
        if region not in self._outages:  # a client may have started the outage earlier
            self.start_outage(region, black_hole)

"""What goes wrong on demand: Regions that go dark and come back, and the faults of scenario documents."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from leeward.rehearsal.incidents.scenario_schedule import schedule_scenario
from leeward.rehearsal.scenarios import scenario_documents
from leeward.rehearsal.worlds.world_builder import World
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components import RoutingControlsComponent, ServerGroupComponent
from leeward.twin.interception import RegionOutage


class InvalidIncident(Exception):
    """The incident or the fault does not fit this world; the text says why, `mend` what would fit."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


def check_region(application: Application, region: str) -> None:
    """Raises Unfit for a Region in which the application has nothing."""
    known = {*application.regions.both, *_endpoint_regions(application)}
    if region not in known:
        raise InvalidIncident(f"{region} is not a Region of this world", f"the Regions are: {', '.join(sorted(known))}")


def check_fault(application: Application, fault: scenario_documents.ScenarioFault) -> None:
    """Raises Unfit for a fault of what the application does not have."""
    groups = [name for name, _ in application.components_of_kind(ServerGroupComponent)]
    regions = _endpoint_regions(application)
    match fault:
        case scenario_documents.LaunchFails() | scenario_documents.ReplicationLags() if fault.group not in groups:
            raise InvalidIncident(f"there is no group of servers {fault.group}", f"there are: {', '.join(groups)}")
        case scenario_documents.EndpointDown() if fault.region not in regions:
            where = ", ".join(regions) or "nowhere"
            raise InvalidIncident(f"there is no cluster endpoint in {fault.region}", f"there are endpoints in: {where}")


def check_scenario(application: Application, scenario: scenario_documents.Scenario) -> None:
    """Raises Unfit for a scenario of another application's."""
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
    """Strikes one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._outages: dict[str, RegionOutage] = {}

    def start_outage(self, region: str, black_hole: timedelta = timedelta(0)) -> None:
        """`region` answers nothing from now on, and what replicates from it is no longer heard. Raises Unfit."""
        check_region(self._world.application, region)
        if region in self._outages:
            raise InvalidIncident(f"{region} is dark already", f'bring it back first: {{"light": "{region}"}}')
        world = self._world
        now = world.engine.clock.now()
        self._outages[region] = world.engine.interceptor.schedule_outage(
            region, now, black_hole_seconds=black_hole.total_seconds()
        )
        world.drs.lose_origin_region(region)

    def end_outage(self, region: str) -> None:
        """`region` answers again; its servers' replication rescans. Raises Unfit."""
        check_region(self._world.application, region)
        darkness = self._outages.pop(region, None)
        if darkness is None:
            raise InvalidIncident(
                f"{region} is not dark", f"dark now: {', '.join(sorted(self._outages)) or 'no Region'}"
            )
        darkness.end = self._world.engine.clock.now()
        self._world.drs.restore_origin_region(region)
        self._world.tables.deliver_pending()

    def inject_fault(self, fault: scenario_documents.ScenarioFault) -> None:
        """A fault as in a scenario document; its times count from now. Raises Unfit."""
        check_fault(self._world.application, fault)
        moment = scenario_documents.ScenarioIncident(at=timedelta(seconds=1))
        schedule_scenario(
            self._world, scenario_documents.Scenario(scenario="on demand", incident=moment, faults=[fault])
        )

    def schedule_scenario(self, scenario: scenario_documents.Scenario) -> None:
        """Everything that a scenario tells; nobody starts a runbook, and its operator answers nothing."""
        for fault in scenario.faults:
            self.inject_fault(fault)
        told = scenario.incident
        if told.dark is not None:
            happen = partial(self._start_scheduled_outage, told.dark, told.black_hole)
            self._world.engine.clock.call_later(told.at.total_seconds(), happen, name="incident")

    def _start_scheduled_outage(self, region: str, black_hole: timedelta) -> None:
        if region not in self._outages:  # somebody may have darkened it before its time
            self.start_outage(region, black_hole)

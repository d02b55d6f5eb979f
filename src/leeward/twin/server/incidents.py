"""What goes wrong on demand: Regions that go dark and come back, and the faults of scenario documents."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from leeward.state_machines.components import RoutingControls, Servers
from leeward.state_machines.documents.application import Application
from leeward.twin.wire import Darkness
from leeward.twin.world import documents
from leeward.twin.world.build import World
from leeward.twin.world.incident import arrange


class Unfit(Exception):
    """The incident or the fault does not fit this world; the text says why, `mend` what would fit."""

    def __init__(self, why: str, mend: str) -> None:
        super().__init__(why)
        self.mend = mend


def check_region(application: Application, region: str) -> None:
    """Raises Unfit for a Region in which the application has nothing."""
    known = {*application.regions.both, *_endpoint_regions(application)}
    if region not in known:
        raise Unfit(f"{region} is not a Region of this world", f"the Regions are: {', '.join(sorted(known))}")


def check_fault(application: Application, fault: documents.Fault) -> None:
    """Raises Unfit for a fault of what the application does not have."""
    groups = [name for name, _ in application.of_kind(Servers)]
    regions = _endpoint_regions(application)
    match fault:
        case documents.LaunchFails() | documents.ReplicationLags() if fault.group not in groups:
            raise Unfit(f"there is no group of servers {fault.group}", f"there are: {', '.join(groups)}")
        case documents.EndpointDown() if fault.region not in regions:
            where = ", ".join(regions) or "nowhere"
            raise Unfit(f"there is no cluster endpoint in {fault.region}", f"there are endpoints in: {where}")


def check_scenario(application: Application, scenario: documents.Scenario) -> None:
    """Raises Unfit for a scenario of another application's."""
    for fault in scenario.faults:
        check_fault(application, fault)
    if scenario.incident.dark is not None:
        check_region(application, scenario.incident.dark)


def _endpoint_regions(application: Application) -> list[str]:
    return [region for _, component in application.of_kind(RoutingControls) for region in component.endpoints]


class Incidents:
    """Strikes one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._dark: dict[str, Darkness] = {}

    def darken(self, region: str, black_hole: timedelta = timedelta(0)) -> None:
        """`region` answers nothing from now on, and what replicates from it is no longer heard. Raises Unfit."""
        check_region(self._world.application, region)
        if region in self._dark:
            raise Unfit(f"{region} is dark already", f'bring it back first: {{"light": "{region}"}}')
        world = self._world
        now = world.engine.clock.now()
        self._dark[region] = world.engine.wire.darken(region, now, black_hole_seconds=black_hole.total_seconds())
        world.drs.origin_lost(region)

    def light(self, region: str) -> None:
        """`region` answers again; its servers' replication rescans. Raises Unfit."""
        check_region(self._world.application, region)
        darkness = self._dark.pop(region, None)
        if darkness is None:
            raise Unfit(f"{region} is not dark", f"dark now: {', '.join(sorted(self._dark)) or 'no Region'}")
        darkness.end = self._world.engine.clock.now()
        self._world.drs.origin_returned(region)
        self._world.tables.deliver()

    def fault(self, fault: documents.Fault) -> None:
        """A fault as in a scenario document; its times count from now. Raises Unfit."""
        check_fault(self._world.application, fault)
        moment = documents.Incident(at=timedelta(seconds=1))
        arrange(self._world, documents.Scenario(scenario="on demand", incident=moment, faults=[fault]))

    def play(self, scenario: documents.Scenario) -> None:
        """Everything that a scenario tells; nobody starts a runbook, and its operator answers nothing."""
        for fault in scenario.faults:
            self.fault(fault)
        told = scenario.incident
        if told.dark is not None:
            happen = partial(self._happen, told.dark, told.black_hole)
            self._world.engine.clock.later(told.at.total_seconds(), happen, name="incident")

    def _happen(self, region: str, black_hole: timedelta) -> None:
        if region not in self._dark:  # somebody may have darkened it before its time
            self.darken(region, black_hole)

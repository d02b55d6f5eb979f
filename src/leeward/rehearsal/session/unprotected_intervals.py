"""Watches which machines serve users while no other Region holds a copy of them to recover from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from leeward.rehearsal.worlds.world_builder import World
from leeward.twin.aws.drs.state.server_replication import ReplicationMode
from leeward.twin.internet.instances import SimulatedInstance

CHECK_INTERVAL_SECONDS = 15


@dataclass(slots=True)
class UnprotectedInterval:
    """A machine (an EC2 instance id) that has served without a copy since `since`; `until` None while it lasts."""

    instance: str
    machine: str
    region: str
    since: datetime
    until: datetime | None = None


@dataclass(slots=True)
class ProtectionMonitor:
    """`look` now and then; `spells` is what was seen."""

    world: World
    now: Callable[[], datetime]
    intervals: list[UnprotectedInterval] = field(default_factory=list)
    _open_intervals: dict[str, UnprotectedInterval] = field(default_factory=dict)
    _once_protected: set[str] = field(default_factory=set)

    def check_protection(self) -> None:
        """The machines of a Region serve while a user's latest request was answered from there."""
        clients = self.world.clients
        if clients is None:
            return
        serving = {r.served_by for r in clients.latest_requests} - {None}
        copied = self._protected_instance_ids()
        bare: dict[str, UnprotectedInterval] = {}
        for region in self.world.application.regions.both:
            if region not in serving:
                continue
            for instance in self._newest_running_instances(region):
                if instance.id in copied:
                    self._once_protected.add(instance.id)
                elif instance.running_since is not None:
                    # A machine that was launched without a copy never had one; another has just lost its own.
                    since = self.now() if instance.id in self._once_protected else instance.running_since
                    bare[instance.id] = UnprotectedInterval(instance.id, instance.name, region, since)
        for instance_id, spell in bare.items():
            if instance_id not in self._open_intervals:
                self._open_intervals[instance_id] = spell
                self.intervals.append(spell)
        for instance_id in set(self._open_intervals) - set(bare):
            self._open_intervals.pop(instance_id).until = self.now()

    def has_other_copy(self, machine: str, excluded_server_id: str) -> bool:
        """Whether a source server other than `besides` replicates, and holds a copy of, the machine of that name that
        serves; a machine that serves nobody needs none."""
        clients = self.world.clients
        regions = {r.served_by for r in clients.requests[-clients.count :]} - {None} if clients else set()
        serving = [
            i.id for region in regions if region for i in self._newest_running_instances(region) if i.name == machine
        ]
        copied = self._protected_instance_ids(excluded_server_id)
        return all(instance in copied for instance in serving)

    def _newest_running_instances(self, region: str) -> list[SimulatedInstance]:
        """The running machines, drills left out; of several of one name the newest, which has replaced the others."""
        newest: dict[str, SimulatedInstance] = {}
        drills = {i.ec2_instance_id for i in self.world.drs.recovery_instances(region) if i.is_drill}
        for instance in self.world.instances.in_region(region):
            if instance.group is None or instance.running_since is None or instance.id in drills:
                continue
            held = newest.get(instance.name)
            if held is None or held.running_since is None or instance.running_since > held.running_since:
                newest[instance.name] = instance
        return list(newest.values())

    def _protected_instance_ids(self, excluded_server_id: str | None = None) -> set[str]:
        """The instances of which some source server holds a consistent copy, however old, and replicates on."""
        return {
            server.origin.instance_id
            for region in self.world.application.regions.both
            for server in self.world.drs.servers(region)
            if server.server_id != excluded_server_id
            and server.replication.mode is ReplicationMode.RUNNING
            and server.replication.data_time(self.now()) is not None
        }

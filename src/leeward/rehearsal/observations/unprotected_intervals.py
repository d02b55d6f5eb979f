"""Records which servers serve users while no other Region has a copy to recover them from."""

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
    """A period in which a server serves users without a copy.

    `instance` is the EC2 instance ID, and `machine` is the server's name. `until` is None while the period lasts.
    """

    instance: str
    machine: str
    region: str
    since: datetime
    until: datetime | None = None


@dataclass(slots=True)
class ProtectionMonitor:
    """Checks the protection of all serving servers. Call `check_protection` regularly, then read `intervals`."""

    world: World
    now: Callable[[], datetime]
    intervals: list[UnprotectedInterval] = field(default_factory=list)
    last_served_at: dict[str, datetime] = field(default_factory=dict)
    """When each server was last seen serving users, by the server's name."""
    _open_intervals: dict[str, UnprotectedInterval] = field(default_factory=dict)
    _once_protected: set[str] = field(default_factory=set)

    def check_protection(self) -> None:
        """Update the intervals. A Region's servers are serving if the Region served the latest request of any user."""
        clients = self.world.clients
        if clients is None:
            return
        serving = {r.served_by for r in clients.latest_requests} - {None}
        protected_ids = self._protected_instance_ids()
        unprotected: dict[str, UnprotectedInterval] = {}
        for region in self.world.application.regions.both:
            if region not in serving:
                continue
            for instance in self._newest_running_instances(region):
                self.last_served_at[instance.name] = self.now()
                if instance.id in protected_ids:
                    self._once_protected.add(instance.id)
                elif instance.running_since is not None:
                    # A server that was never protected is unprotected since its launch. Others just lost their copy.
                    since = self.now() if instance.id in self._once_protected else instance.running_since
                    unprotected[instance.id] = UnprotectedInterval(instance.id, instance.name, region, since)
        for instance_id, interval in unprotected.items():
            if instance_id not in self._open_intervals:
                self._open_intervals[instance_id] = interval
                self.intervals.append(interval)
        for instance_id in set(self._open_intervals) - set(unprotected):
            self._open_intervals.pop(instance_id).until = self.now()

    def has_other_copy(self, machine: str, excluded_server_id: str) -> bool:
        """Return whether a source server other than `excluded_server_id` protects the serving servers of this name.

        `machine` is the name. The result is also true if no server of this name serves users.
        """
        clients = self.world.clients
        regions = {r.served_by for r in clients.latest_requests} - {None} if clients else set()
        serving = [
            i.id for region in regions if region for i in self._newest_running_instances(region) if i.name == machine
        ]
        protected_ids = self._protected_instance_ids(excluded_server_id)
        return all(instance in protected_ids for instance in serving)

    def _newest_running_instances(self, region: str) -> list[SimulatedInstance]:
        """Return the running servers except drill instances. Of several with one name, return the newest."""
        newest: dict[str, SimulatedInstance] = {}
        drills = {i.ec2_instance_id for i in self.world.drs.recovery_instances(region) if i.is_drill}
        for instance in self.world.instances.in_region(region):
            if instance.group is None or instance.running_since is None or instance.id in drills:
                continue
            known = newest.get(instance.name)
            if known is None or known.running_since is None or instance.running_since > known.running_since:
                newest[instance.name] = instance
        return list(newest.values())

    def _protected_instance_ids(self, excluded_server_id: str | None = None) -> set[str]:
        """Return the instances with a running replication and a consistent copy of any age."""
        return {
            server.origin.instance_id
            for region in self.world.application.regions.both
            for server in self.world.drs.servers(region)
            if server.server_id != excluded_server_id
            and server.replication.mode is ReplicationMode.RUNNING
            and server.replication.data_time(self.now()) is not None
        }

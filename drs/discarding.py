"""Discard what a drill's reversal made: the failback servers that replicate from a drill's instances.

A failback server is the run's own when the run's tag is on it, or when it replicates from a drill instance that the
run's own job launched: a reversal that broke off may not have tagged what it made.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leeward.common.errors import NotFound, NotProtected, NotReady, Transient
from leeward.common.polling import Look
from leeward.drs import calls, dismantling
from leeward.drs.jobs import RUN
from leeward.drs.model import RecoveryInstance, SourceServer
from leeward.drs.servers import Group, resolve_each
from leeward.drs.states import Direction, ReplicationState

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient


@dataclass(frozen=True, slots=True)
class Discard:
    """The copies in `here` of drill machines of `there`, as far as `runs` made them."""

    here: DrsClient
    region: str
    there: DrsClient
    other_region: str
    groups: Sequence[Group]
    runs: Collection[str]

    def look(self) -> Look:
        """One act per copy. Raises NotReady and NotProtected before anything is done, NotFound."""
        servers = list(
            {
                s.id: s for _, servers in resolve_each(self.there, self.groups, self.other_region) for s in servers
            }.values()
        )
        reversed_ = calls.recovery_instances(self.there, [server.id for server in servers])
        copies = self._own(servers, reversed_)
        if not copies:
            return Look(True, f"nothing that a drill's reversal made is left in {self.region}")
        self._require_discardable(servers, copies, reversed_)
        return Look(False, "; ".join(self._act(copy) for copy in copies))

    def _own(self, servers: Sequence[SourceServer], instances: Sequence[RecoveryInstance]) -> list[SourceServer]:
        named = sorted({i.job for i in instances if i.is_drill and i.job})
        own = {job.id for job in calls.jobs_by_id(self.there, named) if job.tags.get(RUN) in self.runs}
        machines = {i.ec2_instance for i in instances if i.is_drill and i.job in own}
        return [
            copy
            for copy in calls.opposites(self.here, servers)
            if copy.direction is Direction.FAILBACK and (copy.tags.get(RUN) in self.runs or copy.machine in machines)
        ]

    def _require_discardable(
        self, servers: Sequence[SourceServer], copies: Sequence[SourceServer], instances: Sequence[RecoveryInstance]
    ) -> None:
        serving = {i.server: i for i in instances if i.live and not i.is_drill}
        for copy in copies:
            server = next(s for s in servers if copy.opposite == s.arn or copy.arn == s.opposite)
            if server.id in serving:
                machine = serving[server.id].ec2_instance
                raise NotProtected(f"{copy.label} is the copy of {machine}, which is no drill's: it is not discarded")
        up = [i for i in calls.recovery_instances(self.here, [copy.id for copy in copies]) if i.live]
        if up:
            told = ", ".join(instance.ec2_instance for instance in up)
            raise NotReady(f"terminate {told} in {self.region} first: a copy is not discarded while its instance runs")

    def _act(self, copy: SourceServer) -> str:
        """What hinders it is told, and left to the next look; so is one that an earlier call has deleted."""
        try:
            if copy.replication.state is ReplicationState.DISCONNECTED:
                dismantling.delete(self.here, [copy])
                return f"{copy.label}: deleted"
            if copy.replication.state is ReplicationState.STOPPED:
                dismantling.disconnect(self.here, [copy])
                return f"{copy.label}: disconnected"
            dismantling.stop(self.here, [copy])
            return f"{copy.label}: its replication was stopped"
        except (Transient, NotFound) as error:
            return f"{copy.label}: {error}; looking again"

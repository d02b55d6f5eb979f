"""Discard what a drill's reversal made: the failback servers that replicate from a drill's instances.

A failback server is the run's own when the run's tag is on it, or when it replicates from a drill instance that the
run's own job launched: a reversal that broke off may not have tagged what it made.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leeward.common.errors import NotFound, NotProtected, NotReady, Transient
from leeward.common.polling import PollResult
from leeward.drs.api import queries
from leeward.drs.api.models import RecoveryInstance, SourceServer
from leeward.drs.api.states import ReplicationDirection, ReplicationState
from leeward.drs.inventory.recovery_jobs import RUN_TAG
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups
from leeward.drs.protection import teardown

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient


@dataclass(frozen=True, slots=True)
class DrillCleanup:
    """The copies in `here` of drill machines of `there`, as far as `runs` made them."""

    drs: DrsClient
    region: str
    other_drs: DrsClient
    other_region: str
    groups: Sequence[ServerGroup]
    runs: Collection[str]

    def advance(self) -> PollResult:
        """One act per copy. Raises NotReady and NotProtected before anything is done, NotFound."""
        servers = list(
            {
                s.id: s
                for _, servers in resolve_groups(self.other_drs, self.groups, self.other_region)
                for s in servers
            }.values()
        )
        reversed_ = queries.list_recovery_instances(self.other_drs, [server.id for server in servers])
        copies = self._own_copies(servers, reversed_)
        if not copies:
            return PollResult(True, f"nothing that a drill's reversal made is left in {self.region}")
        self._require_discardable(servers, copies, reversed_)
        return PollResult(False, "; ".join(self._remove_copy(copy) for copy in copies))

    def _own_copies(self, servers: Sequence[SourceServer], instances: Sequence[RecoveryInstance]) -> list[SourceServer]:
        named = sorted({i.job for i in instances if i.is_drill and i.job})
        own = {job.id for job in queries.get_jobs(self.other_drs, named) if job.tags.get(RUN_TAG) in self.runs}
        machines = {i.ec2_instance for i in instances if i.is_drill and i.job in own}
        return [
            copy
            for copy in queries.list_opposite_servers(self.drs, servers)
            if copy.direction is ReplicationDirection.FAILBACK
            and (copy.tags.get(RUN_TAG) in self.runs or copy.machine in machines)
        ]

    def _require_discardable(
        self, servers: Sequence[SourceServer], copies: Sequence[SourceServer], instances: Sequence[RecoveryInstance]
    ) -> None:
        serving = {i.server: i for i in instances if i.is_live and not i.is_drill}
        for copy in copies:
            server = next(s for s in servers if copy.opposite == s.arn or copy.arn == s.opposite)
            if server.id in serving:
                machine = serving[server.id].ec2_instance
                raise NotProtected(f"{copy.label} is the copy of {machine}, which is no drill's: it is not discarded")
        up = [i for i in queries.list_recovery_instances(self.drs, [copy.id for copy in copies]) if i.is_live]
        if up:
            told = ", ".join(instance.ec2_instance for instance in up)
            raise NotReady(f"terminate {told} in {self.region} first: a copy is not discarded while its instance runs")

    def _remove_copy(self, copy: SourceServer) -> str:
        """What hinders it is told, and left to the next look; so is one that an earlier call has deleted."""
        try:
            if copy.replication.state is ReplicationState.DISCONNECTED:
                teardown.delete_servers(self.drs, [copy])
                return f"{copy.label}: deleted"
            if copy.replication.state is ReplicationState.STOPPED:
                teardown.disconnect_servers(self.drs, [copy])
                return f"{copy.label}: disconnected"
            teardown.stop_replication(self.drs, [copy])
            return f"{copy.label}: its replication was stopped"
        except (Transient, NotFound) as error:
            return f"{copy.label}: {error}; looking again"

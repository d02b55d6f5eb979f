"""Delete the failback servers that a drill's reverse replication created.

A failback server belongs to a run if it has the run's tag, or if it replicates from a drill instance that the run's
own job launched. The second rule covers a reversal that stopped before it tagged its servers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from leeward.common.claims.types.server_claims import Terminated
from leeward.common.errors import NotFound, NotProtected, NotReady, Transient
from leeward.common.polling import PollResult
from leeward.common.task_calls.call_time import leave_rest
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
    """The copies in `region` of drill instances in `other_region` that `runs` created."""

    drs: DrsClient
    region: str
    other_drs: DrsClient
    other_region: str
    groups: Sequence[ServerGroup]
    runs: Collection[str]

    def advance(self) -> PollResult:
        """Advance each copy by one step: stop, disconnect, or delete it.

        Raises NotFound, or NotReady or NotProtected before anything is changed.
        """
        servers = list(
            {
                s.id: s
                for _, servers in resolve_groups(self.other_drs, self.groups, self.other_region)
                for s in servers
            }.values()
        )
        instances = queries.list_recovery_instances(self.other_drs, [server.id for server in servers])
        copies = self._own_copies(servers, instances)
        if not copies:
            return PollResult.reached(Terminated(what="drill copies", region=self.region))
        self._require_discardable(servers, copies, instances)
        return PollResult(False, "; ".join(self._remove_copy(copy) for copy in copies))

    def _own_copies(self, servers: Sequence[SourceServer], instances: Sequence[RecoveryInstance]) -> list[SourceServer]:
        drill_jobs = sorted({i.job for i in instances if i.is_drill and i.job})
        own = {job.id for job in queries.get_jobs(self.other_drs, drill_jobs) if job.tags.get(RUN_TAG) in self.runs}
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
                raise NotProtected(
                    f"{copy.label} is the copy of {machine}, which is not a drill instance: it is not deleted"
                )
        up = [i for i in queries.list_recovery_instances(self.drs, [copy.id for copy in copies]) if i.is_live]
        if up:
            running = ", ".join(instance.ec2_instance for instance in up)
            raise NotReady(f"terminate {running} in {self.region} first: a copy is not deleted while its instance runs")

    def _remove_copy(self, copy: SourceServer) -> str:
        """Take the next step for a copy, if the call has time for it, and return a description.

        Report a transient error, or NotFound after an earlier deletion, and leave the copy to the next poll.
        """
        if leave_rest():
            return f"{copy.label}: continues with the next poll"
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

"""Retire the copies that a failback leaves behind: gather, judge all, then one act per machine, look by look.

Nothing is destroyed while the new protection of a single machine of the groups is unproven.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import NotFound, NotProtected, Transient
from leeward.common.polling import PollResult
from leeward.drs.api import queries
from leeward.drs.api.models import Job, RecoveryInstance, SourceServer
from leeward.drs.api.states import LaunchStatus
from leeward.drs.cleanup.retire_policy import CopyInventory, RetireAction, find_objection, next_action
from leeward.drs.inventory import recovery_jobs
from leeward.drs.inventory.recovery_instances import describe_instances
from leeward.drs.inventory.recovery_jobs import TERMINATE_JOB
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups
from leeward.drs.protection import teardown, termination_protection

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client

_JOB_HISTORY = timedelta(hours=1)
_MAX_SHOWN = 5


@dataclass(frozen=True, slots=True)
class DrsRegion:
    """One Region, and its clients."""

    region: str
    drs: DrsClient
    ec2: EC2Client


@dataclass(frozen=True, slots=True)
class CopyRetirement:
    """The copies in `here` of machines that serve in `there` again."""

    copy_region: DrsRegion
    serving_region: DrsRegion
    groups: Sequence[ServerGroup]
    max_lag: timedelta

    def advance(self, now: datetime) -> PollResult:
        """One pass. Raises NotProtected, before anything is done, naming every machine that is not proven safe."""
        servers = {
            s.id: s
            for _, found in resolve_groups(self.copy_region.drs, self.groups, self.copy_region.region)
            for s in found
        }
        recent = queries.list_jobs_since(self.copy_region.drs, now - _JOB_HISTORY)
        estates = self._inventories(list(servers.values()), recent)
        objections = [
            (e.server, why)
            for e in estates
            if (why := find_objection(e, self.serving_region.region, self.max_lag, now))
        ]
        if objections:
            each = "; ".join(f"{server.label}: {why}" for server, why in objections)
            raise NotProtected(f"nothing is retired in {self.copy_region.region}: {each}")
        left = [estate for estate in estates if not estate.is_empty]
        notes = [
            f"{e.server.label}: {self._perform(next_action(e), e)}{_last_failure_text(self.copy_region.drs, e, recent)}"
            for e in left
        ]
        done = f"{len(estates) - len(left)} of {len(estates)} machines have no copy left in {self.copy_region.region}"
        more = [f"and {len(notes) - _MAX_SHOWN} more"] if len(notes) > _MAX_SHOWN else []
        return PollResult(not left, "; ".join([done, *notes[:_MAX_SHOWN], *more]))

    def _inventories(self, servers: Sequence[SourceServer], recent: Sequence[Job]) -> list[CopyInventory]:
        copies = queries.list_recovery_instances(self.copy_region.drs, [server.id for server in servers])
        ways_back = queries.list_opposite_servers(self.serving_region.drs, servers)
        launched = queries.list_recovery_instances(self.serving_region.drs, [way.id for way in ways_back])
        named = {s.machine for s in servers if s.machine} | {i.ec2_instance for i in launched}
        seen = describe_instances(self.serving_region.ec2, sorted(named))
        busy = {part.server for job in recent if job.is_active for part in job.participants}
        made = []
        for server in servers:
            ways = tuple(w for w in ways_back if w.opposite == server.arn or w.arn == server.opposite)
            ids = {way.id for way in ways}
            made.append(
                CopyInventory(
                    server=server,
                    copies=tuple(i for i in copies if i.server == server.id),
                    failback_servers=ways,
                    launched=tuple(i for i in launched if i.server in ids),
                    ec2_instances=seen,
                    is_busy=server.id in busy,
                )
            )
        return self._with_unlisted_instances(made)

    def _with_unlisted_instances(self, inventories: Sequence[CopyInventory]) -> list[CopyInventory]:
        """With what EC2 says of the copies that DRS does not list any more."""
        unlisted = [estate for estate in inventories if not estate.copies]
        seen = describe_instances(
            self.copy_region.ec2, sorted({way for estate in unlisted for way in estate.replicated_instances})
        )
        return [
            estate
            if estate.copies
            else replace(estate, unlisted_instances={i: seen[i] for i in estate.replicated_instances if i in seen})
            for estate in inventories
        ]

    def _perform(self, action: RetireAction, inventory: CopyInventory) -> str:
        """Carry it out, and say so. What hinders it is told, and left to the next look.

        NotFound is told too: an earlier call, whose answer was lost, may have deleted it.
        """
        ways = inventory.failback_servers
        try:
            match action:
                case RetireAction.STOP_REPLICATION:
                    teardown.stop_replication(self.serving_region.drs, ways)
                case RetireAction.TERMINATE:
                    self._terminate(inventory.copies)
                case RetireAction.DELETE_INSTANCE:
                    self._delete_instance_records([instance.id for instance in inventory.launched])
                case RetireAction.DISCONNECT:
                    teardown.disconnect_servers(self.serving_region.drs, ways)
                case RetireAction.DELETE_SERVER:
                    teardown.delete_servers(self.serving_region.drs, ways)
                case RetireAction.ASK_AGAIN:
                    return f"{action.value} ({', '.join(inventory.unlisted_instances)})"
                case RetireAction.WAIT | RetireAction.NONE:
                    pass
                case _:
                    assert_never(action)
        except (Transient, NotFound) as error:
            return f"{error}; looking again"
        return action.value

    def _terminate(self, copies: Sequence[RecoveryInstance]) -> None:
        """The team's own protection comes off first, in the same look: it is there against everything but this."""
        seen = describe_instances(self.copy_region.ec2, [copy.ec2_instance for copy in copies])
        termination_protection.set_termination_protection(
            self.copy_region.ec2, [i for i, machine in seen.items() if not machine.is_gone], protected=False
        )
        with translate_errors("drs:TerminateRecoveryInstances"):
            self.copy_region.drs.terminate_recovery_instances(recoveryInstanceIDs=[copy.id for copy in copies])

    def _delete_instance_records(self, ids: Sequence[str]) -> None:
        for instance in ids:
            with translate_errors("drs:DeleteRecoveryInstance"):
                self.serving_region.drs.delete_recovery_instance(recoveryInstanceID=instance)


def _last_failure_text(drs: DrsClient, inventory: CopyInventory, recent: Sequence[Job]) -> str:
    """Why the last try to terminate failed, where it did: the job log's own reason."""
    tries = [job for job in recent if job.type == TERMINATE_JOB and job.participant(inventory.server.id)]
    if not inventory.copies or inventory.is_busy or not tries:
        return ""
    part = tries[-1].participant(inventory.server.id)
    if part is None or part.launch_status != LaunchStatus.FAILED:
        return ""
    told = recovery_jobs.failure_reasons(drs, [(tries[-1].id, inventory.server.id)])[inventory.server.id]
    return f" (again: {tries[-1].id} failed: {told})"

"""Retire the copies that a failback leaves behind, one action per server and poll.

Each poll gathers the state, checks all servers, then acts. Nothing is destroyed until the new protection of every
server in the groups is proven.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, assert_never

from leeward.common.aws.clients import translate_errors
from leeward.common.claims.types.server_claims import Terminated
from leeward.common.errors import NotFound, NotProtected, Transient
from leeward.common.polling import PollResult
from leeward.common.task_calls.call_time import leave_rest
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
# DRS stops, terminates, and disconnects a server within about a minute (assumed), and a pass reads much.
_ACTION_SECONDS = 50


@dataclass(frozen=True, slots=True)
class DrsRegion:
    """A Region and its DRS and EC2 clients."""

    region: str
    drs: DrsClient
    ec2: EC2Client


@dataclass(frozen=True, slots=True)
class CopyRetirement:
    """The copies in `copy_region` of instances that serve in `serving_region` again.

    `max_lag` limits the lag of their new copies.
    """

    copy_region: DrsRegion
    serving_region: DrsRegion
    groups: Sequence[ServerGroup]
    max_lag: timedelta

    def advance(self, now: datetime) -> PollResult:
        """Advance the cleanup by one pass.

        Raises NotProtected, before anything is changed, naming every server without proven protection.
        """
        servers = {
            s.id: s
            for _, found in resolve_groups(self.copy_region.drs, self.groups, self.copy_region.region)
            for s in found
        }
        recent = queries.list_jobs_since(self.copy_region.drs, now - _JOB_HISTORY)
        inventories = self._inventories(list(servers.values()), recent)
        objections = [
            (e.server, why)
            for e in inventories
            if (why := find_objection(e, self.serving_region.region, self.max_lag, now))
        ]
        if objections:
            each = "; ".join(f"{server.label}: {why}" for server, why in objections)
            raise NotProtected(f"nothing is retired in {self.copy_region.region}: {each}")
        remaining = [inventory for inventory in inventories if not inventory.is_empty]
        notes = [
            f"{e.server.label}: {self._perform(next_action(e), e)}{_last_failure_text(self.copy_region.drs, e, recent)}"
            for e in remaining
        ]
        retired = len(inventories) - len(remaining)
        done = f"{retired} of {len(inventories)} machines have no copy left in {self.copy_region.region}"
        more = [f"and {len(notes) - _MAX_SHOWN} more"] if len(notes) > _MAX_SHOWN else []
        if not remaining:
            region, machines = self.copy_region.region, len(inventories)
            return PollResult.reached(Terminated(what="retired copies", region=region, machines=machines))
        return PollResult(False, "; ".join([done, *notes[:_MAX_SHOWN], *more]), ready_in_seconds=_ACTION_SECONDS)

    def _inventories(self, servers: Sequence[SourceServer], recent: Sequence[Job]) -> list[CopyInventory]:
        copies = queries.list_recovery_instances(self.copy_region.drs, [server.id for server in servers])
        failback_servers = queries.list_opposite_servers(self.serving_region.drs, servers)
        launched = queries.list_recovery_instances(self.serving_region.drs, [server.id for server in failback_servers])
        instance_ids = {s.machine for s in servers if s.machine} | {i.ec2_instance for i in launched}
        ec2_instances = describe_instances(self.serving_region.ec2, sorted(instance_ids))
        busy = {part.server for job in recent if job.is_active for part in job.participants}
        inventories = []
        for server in servers:
            opposites = tuple(f for f in failback_servers if f.opposite == server.arn or f.arn == server.opposite)
            opposite_ids = {opposite.id for opposite in opposites}
            inventories.append(
                CopyInventory(
                    server=server,
                    copies=tuple(i for i in copies if i.server == server.id),
                    failback_servers=opposites,
                    launched=tuple(i for i in launched if i.server in opposite_ids),
                    ec2_instances=ec2_instances,
                    is_busy=server.id in busy,
                )
            )
        return self._with_unlisted_instances(inventories)

    def _with_unlisted_instances(self, inventories: Sequence[CopyInventory]) -> list[CopyInventory]:
        """Add the EC2 state of copies that DRS no longer lists."""
        unlisted = [inventory for inventory in inventories if not inventory.copies]
        ec2_instances = describe_instances(
            self.copy_region.ec2, sorted({i for inventory in unlisted for i in inventory.replicated_instances})
        )
        return [
            inventory
            if inventory.copies
            else replace(
                inventory,
                unlisted_instances={i: ec2_instances[i] for i in inventory.replicated_instances if i in ec2_instances},
            )
            for inventory in inventories
        ]

    def _perform(self, action: RetireAction, inventory: CopyInventory) -> str:
        """Perform the action and return a description.

        Report a transient error, and leave the action to the next poll. Report NotFound the same way, because an
        earlier call whose response was lost may have deleted the resource.
        """
        failback_servers = inventory.failback_servers
        if leave_rest():
            return "continues with the next poll"
        try:
            match action:
                case RetireAction.STOP_REPLICATION:
                    teardown.stop_replication(self.serving_region.drs, failback_servers)
                case RetireAction.TERMINATE:
                    self._terminate(inventory.copies)
                case RetireAction.DELETE_INSTANCE:
                    self._delete_instance_records([instance.id for instance in inventory.launched])
                case RetireAction.DISCONNECT:
                    teardown.disconnect_servers(self.serving_region.drs, failback_servers)
                case RetireAction.DELETE_SERVER:
                    teardown.delete_servers(self.serving_region.drs, failback_servers)
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
        """Turn termination protection off, then terminate the copies.

        The protection guards against any other termination.
        """
        ec2_instances = describe_instances(self.copy_region.ec2, [copy.ec2_instance for copy in copies])
        termination_protection.set_termination_protection(
            self.copy_region.ec2, [i for i, instance in ec2_instances.items() if not instance.is_gone], protected=False
        )
        with translate_errors("drs:TerminateRecoveryInstances"):
            self.copy_region.drs.terminate_recovery_instances(recoveryInstanceIDs=[copy.id for copy in copies])

    def _delete_instance_records(self, ids: Sequence[str]) -> None:
        for instance in ids:
            with translate_errors("drs:DeleteRecoveryInstance"):
                self.serving_region.drs.delete_recovery_instance(recoveryInstanceID=instance)


def _last_failure_text(drs: DrsClient, inventory: CopyInventory, recent: Sequence[Job]) -> str:
    """Return text with the job log's reason if the last termination failed, or an empty text."""
    attempts = [job for job in recent if job.type == TERMINATE_JOB and job.participant(inventory.server.id)]
    if not inventory.copies or inventory.is_busy or not attempts:
        return ""
    participant = attempts[-1].participant(inventory.server.id)
    if participant is None or participant.launch_status != LaunchStatus.FAILED:
        return ""
    reason = recovery_jobs.failure_reasons(drs, [(attempts[-1].id, inventory.server.id)])[inventory.server.id]
    return f" (retrying: {attempts[-1].id} failed: {reason})"

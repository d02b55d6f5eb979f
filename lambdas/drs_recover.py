"""Recovers one group of servers; called until every one of them is up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import AwareDatetime, PositiveInt

from leeward.common.polling import PollResult
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.api.states import ReplicationDirection
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.launch.launch_intents import LaunchIntentStore
from leeward.drs.launch.launch_plan import LaunchQuotas
from leeward.drs.launch.server_status import RecoveryRequest
from leeward.drs.launch.target_instances import InstanceSelector, TargetInstances
from leeward.drs.recovery.group_recovery import GroupRecovery
from leeward.lambdas.runtime.invocation.events import RegionalParameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.journaling.protection_journal import ProtectionJournal
from leeward.lambdas.runtime.task import task


class RecoverParameters(RegionalParameters):
    """Which servers, as a drill or for real, and DRS's quotas. `point_in_time` None is the latest.

    `direction` FAILBACK launches nothing but what a reversal made.
    """

    group: ServerGroup
    is_drill: bool
    point_in_time: AwareDatetime | None = None
    direction: ReplicationDirection | None = None
    max_servers_per_job: PositiveInt = 100
    max_jobs: PositiveInt = 20
    max_servers_in_jobs: PositiveInt = 500

    @property
    def part(self) -> str:
        return self.group.name


RecoverParametersT = TypeVar("RecoverParametersT", bound=RecoverParameters)


@task(WaitingEvent[RecoverParameters])
def handler(event: WaitingEvent[RecoverParameters], context: TaskContext) -> PollResult:
    """Look, and start what is to be started. Raises LaunchFailed, NotReady, NotFound."""
    return advance_recovery(event, context)


def advance_recovery(
    event: WaitingEvent[RecoverParametersT], context: TaskContext, into: Mapping[str, InstanceSelector] | None = None
) -> PollResult:
    """What this task and the one that launches into given instances have in common."""
    run, step, given = event.run, event.step, event.parameters
    recovery_request = RecoveryRequest(
        run=run.id,
        started_at=run.started_at,
        step=step.id,
        group=given.group.name,
        attempt=step.attempt,
        is_drill=given.is_drill,
        predecessors=find_predecessors(context.table, run),
        point_in_time=run.point_in_time or given.point_in_time,
    )
    there = context.clients(given.region)
    recovery = GroupRecovery(
        drs=there.drs,
        drs_no_retry=there.drs_no_retry,
        ec2=there.ec2,
        intents=LaunchIntentStore(context.table, run.id, step.id, given.group.name),
        group=given.group,
        region=there.region,
        direction=given.direction,
        request=recovery_request,
        quotas=LaunchQuotas(given.max_servers_per_job, given.max_jobs, given.max_servers_in_jobs),
        request_id=context.request_id,
        targets=None if into is None else TargetInstances(there.drs, there.ec2, there.region, given.group.name, into),
    )
    look = recovery.advance(context.now, is_last=_is_last_poll(event, context))
    if look.done and not given.is_drill:
        ProtectionJournal(context.journal(run.id), step, there.region).record_lost(look.facts)
    return look


def _is_last_poll(event: WaitingEvent[RecoverParametersT], context: TaskContext) -> bool:
    """Whether the step's time is over when this look ends; a look takes about two seconds."""
    return event.poll.elapsed_seconds(context.now) >= event.poll.timeout_seconds - 2

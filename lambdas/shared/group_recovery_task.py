"""The recovery of one group of servers, as a task that is polled until all are up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import AwareDatetime, PositiveInt

from leeward.common.claims.types.server_claims import Launched
from leeward.common.polling import PollResult
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.api.states import ReplicationDirection
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.launch.launch_intents import LaunchIntentStore
from leeward.drs.launch.launch_plan import LaunchQuotas
from leeward.drs.launch.server_status import RecoveryRequest
from leeward.drs.launch.target_instances import InstanceSelector, TargetInstances
from leeward.drs.recovery.group_recovery import GroupRecovery
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import RegionalParameters, WaitingEvent
from leeward.lambdas.runtime.journaling.protection_journal import ProtectionJournal


class RecoverParameters(RegionalParameters):
    """The server group, whether the launch is a drill, and the DRS quotas.

    `point_in_time` None recovers the latest data. `direction` FAILBACK launches only source servers that reverse
    replication created.
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


def advance_recovery(
    event: WaitingEvent[RecoverParametersT], context: TaskContext, into: Mapping[str, InstanceSelector] | None = None
) -> PollResult:
    """Advance the recovery of one group, into the instances of `into` if it is set."""
    run, step, parameters = event.run, event.step, event.parameters
    recovery_request = RecoveryRequest(
        run=run.id,
        started_at=run.started_at,
        step=step.id,
        group=parameters.group.name,
        attempt=step.attempt,
        is_drill=parameters.is_drill,
        predecessors=find_predecessors(context.table, run),
        point_in_time=run.point_in_time or parameters.point_in_time,
    )
    clients = context.clients(parameters.region)
    recovery = GroupRecovery(
        drs=clients.drs,
        drs_no_retry=clients.drs_no_retry,
        ec2=clients.ec2,
        intents=LaunchIntentStore(context.table, run.id, step.id, parameters.group.name),
        group=parameters.group,
        region=clients.region,
        direction=parameters.direction,
        request=recovery_request,
        quotas=LaunchQuotas(parameters.max_servers_per_job, parameters.max_jobs, parameters.max_servers_in_jobs),
        request_id=context.request_id,
        targets=None
        if into is None
        else TargetInstances(clients.drs, clients.ec2, clients.region, parameters.group.name, into),
    )
    result = recovery.advance(context.now, is_last=_is_last_poll(event, context))
    for launched in result.claims if not parameters.is_drill else ():
        if isinstance(launched, Launched):
            ProtectionJournal(context.journal(run.id), step, clients.region).record_lost(launched)
    return result


def _is_last_poll(event: WaitingEvent[RecoverParametersT], context: TaskContext) -> bool:
    """Return whether the step times out by the end of this call, which takes about two seconds."""
    return event.poll.elapsed_seconds(context.now) >= event.poll.timeout_seconds - 2

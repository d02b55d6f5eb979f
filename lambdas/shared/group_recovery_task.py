"""The recovery of server groups in waves, as a task that is polled until all are up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TypeVar

from pydantic import AwareDatetime, Field, PositiveInt

from leeward.common.claims.types.server_claims import Launched
from leeward.common.polling import PollResult
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.api.states import ReplicationDirection
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.launch.launch_intents import LaunchIntentStore, list_step_intents
from leeward.drs.launch.launch_plan import LaunchQuotas
from leeward.drs.launch.server_status import RecoveryRequest
from leeward.drs.launch.target_instances import InstanceSelector, TargetInstances
from leeward.drs.recovery.group_recovery import GroupRecovery
from leeward.drs.recovery.launch_observation import LaunchObservation, observe_groups
from leeward.drs.recovery.wave_recovery import WaveRecovery
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import RegionalParameters, WaitingEvent
from leeward.lambdas.runtime.journaling.protection_journal import ProtectionJournal

IntoByGroup = Mapping[str, Mapping[str, InstanceSelector]]


class RecoverParameters(RegionalParameters):
    """The server groups in waves, whether the launch is a drill, and the DRS quotas.

    `point_in_time` None recovers the latest data. `direction` FAILBACK launches only source servers that reverse
    replication created.
    """

    waves: list[list[ServerGroup]] = Field(min_length=1)
    is_drill: bool
    point_in_time: AwareDatetime | None = None
    direction: ReplicationDirection | None = None
    max_servers_per_job: PositiveInt = 100
    max_jobs: PositiveInt = 20
    max_servers_in_jobs: PositiveInt = 500


RecoverParametersT = TypeVar("RecoverParametersT", bound=RecoverParameters)


def advance_recovery(
    event: WaitingEvent[RecoverParametersT], context: TaskContext, into: IntoByGroup | None = None
) -> PollResult:
    """Advance the recovery of the groups, into the instances of `into` if it is set."""
    clients = context.clients(event.parameters.region)
    recovery = WaveRecovery(
        drs=clients.drs,
        ec2=clients.ec2,
        waves=event.parameters.waves,
        observe=partial(_observe, event, context),
        recovery_of=partial(_group_recovery, event, context, find_predecessors(context.table, event.run), into),
        on_wave_up=partial(_record_lost_protection, event, context),
    )
    return recovery.advance(context.now, event.poll.memo, is_last=_is_last_poll(event, context))


def _observe(event: WaitingEvent[RecoverParametersT], context: TaskContext) -> LaunchObservation:
    parameters, clients = event.parameters, context.clients(event.parameters.region)
    return observe_groups(
        clients.drs,
        clients.ec2,
        [group for wave in parameters.waves for group in wave],
        clients.region,
        parameters.direction,
        intents_by_group=list_step_intents(context.table, event.run.id, event.step.id),
        started_at=event.run.started_at,
        now=context.now,
    )


def _group_recovery(
    event: WaitingEvent[RecoverParametersT],
    context: TaskContext,
    predecessors: tuple[str, ...],
    into: IntoByGroup | None,
    group: ServerGroup,
) -> GroupRecovery:
    run, step, parameters = event.run, event.step, event.parameters
    clients = context.clients(parameters.region)
    return GroupRecovery(
        drs=clients.drs,
        drs_no_retry=clients.drs_no_retry,
        intents=LaunchIntentStore(context.table, run.id, step.id, group.name, context.lock_fence),
        group=group,
        region=clients.region,
        request=RecoveryRequest(
            run=run.id,
            started_at=run.started_at,
            step=step.id,
            group=group.name,
            attempt=step.attempt,
            is_drill=parameters.is_drill,
            predecessors=predecessors,
            point_in_time=run.point_in_time or parameters.point_in_time,
        ),
        quotas=LaunchQuotas(parameters.max_servers_per_job, parameters.max_jobs, parameters.max_servers_in_jobs),
        request_id=context.request_id,
        targets=None
        if into is None
        else TargetInstances(clients.drs, clients.ec2, clients.region, group.name, into[group.name]),
    )


def _record_lost_protection(
    event: WaitingEvent[RecoverParametersT], context: TaskContext, launched: Iterator[Launched]
) -> None:
    """Record that what serves users from now on has no copy. A drill's instances need none."""
    if not event.parameters.is_drill:
        region = context.clients(event.parameters.region).region
        for claim in launched:
            ProtectionJournal(context.journal(event.run.id), event.step, region).record_lost(claim)


def _is_last_poll(event: WaitingEvent[RecoverParametersT], context: TaskContext) -> bool:
    """Return whether the step times out by the end of this call, which takes about two seconds."""
    return event.poll.elapsed_seconds(context.now) >= event.poll.timeout_seconds - 2

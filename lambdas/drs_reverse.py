"""Lambda task that reverses replication and waits until each instance has a source server in the other Region."""

from __future__ import annotations

from typing import Literal

from leeward.common.claims.types.server_claims import Deferred, Reversed
from leeward.common.polling import PollResult
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.inventory.recovery_instances import describe_instances, earliest_launch
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.protection import reverse_replication
from leeward.drs.protection.reverse_replication import FailbackServerTags
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.journaling.protection_journal import ProtectionJournal
from leeward.lambdas.runtime.task import task

# How long to retry a Region that doesn't respond before deferring the reversal.
_RETRY_SECONDS = 120


class ReverseParameters(Parameters):
    """The groups whose instances run in `region` and are replicated to `other_region`.

    `tags` copies the group's tags to the new source servers. `is_drill` selects only drill instances. Otherwise, only
    instances that serve users are selected.
    """

    groups: list[ServerGroup]
    region: str
    other_region: str
    tags: bool
    is_drill: bool = False
    if_unreachable: Literal["fail", "defer"] = "fail"


@task(WaitingEvent[ReverseParameters])
def handler(event: WaitingEvent[ReverseParameters], context: TaskContext) -> PollResult:
    """Reverse replication, or check the progress.

    With `if_unreachable` `defer`, the step succeeds when the other Region can't be reached. The copies are created
    later, and the journal records since when the instances are unprotected.

    Raises NotReady, NotFound, or the error of an unreachable Region.
    """
    parameters, clients = event.parameters, context.clients(event.parameters.region)
    other_clients = context.clients(parameters.other_region)
    # Send each call once: the next poll is the retry, and an unresponsive Region must not use up the task's time.
    result = reverse_replication.reverse_groups(
        clients.drs,
        other_clients.drs_no_retry,
        parameters.groups,
        parameters.region,
        parameters.other_region,
        server_tags=FailbackServerTags(include_group_tags=parameters.tags, run=event.run.id),
        is_drill=parameters.is_drill,
        own_runs=lambda: {event.run.id, *find_predecessors(context.table, event.run)},
    )
    if result.unreachable is not None:
        return _handle_unreachable(event, context, result.unreachable)
    if result.waiting:
        return PollResult(False, "; ".join(result.waiting))
    if not parameters.is_drill:
        ProtectionJournal(context.journal(event.run.id), event.step, parameters.region).record_reversed(result.machines)
    claim = Reversed(
        region=parameters.region,
        to_region=parameters.other_region,
        machines=dict(result.machines),
        missing=result.missing_text,
    )
    return PollResult.reached(claim)


def _handle_unreachable(event: WaitingEvent[ReverseParameters], context: TaskContext, error: Exception) -> PollResult:
    parameters = event.parameters
    if event.poll.elapsed_seconds(context.now) < _RETRY_SECONDS:
        return PollResult(False, f"{parameters.other_region} does not answer, retrying: {error}")
    if parameters.if_unreachable == "fail":
        raise error
    clients = context.clients(parameters.region)
    instances, _ = reverse_replication.find_recovered_instances(
        clients.drs, parameters.groups, parameters.region, is_drill=parameters.is_drill
    )
    ids = sorted(instance.ec2_instance for instance in instances.values())
    launched = earliest_launch(describe_instances(clients.ec2, ids), ids)
    claim = Deferred(region=parameters.other_region, reason=str(error), instances=tuple(ids), since=launched)
    if parameters.is_drill:
        return PollResult.reached(claim)
    server_by_instance = {instance.ec2_instance: instance.server for instance in instances.values()}
    ProtectionJournal(context.journal(event.run.id), event.step, parameters.region).record_deferred(
        server_by_instance, launched, claim.text
    )
    return PollResult.reached(claim)

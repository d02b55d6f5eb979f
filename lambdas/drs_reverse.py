"""Reverses the replication of a group's recovered machines; called until each has its source server over there."""

from __future__ import annotations

from typing import Literal

from leeward.common.polling import PollResult
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.inventory.recovery_instances import describe_instances, earliest_launch
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.protection import reverse_replication
from leeward.drs.protection.reverse_replication import FailbackServerTags
from leeward.lambdas.runtime.invocation.events import Parameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.journaling.protection_journal import ProtectionJournal
from leeward.lambdas.runtime.task import task

# A Region that does not answer is tried for so long before the copy is given up for now.
_RETRY_SECONDS = 120


class ReverseParameters(Parameters):
    """The machines run in `region`, and their copies are to be in `other_region`, tagged like the group (`tags`).

    `is_drill`: the drill's instances are meant, and nothing else; else those that serve, and nothing else.
    """

    groups: list[ServerGroup]
    region: str
    other_region: str
    tags: bool
    is_drill: bool = False
    if_unreachable: Literal["fail", "defer"] = "fail"


@task(WaitingEvent[ReverseParameters])
def handler(event: WaitingEvent[ReverseParameters], context: TaskContext) -> PollResult:
    """Reverse, or look how far it is. Raises NotReady, NotFound, and what an unreachable Region answers.

    With `defer` an unreachable Region ends the step well: the copy is made later, and the journal says since when there
    is none.
    """
    given, here = event.parameters, context.clients(event.parameters.region)
    there = context.clients(given.other_region)
    # Sent once: the looks are the retries, and a Region that swallows packets must not use up the task's time.
    found = reverse_replication.reverse_groups(
        here.drs,
        there.drs_no_retry,
        given.groups,
        given.region,
        given.other_region,
        server_tags=FailbackServerTags(include_group_tags=given.tags, run=event.run.id),
        is_drill=given.is_drill,
        own_runs=lambda: {event.run.id, *find_predecessors(context.table, event.run)},
    )
    if found.unreachable is not None:
        return _handle_unreachable(event, context, found.unreachable)
    if found.waiting:
        return PollResult(False, "; ".join(found.waiting))
    if not given.is_drill:
        ProtectionJournal(context.journal(event.run.id), event.step, given.region).record_reversed(found.machines)
    told = ", ".join(f"{machine} by {server}" for machine, server in sorted(found.machines.items()))
    detail = f"{given.other_region} replicates from {given.region}: {told}{found.missing_text}"
    return PollResult(True, detail, {"machines": dict(found.machines)})


def _handle_unreachable(event: WaitingEvent[ReverseParameters], context: TaskContext, error: Exception) -> PollResult:
    given = event.parameters
    if event.poll.elapsed_seconds(context.now) < _RETRY_SECONDS:
        return PollResult(False, f"{given.other_region} does not answer, tried again: {error}")
    if given.if_unreachable == "fail":
        raise error
    here = context.clients(given.region)
    instances, _ = reverse_replication.find_recovered_instances(
        here.drs, given.groups, given.region, is_drill=given.is_drill
    )
    ids = sorted(instance.ec2_instance for instance in instances.values())
    launched = earliest_launch(describe_instances(here.ec2, ids), ids)
    detail = f"deferred: {given.other_region} does not answer ({error}); {', '.join(ids)} unprotected since " + (
        launched or "their launch"
    )
    if given.is_drill:
        return PollResult(True, detail, {"deferred": True})
    meant = {instance.ec2_instance: instance.server for instance in instances.values()}
    ProtectionJournal(context.journal(event.run.id), event.step, given.region).record_deferred(meant, launched, detail)
    return PollResult(True, detail, {"deferred": True})

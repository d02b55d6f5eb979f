"""Lambda task that terminates the instances that this run launched, to roll back a recovery or to end a drill."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from leeward.common.polling import PollResult, confirm_done
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.launch.launch_intents import list_run_intents
from leeward.drs.recovery import recovery_undo
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import RegionalParameters, WaitingEvent
from leeward.lambdas.runtime.task import task

# The step of this kind ends a drill. A step of any other kind runs this task as its rollback.
_OWN_KIND = "drs.terminate"


class UndoParameters(RegionalParameters):
    """The server groups, and their Region."""

    groups: list[ServerGroup]


@task(WaitingEvent[UndoParameters])
def handler(event: WaitingEvent[UndoParameters], context: TaskContext) -> PollResult:
    """Terminate the run's own instances, or check the progress."""
    run, ends_drill = event.run, event.step.kind == _OWN_KIND
    clients = context.clients(event.parameters.region)
    predecessors = find_predecessors(context.table, run) if ends_drill else ()
    roll_back = partial(
        recovery_undo.undo_recovery,
        clients.drs,
        event.parameters.groups,
        clients.region,
        run.id,
        started_at=run.started_at,
        unanswered=[
            intent
            for run_id in (run.id, *predecessors)
            for intent in list_run_intents(context.table, run_id)
            if intent.is_unanswered(context.now)
        ],
        drill_runs=predecessors,
    )
    result = confirm_done(roll_back)
    return result if ends_drill else replace(result, facts={**result.facts, "undone": True})

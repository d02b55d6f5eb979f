"""Terminates what this run's own jobs launched: to take a recovery back, or to end a drill."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from leeward.common.polling import PollResult, confirm_done
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.launch.launch_intents import list_run_intents
from leeward.drs.recovery import recovery_undo
from leeward.lambdas.runtime.invocation.events import RegionalParameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task

# The kind of the step that ends a drill; in a step of any other kind this task takes that step back.
_OWN_KIND = "drs.terminate"


class UndoParameters(RegionalParameters):
    """Which servers, and where."""

    groups: list[ServerGroup]


@task(WaitingEvent[UndoParameters])
def handler(event: WaitingEvent[UndoParameters], context: TaskContext) -> PollResult:
    """Terminate, or look how far it is."""
    run, own = event.run, event.step.kind == _OWN_KIND
    there = context.clients(event.parameters.region)
    earlier = find_predecessors(context.table, run) if own else ()
    roll_back = partial(
        recovery_undo.undo_recovery,
        there.drs,
        event.parameters.groups,
        there.region,
        run.id,
        started_at=run.started_at,
        unanswered=[
            o for r in (run.id, *earlier) for o in list_run_intents(context.table, r) if o.is_unanswered(context.now)
        ],
        drill_runs=earlier,
    )
    look = confirm_done(roll_back)
    return look if own else replace(look, facts={**look.facts, "undone": True})

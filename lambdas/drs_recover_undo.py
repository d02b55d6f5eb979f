"""Lambda task that terminates the instances that this run launched, to roll back a recovery or to end a drill."""

from __future__ import annotations

from functools import partial

from leeward.common.polling import PollResult
from leeward.common.task_calls.confirmation import confirm_done
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.launch.launch_intents import list_run_intents
from leeward.drs.recovery import recovery_undo
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.shared.group_parameters import GroupParameters


@task(WaitingEvent[GroupParameters])
def handler(event: WaitingEvent[GroupParameters], context: TaskContext) -> PollResult:
    """Terminate the run's own instances, or check the progress."""
    run, ends_drill = event.run, not event.step.undo
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
    return confirm_done(roll_back, event.poll.memo)

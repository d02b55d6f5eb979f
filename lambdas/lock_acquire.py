"""Takes the application's lock, so that one run acts at a time."""

from __future__ import annotations

from functools import partial

from leeward.common.errors import InvalidInput
from leeward.common.polling import PollResult
from leeward.control.journal.run_journal import JournalEvent
from leeward.control.locking import application_lock
from leeward.lambdas.runtime.executions.step_functions import is_run_active
from leeward.lambdas.runtime.invocation.events import Parameters, TaskEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task


class LockParameters(Parameters):
    """Whose lock, and the Region whose table keeps it: by default the one that the run enters."""

    application: str
    home: str | None = None


@task(TaskEvent[LockParameters], requires_lock=False)
def handler(event: TaskEvent[LockParameters], context: TaskContext) -> PollResult:
    """Take it, or take it over. Raises LockHeld naming the run that holds it and since when, LockUnknown."""
    run, application, home = event.run, event.parameters.application, event.parameters.home or event.run.target
    if application != run.application:
        raise InvalidInput(f"parameters.application is {application!r}, but the run is of {run.application!r}")
    if home not in (run.origin, run.target):
        raise InvalidInput(f"parameters.home is {home!r}, but the run leads from {run.origin} to {run.target}")
    if run.waive_lock is not None and run.waive_lock != home:
        raise InvalidInput(f"waive_lock is {run.waive_lock!r}, but the lock is kept in {home}, where this run is")
    taken = application_lock.acquire_lock(
        application_lock.LockTables(context.table, context.table_in(home), home),
        run,
        event.step.id,
        context.journal(run.id),
        now=context.now,
        execution=_find_execution_arn(context, run.id),
        is_run_active=partial(is_run_active, context.region, context.table),
    )
    if taken.waived:
        return PollResult(
            True, f"this run goes on without the lock of {application}: {home} does not answer, and is waived"
        )
    over = f", taken over from {taken.holder.taken_from}" if taken.holder.taken_from else ""
    return PollResult(True, f"this run holds the lock of {application}{over}")


def _find_execution_arn(context: TaskContext, run_id: str) -> str | None:
    """The run's execution, as its first task wrote it down."""
    for entry in context.journal(run_id).entries():
        if entry.event is JournalEvent.RUN_BEGAN:
            return str(entry.facts["execution"])
    return None

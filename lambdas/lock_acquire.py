"""Lambda task that acquires the application's lock, so that only one run acts at a time."""

from __future__ import annotations

from functools import partial

from leeward.common.claims.types.run_claims import Locked
from leeward.common.errors import InvalidInput, LockUnknown
from leeward.common.polling import PollResult
from leeward.control.journal.run_journal import JournalEvent
from leeward.control.locking import application_lock
from leeward.lambdas.runtime.executions.step_functions import is_run_active
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task


class LockParameters(Parameters):
    """The application, and the Region whose table keeps its lock. The default is the run's target Region."""

    application: str
    home: str | None = None


@task(WaitingEvent[LockParameters], requires_lock=False)
def handler(event: WaitingEvent[LockParameters], context: TaskContext) -> PollResult:
    """Acquire the lock, or take it over.

    Raises LockHeld, naming the holder and since when it holds the lock. Raises LockUnknown if the lock's Region doesn't
    respond until the step's time is up.
    """
    run, application, home = event.run, event.parameters.application, event.parameters.home or event.run.target
    if application != run.application:
        raise InvalidInput(f"parameters.application is {application!r}, but the run is of {run.application!r}")
    if home not in (run.origin, run.target):
        raise InvalidInput(f"parameters.home is {home!r}, but the run leads from {run.origin} to {run.target}")
    if run.waive_lock is not None and run.waive_lock != home:
        raise InvalidInput(f"waive_lock is {run.waive_lock!r}, but the lock is kept in {home}, where this run is")
    try:
        lock = application_lock.acquire_lock(
            application_lock.LockTables(context.table, context.table_in(home), home),
            run,
            event.step.id,
            context.journal(run.id),
            now=context.now,
            execution=_find_execution_arn(context, run.id),
            is_run_active=partial(is_run_active, context.region, context.table),
        )
    except LockUnknown as error:
        # The other Region may respond again. Operators see the error, and can start again without the lock.
        if event.poll.elapsed_seconds(context.now) < event.poll.timeout_seconds:
            return PollResult(False, str(error))
        raise
    if lock.waived:
        return PollResult.reached(Locked(application=application, waived_in=home))
    return PollResult.reached(Locked(application=application, taken_from=lock.holder.taken_from or None))


def _find_execution_arn(context: TaskContext, run_id: str) -> str | None:
    """Return the ARN of the run's execution from its journal, or None."""
    for entry in context.journal(run_id).entries():
        if entry.event is JournalEvent.RUN_BEGAN:
            return str(entry.facts["execution"])
    return None

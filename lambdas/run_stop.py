"""The last task of a run that failed: fails the execution with the run's account, through its token.

Called again because the execution was redriven, it lets the run go on instead: with the lock, which it takes again
where it had been let go, and at the step that failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from leeward.common.errors import EndUntold, LeewardError, Refused, describe_error
from leeward.common.text_limits import MAX_FINAL_CAUSE_BYTES
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.locking import application_lock
from leeward.control.outcome.run_end_state import count_ends, end_entry, first_entry, had_lock, was_undone
from leeward.control.outcome.step_failure import StepFailure, truncate_cause
from leeward.control.run import run_index, step_scratchpad
from leeward.control.run.run_reference import RunRef
from leeward.lambdas.runtime.executions import step_functions
from leeward.lambdas.runtime.invocation.events import DetailResult, Parameters, RunTokenEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.observability import logger


class StopParameters(Parameters):
    """The account that the run's end gave, the failure behind it, each step's attempts, and who keeps the lock."""

    error: str
    cause: str
    failure: StepFailure
    attempts: dict[str, int]
    lock_home: str | None


@task(RunTokenEvent[StopParameters], max_error_bytes=MAX_FINAL_CAUSE_BYTES)
def handler(event: RunTokenEvent[StopParameters], context: TaskContext) -> DetailResult:
    """Fail the execution, or let the run go on when it has been redriven since it ended. Raises EndUntold, the run's
    account first, where neither can be done."""
    try:
        return _stop_run(event, context)
    except Exception as error:
        logger.exception("the execution could not be told how its run ended")
        account = event.parameters.cause
        raise EndUntold(
            f"{account}\nUntold: the execution could neither be ended so nor go on: {describe_error(error)}"
        ) from error


def _stop_run(event: RunTokenEvent[StopParameters], context: TaskContext) -> DetailResult:
    run, given = event.run, event.parameters
    redrive = _find_redrive(run, context)
    if redrive is None:
        step_functions.fail_task(context.step_functions, event.token, given.error, given.cause)
        return DetailResult(detail=f"ended: {given.error}")
    try:
        _resume_run(event, redrive.entries, context)
    except LeewardError as refusal:
        error = type(refusal).__name__
        _record_not_resumed(run, redrive, f"not resumed: {error}: {refusal}", context)
        step_functions.fail_task(
            context.step_functions, event.token, error, truncate_cause(f"{refusal}\n{given.cause}")
        )
        return DetailResult(detail=f"not resumed: {error}")
    step = given.failure.step
    attempts = {**given.attempts, step: given.attempts.get(step, 1) + 1}
    step_functions.complete_task(context.step_functions, event.token, attempts)
    return DetailResult(detail=f"goes on at {step}")


@dataclass(frozen=True, slots=True)
class _Redrive:
    """A redrive since the end: the run's entries until then, and how often the execution was redriven in all."""

    entries: list[JournalEntry]
    count: int


def _find_redrive(run: RunRef, context: TaskContext) -> _Redrive | None:
    """The redrive for which the run is to go on; None where there was none since this end was first come to, which is
    noted at that time.

    None too where that can't be found out now: the account of the run matters more than that it goes on at the first
    try, and without this task's word the execution would end with an error of ours in its place.
    """
    try:
        entries = context.journal(run.id).entries()
        count = step_functions.count_redrives(context.step_functions, _execution_arn(entries))
        # The note is left before it is looked for: the first time, that is all there is to do.
        if step_scratchpad.write_note_once(context.table, run.id, _end_note_key(entries), str(count)):
            return None
        known = step_scratchpad.read_note(context.table, run.id, _end_note_key(entries))
    except LeewardError as error:
        logger.error(f"it is not known whether the run was redriven: {error}")
        return None
    return _Redrive(entries, count) if known is not None and count > int(known) else None


def _end_note_key(entries: list[JournalEntry], offset: int = 0) -> str:
    """The note's key: another for each end that the run tells of."""
    return f"stop-{count_ends(entries) + offset}"


def _resume_run(event: RunTokenEvent[StopParameters], entries: list[JournalEntry], context: TaskContext) -> None:
    run, given, journal = event.run, event.parameters, context.journal(event.run.id)
    if was_undone(entries):
        raise Refused(f"what run {run.id} had done was taken back: start {run.runbook} anew")
    execution = _execution_arn(entries)
    detail = f"redriven: goes on at {given.failure.step}, which had failed of {given.failure.error}"
    resumed = JournalEntry(context.now, JournalEvent.RUN_RESUMED, detail, facts={"step": given.failure.step})
    # Before the lock: a run whose last word was its end holds nobody back.
    journal.write_once(resumed, f"resumed-{count_ends(entries)}")
    run_index.reopen_run(context.table, run, execution)
    if given.lock_home is not None and had_lock(entries):
        home = given.lock_home
        application_lock.acquire_lock(
            application_lock.LockTables(context.table, context.table_in(home), home),
            run,
            given.failure.step,
            journal,
            now=context.now,
            execution=execution,
            is_run_active=partial(step_functions.is_run_active, context.region, context.table),
        )


def _record_not_resumed(run: RunRef, redrive: _Redrive, detail: str, context: TaskContext) -> None:
    """The run stands where it stood; called again, it says so no second time."""
    entries = redrive.entries
    ended = end_entry(entries)
    facts = dict(ended.facts) if ended is not None else {}
    again = JournalEntry(context.now, JournalEvent.RUN_ENDED, detail, facts=facts)
    try:
        context.journal(run.id).write_once(again, f"stays-{count_ends(entries)}")
        outcome = str(facts.get("outcome", "failed"))
        run_index.close_run(context.table, run, _execution_arn(entries), ended_at=context.now, outcome=outcome)
        step_scratchpad.write_note(context.table, run.id, _end_note_key(entries, 1), str(redrive.count))
    except LeewardError as error:
        # The next redrive finds the run as this one found it.
        logger.error(f"that the run was not resumed could not be written down: {error}")


def _execution_arn(entries: list[JournalEntry]) -> str:
    return str(first_entry(entries).facts["execution"])

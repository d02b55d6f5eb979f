"""Lambda task that ends a failed run: it fails the execution, through its task token, with the run's summary.

When the execution was redriven, the task resumes the run instead. It acquires the lock again if the lock was released,
and continues at the step that failed.
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
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import DetailResult, Parameters, RunTokenEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.observability import logger


class StopParameters(Parameters):
    """The error and summary of the run's end, its failure, the attempts of each step, and the Region of the lock."""

    error: str
    cause: str
    failure: StepFailure
    attempts: dict[str, int]
    lock_home: str | None


@task(RunTokenEvent[StopParameters], max_error_bytes=MAX_FINAL_CAUSE_BYTES)
def handler(event: RunTokenEvent[StopParameters], context: TaskContext) -> DetailResult:
    """Fail the execution, or resume the run if it was redriven since it ended.

    Raises EndUntold, starting with the run's summary, when neither is possible.
    """
    try:
        return _stop_run(event, context)
    except Exception as error:
        logger.exception("the end of the run could not be reported to Step Functions")
        summary = event.parameters.cause
        raise EndUntold(
            f"{summary}\nUntold: the execution could be neither failed nor resumed: {describe_error(error)}"
        ) from error


def _stop_run(event: RunTokenEvent[StopParameters], context: TaskContext) -> DetailResult:
    run, parameters = event.run, event.parameters
    redrive = _find_redrive(run, context)
    if redrive is None:
        step_functions.fail_task(context.step_functions, event.token, parameters.error, parameters.cause)
        return DetailResult(detail=f"ended: {parameters.error}")
    try:
        _resume_run(event, redrive.entries, context)
    except LeewardError as refusal:
        error = type(refusal).__name__
        _record_not_resumed(run, redrive, f"not resumed: {error}: {refusal}", context)
        step_functions.fail_task(
            context.step_functions, event.token, error, truncate_cause(f"{refusal}\n{parameters.cause}")
        )
        return DetailResult(detail=f"not resumed: {error}")
    step = parameters.failure.step
    attempts = {**parameters.attempts, step: parameters.attempts.get(step, 1) + 1}
    step_functions.complete_task(context.step_functions, event.token, attempts)
    return DetailResult(detail=f"goes on at {step}")


@dataclass(frozen=True, slots=True)
class _Redrive:
    """A redrive since the run's end: the journal entries until then, and the total number of redrives."""

    entries: list[JournalEntry]
    count: int


def _find_redrive(run: RunRef, context: TaskContext) -> _Redrive | None:
    """Return the redrive that resumes the run, or None if there was none since this end.

    The first call for an end saves the number of redrives. Later calls compare with it. Also return None when the
    number can't be read now. Reporting the run's summary matters more than resuming at the first try, and without this
    task's report the execution would end with an internal error instead.
    """
    try:
        entries = context.journal(run.id).entries()
        count = step_functions.count_redrives(context.step_functions, _execution_arn(entries))
        # Write before reading. If the write succeeds, this is the first call for this end.
        if step_scratchpad.write_note_once(context.table, run.id, _end_note_key(entries), str(count)):
            return None
        noted_count = step_scratchpad.read_note(context.table, run.id, _end_note_key(entries))
    except LeewardError as error:
        logger.error(f"could not determine whether the run was redriven: {error}")
        return None
    return _Redrive(entries, count) if noted_count is not None and count > int(noted_count) else None


def _end_note_key(entries: list[JournalEntry], offset: int = 0) -> str:
    """Return the note's key, which differs for each end of the run."""
    return f"stop-{count_ends(entries) + offset}"


def _resume_run(event: RunTokenEvent[StopParameters], entries: list[JournalEntry], context: TaskContext) -> None:
    run, parameters, journal = event.run, event.parameters, context.journal(event.run.id)
    if was_undone(entries):
        raise Refused(f"run {run.id} was rolled back: start {run.runbook} again")
    execution = _execution_arn(entries)
    detail = f"redriven: goes on at {parameters.failure.step}, which had failed of {parameters.failure.error}"
    resumed = JournalEntry(context.now, JournalEvent.RUN_RESUMED, detail, facts={"step": parameters.failure.step})
    # Record this before acquiring the lock: a run whose last entry is its end doesn't block other runs.
    journal.write_once(resumed, f"resumed-{count_ends(entries)}")
    run_index.reopen_run(context.table, run, execution)
    if parameters.lock_home is not None and had_lock(entries):
        home = parameters.lock_home
        application_lock.acquire_lock(
            application_lock.LockTables(context.table, context.table_in(home), home),
            run,
            parameters.failure.step,
            journal,
            now=context.now,
            execution=execution,
            is_run_active=partial(step_functions.is_run_active, context.region, context.table),
        )


def _record_not_resumed(run: RunRef, redrive: _Redrive, detail: str, context: TaskContext) -> None:
    """Record once that the run was not resumed and remains ended."""
    entries = redrive.entries
    ended = end_entry(entries)
    facts = dict(ended.facts) if ended is not None else {}
    entry = JournalEntry(context.now, JournalEvent.RUN_ENDED, detail, facts=facts)
    try:
        context.journal(run.id).write_once(entry, f"stays-{count_ends(entries)}")
        outcome = str(facts.get("outcome", "failed"))
        run_index.close_run(context.table, run, _execution_arn(entries), ended_at=context.now, outcome=outcome)
        step_scratchpad.write_note(context.table, run.id, _end_note_key(entries, 1), str(redrive.count))
    except LeewardError as error:
        # The state is unchanged for the next redrive.
        logger.error(f"could not record that the run was not resumed: {error}")


def _execution_arn(entries: list[JournalEntry]) -> str:
    return str(first_entry(entries).facts["execution"])

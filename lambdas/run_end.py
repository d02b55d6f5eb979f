"""Lambda task that ends a run: it records the end, releases the lock unless it is kept, and summarizes the run."""

from __future__ import annotations

import json
from typing import Literal, Self

from pydantic import model_validator

from leeward.common.errors import EndUntold, LeewardError, LockLost, describe_error
from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.common.text_limits import MAX_FINAL_CAUSE_BYTES
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.locking import application_lock
from leeward.control.notifications import operator_messages
from leeward.control.outcome import run_summary
from leeward.control.outcome.run_end_state import end_entry, first_entry
from leeward.control.outcome.step_failure import StepFailure, error_message
from leeward.control.run import run_index
from leeward.control.run.run_reference import RunbookSummary, RunRef
from leeward.drs.launch.launch_intents import list_run_intents
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, RunEvent, TaskResult
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.observability import logger
from leeward.lambdas.runtime.telemetry.run_notifications import (
    count_run_metrics,
    publish_event,
    send_message,
    send_unsent_messages,
)


class EndParameters(Parameters):
    """How the run ended. `keep_lock` blocks other runs until an operator has checked this one."""

    outcome: Literal["succeeded", "failed"]
    keep_lock: bool
    failure: StepFailure | None = None

    @model_validator(mode="after")
    def _require_matching_failure(self) -> Self:
        if (self.outcome == "failed") != (self.failure is not None):
            raise ValueError("a failed run has a failure, and only a failed run")
        return self


class RunEndResult(TaskResult):
    """The result that the state machine's last state shows. `error` is the failure's name, or empty after success."""

    outcome: str
    error: str
    cause: str


@task(RunEvent[EndParameters], max_error_bytes=MAX_FINAL_CAUSE_BYTES)
def handler(event: RunEvent[EndParameters], context: TaskContext) -> RunEndResult:
    """End the run once, even if called again.

    When the end can't be recorded, raises an error that says what happened and how to continue.
    """
    try:
        return _end_run(event, context)
    except Exception as error:
        logger.exception("the end could not be recorded")
        known = type(error) if isinstance(error, LeewardError) else EndUntold
        raise known(_unrecorded_end_message(event, error)) from error


def _unrecorded_end_message(event: RunEvent[EndParameters], error: Exception) -> str:
    """Describe an end that only the execution will show: what happened, and how to continue."""
    run, failure = event.run, event.parameters.failure
    happened = f"Run {run.id}: every step is done"
    if failure is not None:
        happened = (
            f"Run {run.id} failed at {failure.step}: {failure.error}: {error_message(failure.error, failure.cause)}"
        )
    return (
        f"{happened}. The end could not be recorded, and the lock may be held: {describe_error(error)}. "
        f"Now: fix that error, then run `leeward resume {run.id}` to record the end"
    )


def _end_run(event: RunEvent[EndParameters], context: TaskContext) -> RunEndResult:
    run, parameters = event.run, event.parameters
    lost = None if parameters.failure is None else _find_lock_owner_error(run, context)
    entries = context.journal(run.id).entries()
    result = _find_recorded_result(entries)
    if result is None:
        failure = parameters.failure
        if failure is not None:  # the cause of an unexpected error is Lambda's JSON
            failure = failure.model_copy(update={"cause": error_message(failure.error, failure.cause)})
        _record_lapsed_questions(entries, run, context)
        cause = run_summary.summarize_run(
            run,
            _runbook_of(entries).steps,
            entries,
            failure,
            keep_lock=parameters.keep_lock,
            lock_lost_to=lost,
            unreported_launches=_unreported_launches(run, entries, context) if failure is not None else (),
        )
        result = RunEndResult(outcome=parameters.outcome, error=failure.error if failure else "", cause=cause)
        facts = {**result.model_dump(), "keep_lock": parameters.keep_lock and lost is None}
        if failure is not None:
            facts["failed_step"] = failure.step
        link = context.journal(run.id).write(
            JournalEntry(context.now, JournalEvent.RUN_ENDED, f"{parameters.outcome}", facts=facts)
        )
        if failure is not None:
            message = operator_messages.run_end_message(run, result.outcome, result.cause, link)
            send_message(context, run, message, purpose="end")
        else:
            send_unsent_messages(context, run)
        publish_event(context, DomainEventType.RUN_ENDED, run, link)
        _count_end_metrics(run, result, context)
    run_index.close_run(context.table, run, _execution_arn(entries), ended_at=context.now, outcome=result.outcome)
    if lost is not None or not parameters.keep_lock:
        for detail in application_lock.release_lock(context.table, run, context.table_in):
            context.journal(run.id).write(JournalEntry(context.now, JournalEvent.LOCK_RELEASED, detail))
    return result


def _count_end_metrics(run: RunRef, result: RunEndResult, context: TaskContext) -> None:
    try:
        count_run_metrics(run, _measure_run(run, result, context))
    except Exception as error:  # the end is recorded: a missing metric must not fail it
        logger.warning(f"the run's metrics could not be put: {error}")


def _find_lock_owner_error(run: RunRef, context: TaskContext) -> str | None:
    """Return an error text that names the other run that holds the lock, or None."""
    try:
        application_lock.require_lock(context.table, run)
    except LockLost as error:
        return str(error)
    return None


def _unreported_launches(run: RunRef, entries: list[JournalEntry], context: TaskContext) -> list[str]:
    """Return the requested launches that the journal lacks because a write to it failed."""
    try:
        intents = list_run_intents(context.table, run.id)
    except LeewardError as error:  # ending the run matters more
        logger.warning(f"the run's launch intents could not be read: {error}")
        return []
    journal_text = json.dumps([entry.facts for entry in entries], default=str)
    return [
        f"{intent.job or 'a job that never answered'} for {', '.join(intent.servers)}"
        for intent in intents
        if intent.job is None or intent.job not in journal_text
    ]


def _find_recorded_result(entries: list[JournalEntry]) -> RunEndResult | None:
    entry = end_entry(entries)
    return (
        None
        if entry is None
        else RunEndResult.model_validate({name: entry.facts[name] for name in RunEndResult.model_fields})
    )


def _runbook_of(entries: list[JournalEntry]) -> RunbookSummary:
    return RunbookSummary.model_validate(first_entry(entries).facts["runbook"])


def _execution_arn(entries: list[JournalEntry]) -> str:
    return str(first_entry(entries).facts["execution"])


def _record_lapsed_questions(entries: list[JournalEntry], run: RunRef, context: TaskContext) -> None:
    """Record the questions that no one answered, because their default decisions are decisions too."""
    closing_events = (JournalEvent.QUESTION_ANSWERED, JournalEvent.QUESTION_LAPSED)
    answered = {(e.step, e.attempt, e.facts.get("kind")) for e in entries if e.event in closing_events}
    questions = {(e.step, e.attempt, e.facts.get("kind")): e for e in entries if e.event is JournalEvent.QUESTION_ASKED}
    for key, question in questions.items():
        if key not in answered:
            default = question.facts.get("default")
            detail = f"no one answered in time: the default, {default}, applies"
            facts = {"kind": question.facts.get("kind"), "decision": default, "asked_at": question.at.isoformat()}
            lapsed = JournalEntry(
                context.now, JournalEvent.QUESTION_LAPSED, detail, question.step, question.attempt, facts
            )
            context.journal(run.id).write(lapsed)
            count_run_metrics(run, {RunMetric.QUESTION_LAPSED: 1})


def _measure_run(run: RunRef, result: RunEndResult, context: TaskContext) -> dict[RunMetric, float]:
    """Return the run's outcome and duration. For a run that moved users, include the measured RTO and RPO."""
    outcome_metric = RunMetric.SUCCEEDED if result.outcome == "succeeded" else RunMetric.FAILED
    values: dict[RunMetric, float] = {
        outcome_metric: 1,
        RunMetric.SECONDS: (context.now - run.started_at).total_seconds(),
    }
    evidence = build_evidence(run.id, context.journal(run.id).links())
    if evidence.rto.measured_seconds is None:
        return values
    values |= {
        RunMetric.RTO_SECONDS: evidence.rto.measured_seconds,
        RunMetric.RTO_OBJECTIVE_SECONDS: evidence.rto.objective_seconds,
        RunMetric.RPO_OBJECTIVE_SECONDS: evidence.rpo.objective_seconds,
    }
    if evidence.rpo.measured_seconds is not None:
        values[RunMetric.RPO_SECONDS] = evidence.rpo.measured_seconds
    return values

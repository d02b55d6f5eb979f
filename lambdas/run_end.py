"""The last task: writes the end down, releases the lock unless it is to be kept, and words the truth."""

from __future__ import annotations

import json
from typing import Literal, Self

from pydantic import model_validator

from leeward.common.errors import EndUntold, LeewardError, LockLost, describe_error
from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.common.text_limits import MAX_FINAL_CAUSE_BYTES
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEntry, JournalEvent, read_chain
from leeward.control.locking import application_lock
from leeward.control.notifications import operator_messages
from leeward.control.outcome import run_summary
from leeward.control.outcome.run_end_state import end_entry, first_entry
from leeward.control.outcome.step_failure import StepFailure, error_message
from leeward.control.run import run_index
from leeward.control.run.run_reference import RunbookSummary, RunRef
from leeward.drs.launch.launch_intents import list_run_intents
from leeward.evidence.from_journal.evidence_builder import build_evidence
from leeward.lambdas.runtime.invocation.events import Parameters, RunEvent, TaskResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.observability import logger
from leeward.lambdas.runtime.telemetry.run_notifications import count_run_metrics, publish_event, send_message


class EndParameters(Parameters):
    """How the run ended. `keep_lock`: no other run may start before a person has looked."""

    outcome: Literal["succeeded", "failed"]
    keep_lock: bool
    failure: StepFailure | None = None

    @model_validator(mode="after")
    def _require_matching_failure(self) -> Self:
        if (self.outcome == "failed") != (self.failure is not None):
            raise ValueError("a failed run has a failure, and only a failed run")
        return self


class RunEndResult(TaskResult):
    """What the machine's last state shows. `error` is the failure's name, empty after success."""

    outcome: str
    error: str
    cause: str


@task(RunEvent[EndParameters], max_error_bytes=MAX_FINAL_CAUSE_BYTES)
def handler(event: RunEvent[EndParameters], context: TaskContext) -> RunEndResult:
    """End the run; called again, it ends it no second time. What it raises says what happened, and how to go on."""
    try:
        return _end_run(event, context)
    except Exception as error:
        logger.exception("the end could not be recorded")
        known = type(error) if isinstance(error, LeewardError) else EndUntold
        raise known(_unrecorded_end_message(event, error)) from error


def _unrecorded_end_message(event: RunEvent[EndParameters], error: Exception) -> str:
    """Nothing but the execution tells of such an end: it has to say what happened, and name the way on."""
    run, failure = event.run, event.parameters.failure
    happened = f"Run {run.id}: every step is done"
    if failure is not None:
        happened = (
            f"Run {run.id} failed at {failure.step}: {failure.error}: {error_message(failure.error, failure.cause)}"
        )
    return (
        f"{happened}. The end could not be recorded, and the lock may be held: {describe_error(error)}. "
        f"Now: mend that; `leeward resume {run.id}` records the end"
    )


def _end_run(event: RunEvent[EndParameters], context: TaskContext) -> RunEndResult:
    run, asked = event.run, event.parameters
    lost = None if asked.failure is None else _find_lock_owner_error(run, context)
    entries = context.journal(run.id).entries()
    ended = _find_recorded_result(entries)
    if ended is None:
        failure = asked.failure
        if failure is not None:  # of an error that no one foresaw, the cause is Lambda's JSON
            failure = failure.model_copy(update={"cause": error_message(failure.error, failure.cause)})
        _record_lapsed_questions(entries, run, context)
        cause = run_summary.summarize_run(
            run,
            _runbook_of(entries).steps,
            entries,
            failure,
            keep_lock=asked.keep_lock,
            lock_lost_to=lost,
            unreported_launches=_unreported_launches(run, entries, context) if failure is not None else (),
        )
        ended = RunEndResult(outcome=asked.outcome, error=failure.error if failure else "", cause=cause)
        facts = {**ended.model_dump(), "keep_lock": asked.keep_lock and lost is None}
        if failure is not None:
            facts["failed_step"] = failure.step
        link = context.journal(run.id).write(
            JournalEntry(context.now, JournalEvent.RUN_ENDED, f"{asked.outcome}", facts=facts)
        )
        if failure is not None:
            _notify_team(run, ended, link, context)
        publish_event(context, DomainEventType.RUN_ENDED, run, link)
        _count_end_metrics(run, ended, context)
    run_index.close_run(context.table, run, _execution_arn(entries), ended_at=context.now, outcome=ended.outcome)
    if lost is not None or not asked.keep_lock:
        for detail in application_lock.release_lock(context.table, run, context.table_in):
            context.journal(run.id).write(JournalEntry(context.now, JournalEvent.LOCK_RELEASED, detail))
    return ended


def _count_end_metrics(run: RunRef, result: RunEndResult, context: TaskContext) -> None:
    try:
        count_run_metrics(run, _measure_run(run, result, context))
    except LeewardError as error:  # the end is written down: a figure less must not undo it
        logger.warning(f"the end could not be measured: {error}")


def _find_lock_owner_error(run: RunRef, context: TaskContext) -> str | None:
    """Which other run holds the lock, so that this one has nothing to keep."""
    try:
        application_lock.require_lock(context.table, run)
    except LockLost as error:
        return str(error)
    return None


def _unreported_launches(run: RunRef, entries: list[JournalEntry], context: TaskContext) -> list[str]:
    """What was asked of DRS and never came into the journal, because that could not be written then."""
    try:
        orders = list_run_intents(context.table, run.id)
    except LeewardError as error:  # that the run ended is worth more
        logger.warning(f"what the run has launched could not be read: {error}")
        return []
    told = json.dumps([entry.facts for entry in entries], default=str)
    return [
        f"{order.job or 'a job that never answered'} for {', '.join(order.servers)}"
        for order in orders
        if order.job is None or order.job not in told
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
    """Write down which questions nobody answered: what was decided by silence is a decision too."""
    told = (JournalEvent.QUESTION_ANSWERED, JournalEvent.QUESTION_LAPSED)
    answered = {(e.step, e.attempt, e.facts.get("kind")) for e in entries if e.event in told}
    asked = {(e.step, e.attempt, e.facts.get("kind")): e for e in entries if e.event is JournalEvent.QUESTION_ASKED}
    for key, question in asked.items():
        if key not in answered:
            default = question.facts.get("default")
            detail = f"nobody answered in time: {default}, as was to be without an answer"
            facts = {"kind": question.facts.get("kind"), "decision": default, "asked_at": question.at.isoformat()}
            lapsed = JournalEntry(
                context.now, JournalEvent.QUESTION_LAPSED, detail, question.step, question.attempt, facts
            )
            context.journal(run.id).write(lapsed)
            count_run_metrics(run, {RunMetric.QUESTION_LAPSED: 1})


def _measure_run(run: RunRef, result: RunEndResult, context: TaskContext) -> dict[RunMetric, float]:
    """How it ended and how long it took; of a run that moved the users, what its journal measured."""
    how = RunMetric.SUCCEEDED if result.outcome == "succeeded" else RunMetric.FAILED
    figures: dict[RunMetric, float] = {how: 1, RunMetric.SECONDS: (context.now - run.started_at).total_seconds()}
    measured = build_evidence(run.id, read_chain(context.table, run.id))
    if measured.rto.measured_seconds is None:
        return figures
    figures |= {
        RunMetric.RTO_SECONDS: measured.rto.measured_seconds,
        RunMetric.RTO_OBJECTIVE_SECONDS: measured.rto.objective_seconds,
        RunMetric.RPO_OBJECTIVE_SECONDS: measured.rpo.objective_seconds,
    }
    if measured.rpo.measured_seconds is not None:
        figures[RunMetric.RPO_SECONDS] = measured.rpo.measured_seconds
    return figures


def _notify_team(run: RunRef, result: RunEndResult, link: ChainedEntry, context: TaskContext) -> None:
    try:
        send_message(
            context, run, operator_messages.run_end_message(run, result.outcome, result.cause, link), purpose="end"
        )
    except LeewardError as error:
        # The end is recorded, and the execution shows it: a message that can't be sent must not hide that.
        logger.error(f"the team could not be told of the end: {error}")

"""The last task: writes the end down, releases the lock unless it is to be kept, and words the truth."""

from __future__ import annotations

import json
from typing import Literal, Self

from pydantic import model_validator

from leeward.common.errors import EndUntold, LeewardError, LockLost, words_of
from leeward.common.signals import Announced, RunMetric
from leeward.common.text import LONGEST_LAST_WORDS
from leeward.control import lock, messages, outcome, register
from leeward.control.chain import Link
from leeward.control.ends import beginning_of, end_of
from leeward.control.failure import Failure, message_of
from leeward.control.journal import Entry, Event, chain
from leeward.control.run import Runbook, RunRef
from leeward.drs.orders import of_run
from leeward.evidence.of_journal import evidence_of
from leeward.lambdas.common.events import Answer, Parameters, RunEvent
from leeward.lambdas.common.observability import logger
from leeward.lambdas.common.signals import announce, count, tell
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class EndParameters(Parameters):
    """How the run ended. `keep_lock`: no other run may start before a person has looked."""

    outcome: Literal["succeeded", "failed"]
    keep_lock: bool
    failure: Failure | None = None

    @model_validator(mode="after")
    def _failure_of_failed(self) -> Self:
        if (self.outcome == "failed") != (self.failure is not None):
            raise ValueError("a failed run has a failure, and only a failed run")
        return self


class Ended(Answer):
    """What the machine's last state shows. `error` is the failure's name, empty after success."""

    outcome: str
    error: str
    cause: str


@task(RunEvent[EndParameters], longest=LONGEST_LAST_WORDS)
def handler(event: RunEvent[EndParameters], bench: Workbench) -> Ended:
    """End the run; called again, it ends it no second time. What it raises says what happened, and how to go on."""
    try:
        return _end(event, bench)
    except Exception as error:
        logger.exception("the end could not be recorded")
        known = type(error) if isinstance(error, LeewardError) else EndUntold
        raise known(_unrecorded(event, error)) from error


def _unrecorded(event: RunEvent[EndParameters], error: Exception) -> str:
    """Nothing but the execution tells of such an end: it has to say what happened, and name the way on."""
    run, failure = event.run, event.parameters.failure
    happened = f"Run {run.id}: every step is done"
    if failure is not None:
        happened = f"Run {run.id} failed at {failure.step}: {failure.error}: {message_of(failure.error, failure.cause)}"
    return (
        f"{happened}. The end could not be recorded, and the lock may be held: {words_of(error)}. "
        f"Now: mend that; `leeward resume {run.id}` records the end"
    )


def _end(event: RunEvent[EndParameters], bench: Workbench) -> Ended:
    run, asked = event.run, event.parameters
    lost = None if asked.failure is None else _lost(run, bench)
    entries = bench.journal(run.id).entries()
    ended = _ended_before(entries)
    if ended is None:
        failure = asked.failure
        if failure is not None:  # of an error that no one foresaw, the cause is Lambda's JSON
            failure = failure.model_copy(update={"cause": message_of(failure.error, failure.cause)})
        _lapse(entries, run, bench)
        cause = outcome.cause(
            run,
            _runbook(entries).steps,
            entries,
            failure,
            keep_lock=asked.keep_lock,
            lost=lost,
            launches=_untold_launches(run, entries, bench) if failure is not None else (),
        )
        ended = Ended(outcome=asked.outcome, error=failure.error if failure else "", cause=cause)
        facts = {**ended.model_dump(), "keep_lock": asked.keep_lock and lost is None}
        if failure is not None:
            facts["failed_step"] = failure.step
        link = bench.journal(run.id).write(Entry(bench.now, Event.RUN_ENDED, f"{asked.outcome}", facts=facts))
        if failure is not None:
            _tell(run, ended, link, bench)
        announce(bench, Announced.RUN_ENDED, run, link)
        _count(run, ended, bench)
    register.close(bench.table, run, _execution(entries), ended_at=bench.now, outcome=ended.outcome)
    if lost is not None or not asked.keep_lock:
        for detail in lock.release(bench.table, run, bench.table_at):
            bench.journal(run.id).write(Entry(bench.now, Event.LOCK_RELEASED, detail))
    return ended


def _count(run: RunRef, ended: Ended, bench: Workbench) -> None:
    try:
        count(run, _figures(run, ended, bench))
    except LeewardError as error:  # the end is written down: a figure less must not undo it
        logger.warning(f"the end could not be measured: {error}")


def _lost(run: RunRef, bench: Workbench) -> str | None:
    """Which other run holds the lock, so that this one has nothing to keep."""
    try:
        lock.check(bench.table, run)
    except LockLost as error:
        return str(error)
    return None


def _untold_launches(run: RunRef, entries: list[Entry], bench: Workbench) -> list[str]:
    """What was asked of DRS and never came into the journal, because that could not be written then."""
    try:
        orders = of_run(bench.table, run.id)
    except LeewardError as error:  # that the run ended is worth more
        logger.warning(f"what the run has launched could not be read: {error}")
        return []
    told = json.dumps([entry.facts for entry in entries], default=str)
    return [
        f"{order.job or 'a job that never answered'} for {', '.join(order.servers)}"
        for order in orders
        if order.job is None or order.job not in told
    ]


def _ended_before(entries: list[Entry]) -> Ended | None:
    entry = end_of(entries)
    return None if entry is None else Ended.model_validate({name: entry.facts[name] for name in Ended.model_fields})


def _runbook(entries: list[Entry]) -> Runbook:
    return Runbook.model_validate(beginning_of(entries).facts["runbook"])


def _execution(entries: list[Entry]) -> str:
    return str(beginning_of(entries).facts["execution"])


def _lapse(entries: list[Entry], run: RunRef, bench: Workbench) -> None:
    """Write down which questions nobody answered: what was decided by silence is a decision too."""
    told = (Event.QUESTION_ANSWERED, Event.QUESTION_LAPSED)
    answered = {(e.step, e.attempt, e.facts.get("kind")) for e in entries if e.event in told}
    asked = {(e.step, e.attempt, e.facts.get("kind")): e for e in entries if e.event is Event.QUESTION_ASKED}
    for key, question in asked.items():
        if key not in answered:
            default = question.facts.get("default")
            detail = f"nobody answered in time: {default}, as was to be without an answer"
            facts = {"kind": question.facts.get("kind"), "decision": default, "asked_at": question.at.isoformat()}
            lapsed = Entry(bench.now, Event.QUESTION_LAPSED, detail, question.step, question.attempt, facts)
            bench.journal(run.id).write(lapsed)
            count(run, {RunMetric.QUESTION_LAPSED: 1})


def _figures(run: RunRef, ended: Ended, bench: Workbench) -> dict[RunMetric, float]:
    """How it ended and how long it took; of a run that moved the users, what its journal measured."""
    how = RunMetric.SUCCEEDED if ended.outcome == "succeeded" else RunMetric.FAILED
    figures: dict[RunMetric, float] = {how: 1, RunMetric.SECONDS: (bench.now - run.started_at).total_seconds()}
    measured = evidence_of(run.id, chain(bench.table, run.id))
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


def _tell(run: RunRef, ended: Ended, link: Link, bench: Workbench) -> None:
    try:
        tell(bench, run, messages.end_text(run, ended.outcome, ended.cause, link), purpose="end")
    except LeewardError as error:
        # The end is recorded, and the execution shows it: a message that can't be sent must not hide that.
        logger.error(f"the team could not be told of the end: {error}")

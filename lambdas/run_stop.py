"""The last task of a run that failed: fails the execution with the run's account, through its token.

Called again because the execution was redriven, it lets the run go on instead: with the lock, which it takes again
where it had been let go, and at the step that failed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from leeward.common.errors import EndUntold, LeewardError, Refused, words_of
from leeward.common.text import LONGEST_LAST_WORDS
from leeward.control import lock, notes, register
from leeward.control.ends import beginning_of, end_of, ends_told, had_the_lock, was_undone
from leeward.control.failure import Failure, shorten
from leeward.control.journal import Entry, Event
from leeward.control.run import RunRef
from leeward.lambdas.common import callbacks
from leeward.lambdas.common.events import Detail, EndingEvent, Parameters
from leeward.lambdas.common.observability import logger
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class StopParameters(Parameters):
    """The account that the run's end gave, the failure behind it, each step's attempts, and who keeps the lock."""

    error: str
    cause: str
    failure: Failure
    attempts: dict[str, int]
    lock_home: str | None


@task(EndingEvent[StopParameters], longest=LONGEST_LAST_WORDS)
def handler(event: EndingEvent[StopParameters], bench: Workbench) -> Detail:
    """Fail the execution, or let the run go on when it has been redriven since it ended. Raises EndUntold, the run's
    account first, where neither can be done."""
    try:
        return _stop(event, bench)
    except Exception as error:
        logger.exception("the execution could not be told how its run ended")
        account = event.parameters.cause
        raise EndUntold(
            f"{account}\nUntold: the execution could neither be ended so nor go on: {words_of(error)}"
        ) from error


def _stop(event: EndingEvent[StopParameters], bench: Workbench) -> Detail:
    run, given = event.run, event.parameters
    redrive = _redrive(run, bench)
    if redrive is None:
        callbacks.fail(bench.states, event.token, given.error, given.cause)
        return Detail(detail=f"ended: {given.error}")
    try:
        _go_on(event, redrive.entries, bench)
    except LeewardError as refusal:
        error = type(refusal).__name__
        _stay(run, redrive, f"not resumed: {error}: {refusal}", bench)
        callbacks.fail(bench.states, event.token, error, shorten(f"{refusal}\n{given.cause}"))
        return Detail(detail=f"not resumed: {error}")
    step = given.failure.step
    attempts = {**given.attempts, step: given.attempts.get(step, 1) + 1}
    callbacks.hand_over(bench.states, event.token, attempts)
    return Detail(detail=f"goes on at {step}")


@dataclass(frozen=True, slots=True)
class _Redrive:
    """A redrive since the end: the run's entries until then, and how often the execution was redriven in all."""

    entries: list[Entry]
    count: int


def _redrive(run: RunRef, bench: Workbench) -> _Redrive | None:
    """The redrive for which the run is to go on; None where there was none since this end was first come to, which is
    noted at that time.

    None too where that can't be found out now: the account of the run matters more than that it goes on at the first
    try, and without this task's word the execution would end with an error of ours in its place.
    """
    try:
        entries = bench.journal(run.id).entries()
        count = callbacks.redrives(bench.states, _execution(entries))
        # The note is left before it is looked for: the first time, that is all there is to do.
        if notes.leave_once(bench.table, run.id, _stands(entries), str(count)):
            return None
        known = notes.find(bench.table, run.id, _stands(entries))
    except LeewardError as error:
        logger.error(f"it is not known whether the run was redriven: {error}")
        return None
    return _Redrive(entries, count) if known is not None and count > int(known) else None


def _stands(entries: list[Entry], later: int = 0) -> str:
    """The note's key: another for each end that the run tells of."""
    return f"stop-{ends_told(entries) + later}"


def _go_on(event: EndingEvent[StopParameters], entries: list[Entry], bench: Workbench) -> None:
    run, given, journal = event.run, event.parameters, bench.journal(event.run.id)
    if was_undone(entries):
        raise Refused(f"what run {run.id} had done was taken back: start {run.runbook} anew")
    execution = _execution(entries)
    detail = f"redriven: goes on at {given.failure.step}, which had failed of {given.failure.error}"
    resumed = Entry(bench.now, Event.RUN_RESUMED, detail, facts={"step": given.failure.step})
    # Before the lock: a run whose last word was its end holds nobody back.
    journal.write_once(resumed, f"resumed-{ends_told(entries)}")
    register.reopen(bench.table, run, execution)
    if given.lock_home is not None and had_the_lock(entries):
        home = given.lock_home
        lock.take(
            lock.Places(bench.table, bench.table_at(home), home),
            run,
            given.failure.step,
            journal,
            now=bench.now,
            execution=execution,
            still_running=partial(callbacks.still_running, bench.region, bench.table),
        )


def _stay(run: RunRef, redrive: _Redrive, detail: str, bench: Workbench) -> None:
    """The run stands where it stood; called again, it says so no second time."""
    entries = redrive.entries
    ended = end_of(entries)
    facts = dict(ended.facts) if ended is not None else {}
    again = Entry(bench.now, Event.RUN_ENDED, detail, facts=facts)
    try:
        bench.journal(run.id).write_once(again, f"stays-{ends_told(entries)}")
        outcome = str(facts.get("outcome", "failed"))
        register.close(bench.table, run, _execution(entries), ended_at=bench.now, outcome=outcome)
        notes.leave(bench.table, run.id, _stands(entries, 1), str(redrive.count))
    except LeewardError as error:
        # The next redrive finds the run as this one found it.
        logger.error(f"that the run was not resumed could not be written down: {error}")


def _execution(entries: list[Entry]) -> str:
    return str(beginning_of(entries).facts["execution"])

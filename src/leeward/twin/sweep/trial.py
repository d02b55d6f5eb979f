"""One trial: the run with its faults, then, once nothing is broken any more, the run that goes on from there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any, Self

from botocore.exceptions import ClientError

from leeward.control.journal import Event
from leeward.state_machines.documents.direction import Direction
from leeward.state_machines.tree import Ready
from leeward.twin.canonical import State, canonical, differences
from leeward.twin.committed import brings_back, moves_users
from leeward.twin.errors import TwinError
from leeward.twin.invariants.truth import UNRECORDED
from leeward.twin.rehearsal import follow, play
from leeward.twin.report import Outcome, Rehearsal
from leeward.twin.run import Run
from leeward.twin.stage import Stage
from leeward.twin.sweep.breaking import Breaking, Guide, Unbroken, operator_of
from leeward.twin.sweep.faults import DARK, Fault
from leeward.twin.sweep.survey import Survey

# How a run's account says that it can be redriven (control/outcome.py).
_RESUME = "`leeward resume "
# The kind of step that asks the other Region what has arrived there.
_PROVES = "dynamodb.await_replication"
# Between the end of the broken run and the next: the fault is found and mended, replication settles. No user asks
# meanwhile: nothing is done that they could notice.
_MENDED_AFTER = timedelta(minutes=20)
# Until what a run has set going, such as replication, has come to rest: DRS takes a tenth of its time here.
_RESTS_AFTER = timedelta(minutes=4)
# Where the users are is judged while they ask (truth).
_NOT_OF_THE_GOAL = ("users",)
# Before the run is started.
START = "start"


class NotRedriven(TwinError):
    """Step Functions refused to let an execution go on that says that it can."""


@dataclass(slots=True)
class Verdict:
    """What came of a trial. `problems` is empty when it ended well; `again` is the second run's outcome, if there was
    one; `same_as` is the trial that this one met, and whose end is its own; `met` where others that come there meet it;
    `seconds` are of the processor."""

    fault: str = ""
    label: str = ""
    struck: bool = True
    outcome: str = ""
    error: str = ""
    again: str = ""
    problems: list[str] = field(default_factory=list)
    cause: str = ""
    same_as: str = ""
    met: str = ""
    seconds: float = 0.0

    @property
    def ended_well(self) -> bool:
        """No promise was broken, and the goal was reached."""
        return not self.problems

    def like(self, other: Self) -> Self:
        """This one, which met the other, with the end that the other came to."""
        return replace(
            other, fault=self.fault, label=self.label, same_as=self.same_as, met=self.met, seconds=self.seconds
        )

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def attempt(
    stage: Stage, ready: Ready, guide: Guide | None = None, goal: State | None = None
) -> tuple[Verdict, Survey]:
    """Run it, judge it, and go on until the goal is reached. `guide` says at which point which faults begin: in
    a clean run, none. `goal`: the state that a clean run ends in, from the survey."""
    verdict = Verdict()
    breaking = Breaking(stage, guide or Unbroken())
    breaking.come_to(START)
    usual = stage.scenario.operator
    stage.on_call(operator_of(usual, breaking.faults))
    run, result = play(stage, ready, "trial", {}, on_start=breaking.begin)
    faults = breaking.faults
    verdict.outcome, verdict.error, verdict.cause = result.outcome, result.error or "", result.cause or ""
    verdict.struck = all(fault.id in breaking.struck for fault in faults)
    excused = _excused(faults, ready, run)
    verdict.problems = _broken(result, "", excused)
    breaking.mend()
    if result.outcome is not Outcome.SUCCEEDED:
        stage.on_call(usual)
        stage.wait_unwatched(_MENDED_AFTER)
        run, again = _go_on(stage, ready, run, result)
        if again.outcome is Outcome.FAILED and (_says_resume(again) or UNRECORDED in verdict.cause):
            # The end was recorded that could not be, or a wait was over whose time had run out meanwhile: the account
            # says what now.
            run, again = _go_on(stage, ready, run, again)
        verdict.again = again.outcome
        verdict.problems += _broken(again, "again: ", excused - {"acknowledged"})
        if again.outcome is not Outcome.SUCCEEDED:
            verdict.problems.append(f"again: {again.outcome}: {again.error}: {_line(again.cause)}")
    seen = breaking.seen
    seen.goal = _state(stage)
    if goal is not None and Outcome.SUCCEEDED in (verdict.outcome, verdict.again) and not _skipped(stage, run):
        verdict.problems += [f"otherwise than after the clean run: {each}" for each in differences(goal, seen.goal)]
    seen.outcome, seen.broken, seen.regions = verdict.outcome, verdict.problems, [run.way.target, run.way.origin]
    return verdict, seen


def _skipped(stage: Stage, run: Run) -> bool:
    """Whether a person had a step left out: what it would have done is not there, and the account says so."""
    return any(
        entry.event is Event.QUESTION_ANSWERED and entry.facts.get("decision") == "skip"
        for entry in stage.books.journal(run)
    )


def _state(stage: Stage) -> dict[str, str]:
    """What there is in the end, once all has come to rest."""
    stage.wait_unwatched(_RESTS_AFTER)
    return {name: value for name, value in canonical(stage).items() if name not in _NOT_OF_THE_GOAL}


def unjudged(clean: Verdict) -> Verdict:
    """What is said of faults that never struck: the run was the clean one."""
    return replace(clean, struck=False, again="", seconds=0.0)


def _go_on(stage: Stage, ready: Ready, run: Run, result: Rehearsal) -> tuple[Run, Rehearsal]:
    """What the run's end says to do first: let the execution go on at the step that failed, or start the runbook again.
    An execution that was stopped from outside, or timed out, goes on too."""
    if result.outcome is Outcome.FAILED and not _says_resume(result):
        return play(stage, ready, "again", _advised(result, run))
    try:
        stage.engine.redrive(run.execution)
    except ClientError as error:
        raise NotRedriven(f"{run.id} was not redriven: {error}") from error
    return run, follow(stage, run)


def _says_resume(result: Rehearsal) -> bool:
    return _RESUME in (result.cause or "")


def _advised(result: Rehearsal, run: Run) -> Mapping[str, Any]:
    """What a person starts the runbook with again: word for word what the run's own end says, where it could say it;
    else what it was started with before, and the lock taken over."""
    cause = result.cause or ""
    start = cause.rfind(" again with {")
    if start >= 0:
        told: dict[str, Any] = json.JSONDecoder().raw_decode(cause, cause.index("{", start))[0]
        return told
    return {**run.given, "take_over": run.id}


def _broken(result: Rehearsal, who: str, excused: frozenset[str]) -> list[str]:
    broken = [each for each in result.invariants if not each.held and each.name not in excused]
    return [f"{who}{each.name}: {each.detail}" for each in broken]


def _excused(faults: tuple[Fault, ...], ready: Ready, run: Run) -> frozenset[str]:
    """What cannot be asked of a run. One whose own Region is dark can write nothing down, every call that it makes is
    one to that Region, and what users wrote there can be read by nobody. A way back needs both Regions: it must stop
    where one is dark, and by asking it finds out; so does what is to prove that the other Region follows. A drill
    leaves the users where they were: those of a Region that goes dark beside it are not served there, whatever it
    does."""
    dark = {fault.region for fault in faults if fault.how == DARK}
    excused: set[str] = set()
    if run.way.target in dark:
        excused |= {"truth", "static-stability", "acknowledged"}
    if dark and ready.runbook.direction is Direction.FAILBACK:
        excused.add("static-stability")
    if run.ready.application.regions.primary in dark and (brings_back(ready) or not moves_users(ready)):
        excused |= {"truth", "drill-isolation"}
    if run.way.origin in dark and any(step.kind == _PROVES for step in ready.runbook.steps):
        excused.add("static-stability")
    return frozenset(excused)


def _line(text: str | None) -> str:
    return (text or "").replace("\n", " ")[:400]

"""One trial: the run with its faults, then, once nothing is broken any more, the run that goes on from there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from state_machines.tree import Ready
from twin.rehearsal import play
from twin.report import Outcome, Rehearsal
from twin.stage import Run, Stage
from twin.sweep.breaking import Breaking, operator_of
from twin.sweep.faults import DARK, Fault, name_of
from twin.sweep.survey import Survey

# Between the end of the broken run and the next: the fault is found and mended, replication settles.
_MENDED_AFTER = timedelta(minutes=20)


@dataclass(slots=True)
class Verdict:
    """What came of a trial. `problems` is empty when it ended well; `again` is the second run's outcome, if there was
    one; `seconds` are of the processor."""

    fault: str
    label: str
    struck: bool = True
    outcome: str = ""
    error: str = ""
    again: str = ""
    problems: list[str] = field(default_factory=list)
    cause: str = ""
    seconds: float = 0.0

    @property
    def ended_well(self) -> bool:
        """No promise was broken, and the goal was reached."""
        return not self.problems

    def plain(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def attempt(stage: Stage, ready: Ready, faults: tuple[Fault, ...]) -> tuple[Verdict, Survey]:
    """Run it with the faults, judge it, and go on until the goal is reached. Nothing is struck in a clean run."""
    verdict = Verdict(name_of(faults), " + ".join(fault.label for fault in faults))
    breaking = Breaking(stage, faults)
    usual = stage.scenario.operator
    stage.on_call(operator_of(usual, faults))
    run, result = play(stage, ready, "trial", {}, on_start=breaking.begin)
    verdict.outcome, verdict.error, verdict.cause = result.outcome, result.error or "", result.cause or ""
    verdict.struck = all(fault.id in breaking.struck for fault in faults)
    silenced = any(fault.how == DARK and fault.region == run.way.target for fault in faults)
    verdict.problems = _broken(result, "", silenced=silenced)
    breaking.mend()
    if result.outcome is not Outcome.SUCCEEDED:
        stage.on_call(usual)
        stage.wait_until(stage.engine.clock.now() + _MENDED_AFTER)
        again = play(stage, ready, "again", _advised(result, run))[1]
        verdict.again = again.outcome
        verdict.problems += _broken(again, "again: ", silenced=silenced)
        if again.outcome is not Outcome.SUCCEEDED:
            verdict.problems.append(f"again: {again.outcome}: {again.error}: {_line(again.cause)}")
    seen = breaking.seen
    seen.outcome, seen.broken, seen.regions = verdict.outcome, verdict.problems, [run.way.target, run.way.origin]
    return verdict, seen


def _advised(result: Rehearsal, run: Run) -> Mapping[str, Any]:
    """What a person starts the runbook with again: word for word what the run's own end says, where it could say it;
    else what it was started with before, and the lock taken over."""
    cause = result.cause or ""
    start = cause.rfind(" again with {")
    if start >= 0:
        told: dict[str, Any] = json.JSONDecoder().raw_decode(cause, cause.index("{", start))[0]
        return told
    return {**run.given, "take_over": run.id}


def _broken(result: Rehearsal, who: str, *, silenced: bool) -> list[str]:
    excused = _excused(result, silenced=silenced)
    broken = [each for each in result.invariants if not each.held and each.name not in excused]
    return [f"{who}{each.name}: {each.detail}" for each in broken]


def _excused(result: Rehearsal, *, silenced: bool) -> frozenset[str]:
    """An execution that was stopped from outside cannot say so itself. One whose own Region is dark (`silenced`) can
    write nothing down, and every call that it makes is one to that Region."""
    if silenced:
        return frozenset({"truth", "static-stability"})
    return frozenset({"truth"}) if result.outcome is Outcome.ABORTED else frozenset()


def _line(text: str | None) -> str:
    return (text or "").replace("\n", " ")[:400]

"""What a sweep is told as: the figures of each class of faults, and each failure with the command that replays it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.sweep_setup import SweepTarget
from leeward.rehearsal.sweep.trials.trial import TrialResult


class _SweepModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BaselineReport(_SweepModel):
    """What the runbook did with nothing broken."""

    calls: int
    invocations: int
    states: int
    steps: int
    questions: int


class FaultClassReport(_SweepModel):
    """One class of faults. `converged`: ended otherwise than in success, and reached the goal when run again."""

    label: str
    runs: int
    succeeded: int
    converged: int
    problems: int


class FailedTrialReport(_SweepModel):
    """A case that did not end well. `smallest` is the smallest set of its faults that still fails."""

    fault: str
    smallest: str
    outcome: str
    again: str
    problems: list[str]
    replay: str
    cause: str


class SweepReport(_SweepModel):
    """One runbook. `possible` counts the single faults that there are; `ran` the runs of this time, the others were
    known from an earlier one; `struck` those in which there was something to strike; `met` those that came to the same
    instant as another, alike in all, and share its end; `seconds` are real, `cpu_seconds` the processor's, of every run
    together."""

    application: str
    runbook: str
    seed: int
    clean: BaselineReport
    possible: int
    runs: int
    ran: int
    struck: int
    met: int
    succeeded: int
    converged: int
    violations: int
    seconds: float
    cpu_seconds: float
    runs_per_minute: float
    classes: list[FaultClassReport]
    failures: list[FailedTrialReport]

    @property
    def passed(self) -> bool:
        """Every run ended well."""
        return self.violations == 0


def replay_command(target: SweepTarget, fault: str) -> str:
    """The one command that does the same again."""
    return shlex.join(
        ["leeward", "sweep", target.application, target.runbook, "--seed", str(target.seed), "--only", fault]
    )


def build_sweep_report(
    target: SweepTarget,
    baseline: Baseline,
    possible: int,
    results: Sequence[TrialResult],
    smallest: Mapping[str, str],
    *,
    ran: int,
    seconds: float,
) -> SweepReport:
    """All of it."""
    failed = [verdict for verdict in results if not verdict.passed]
    return SweepReport(
        application=target.application,
        runbook=target.runbook,
        seed=target.seed,
        clean=BaselineReport(
            calls=len(baseline.calls),
            invocations=len(baseline.invocations),
            states=len(baseline.states),
            steps=len(baseline.steps),
            questions=baseline.questions,
        ),
        possible=possible,
        runs=len(results),
        ran=ran,
        struck=sum(verdict.struck for verdict in results),
        met=sum(bool(verdict.same_as) for verdict in results),
        succeeded=_count_succeeded(results),
        converged=_count_converged(results),
        violations=len(failed),
        seconds=round(seconds, 1),
        cpu_seconds=round(sum(verdict.seconds for verdict in results), 1),
        runs_per_minute=round(60 * ran / seconds, 1) if seconds else 0,
        classes=_class_reports(results),
        failures=[_failure_report(target, verdict, smallest.get(verdict.fault, verdict.fault)) for verdict in failed],
    )


def _class_reports(results: Sequence[TrialResult]) -> list[FaultClassReport]:
    by_label: dict[str, list[TrialResult]] = {}
    for verdict in results:
        by_label.setdefault("pairs" if "+" in verdict.fault else verdict.label, []).append(verdict)
    return [
        FaultClassReport(
            label=label,
            runs=len(alike),
            succeeded=_count_succeeded(alike),
            converged=_count_converged(alike),
            problems=sum(not verdict.passed for verdict in alike),
        )
        for label, alike in sorted(by_label.items())
    ]


def _count_succeeded(results: Iterable[TrialResult]) -> int:
    return sum(v.outcome == ExecutionOutcome.SUCCEEDED and v.passed for v in results)


def _count_converged(results: Iterable[TrialResult]) -> int:
    return sum(v.again == ExecutionOutcome.SUCCEEDED and v.passed for v in results)


def _failure_report(target: SweepTarget, result: TrialResult, smallest: str) -> FailedTrialReport:
    return FailedTrialReport(
        fault=result.fault,
        smallest=smallest,
        outcome=result.outcome,
        again=result.again,
        problems=result.problems,
        replay=replay_command(target, smallest),
        cause=result.cause,
    )

"""The report of a sweep: the counts of each fault class, and each failed trial with the command that replays it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from leeward.rehearsal.invariants import list_invariants
from leeward.rehearsal.results.result_models import ExecutionOutcome
from leeward.rehearsal.sweep.counts.needless_stops import involves_person, is_needless_stop
from leeward.rehearsal.sweep.counts.objective_counts import ObjectiveCounts, count_objectives
from leeward.rehearsal.sweep.faults.baseline import Baseline, fault_location, possible_faults
from leeward.rehearsal.sweep.faults.fault_strata import Stratum, find_stratum
from leeward.rehearsal.sweep.faults.planned_faults import parse_fault_set
from leeward.rehearsal.sweep.known_failures import find_known_reason
from leeward.rehearsal.sweep.sweep_setup import SweepTarget
from leeward.rehearsal.sweep.trials.trial import TrialResult


class _SweepModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BaselineReport(_SweepModel):
    """The counts of the baseline, which is the run without faults."""

    calls: int
    invocations: int
    states: int
    steps: int
    questions: int


class FaultClassReport(_SweepModel):
    """One class of faults.

    `converged` counts the runs that didn't succeed, but whose recovery reached the goal. `succeeded` and `converged`
    count only faults that took effect. `without_effect` counts the others. `with_person` counts the runs that stopped
    or asked an operator, and `needless_stops` those of them for which a retry would have been enough.
    """

    label: str
    runs: int
    succeeded: int
    converged: int
    problems: int
    with_person: int = 0
    needless_stops: int = 0
    without_effect: int = 0


class IneffectiveFaultReport(_SweepModel):
    """A fault set that changed nothing, or of which one fault changed nothing, where it is, and why."""

    fault: str
    location: str
    reason: str


class FailedTrialReport(_SweepModel):
    """A failed trial.

    - `location`: where its faults are injected.
    - `smallest`: the smallest subset of its faults that still fails.
    - `again`: the outcome of the recovery.
    - `known`: why the trial is known to fail, or an empty string.
    """

    fault: str
    location: str = ""
    smallest: str
    outcome: str
    again: str
    problems: list[str]
    replay: str
    cause: str
    known: str = ""


class ComparedByInvariant(_SweepModel):
    """An invariant, the number of trials in which it had something to compare, and how much in all of them."""

    name: str
    trials: int
    compared: int


class SweepReport(_SweepModel):
    """The report of one runbook's sweep.

    - `possible`: the number of possible single faults.
    - `strata`, `strata_tried`: the fault classes by kinds of steps among them, and those with a fault that took effect.
    - `invariants`: how much each invariant compared, in all trials together.
    - `ran`: the trials of this sweep. The other results come from an earlier sweep.
    - `took_effect`: the trials whose faults each changed something: a call, the world, or the history.
    - `met`: those that reached the same state as another trial at the same instant and share its result.
    - `distinct`: the trials that took effect, without those in `met`.
    - `without_effect`: the other trials, each with the reason. Their runs say nothing about faults.
    - `succeeded`, `converged`: as in FaultClassReport.
    - `known`: the failed trials whose failure is known (known_failures.py). They don't fail the sweep.
    - `objectives`: the RTO and RPO of the trials that took effect. A missed objective doesn't fail a trial.
    - `with_person`: the trials whose runs stopped or asked an operator.
    - `needless_stops`: the faults whose runs stopped or asked an operator, although a retry would have been enough.
    - `seconds`: the real time of the sweep.
    - `cpu_seconds`: the CPU time of all trials together.
    """

    application: str
    runbook: str
    seed: int
    clean: BaselineReport
    possible: int
    strata: int = 0
    strata_tried: int = 0
    invariants: list[ComparedByInvariant] = []
    runs: int
    ran: int
    took_effect: int
    met: int
    distinct: int
    succeeded: int
    converged: int
    violations: int
    known: int = 0
    objectives: list[ObjectiveCounts] = []
    with_person: int = 0
    needless_stops: list[str] = []
    seconds: float
    cpu_seconds: float
    runs_per_minute: float
    classes: list[FaultClassReport]
    without_effect: list[IneffectiveFaultReport]
    failures: list[FailedTrialReport]

    @property
    def passed(self) -> bool:
        """Return whether every trial passed or failed in a known way."""
        return self.violations == self.known


def replay_command(target: SweepTarget, fault: str) -> str:
    """Return the command that replays the trial with this fault set."""
    return shlex.join(
        ["leeward", "sweep", target.application, target.runbook, "--seed", str(target.seed), "--only", fault]
    )


def build_sweep_report(
    target: SweepTarget,
    baseline: Baseline,
    results: Sequence[TrialResult],
    smallest: Mapping[str, str],
    *,
    ran: int,
    seconds: float,
) -> SweepReport:
    """Return the report. `smallest` maps a failed fault set to its smallest subset that still fails."""
    failed = [result for result in results if not result.passed]
    possible = possible_faults(baseline)
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
        possible=len(possible),
        strata=len({find_stratum(baseline, fault) for fault in possible}),
        strata_tried=len(_tried_strata(baseline, results)),
        invariants=_compared_by_invariant(results),
        runs=len(results),
        ran=ran,
        took_effect=sum(result.took_effect for result in results),
        met=sum(result.took_effect and bool(result.same_as) for result in results),
        distinct=sum(result.took_effect and not result.same_as for result in results),
        succeeded=_count_succeeded(results),
        converged=_count_converged(results),
        violations=len(failed),
        known=sum(bool(find_known_reason(result)) for result in failed),
        objectives=count_objectives(
            baseline.objectives, [result.objectives for result in results if result.took_effect]
        ),
        with_person=sum(map(involves_person, results)),
        needless_stops=[result.fault for result in results if is_needless_stop(result)],
        seconds=round(seconds, 1),
        cpu_seconds=round(sum(result.seconds for result in results), 1),
        runs_per_minute=round(60 * ran / seconds, 1) if seconds else 0,
        classes=_class_reports(results),
        without_effect=[
            IneffectiveFaultReport(
                fault=result.fault, location=_locations(baseline, result.fault), reason=result.no_effect
            )
            for result in results
            if not result.took_effect
        ],
        failures=[_failure_report(target, baseline, result, smallest) for result in failed],
    )


def _tried_strata(baseline: Baseline, results: Iterable[TrialResult]) -> set[Stratum]:
    singles = [result.fault for result in results if result.took_effect and "+" not in result.fault]
    possible = {fault.id: fault for fault in possible_faults(baseline)}
    return {find_stratum(baseline, possible[fault]) for fault in singles if fault in possible}


def _compared_by_invariant(results: Iterable[TrialResult]) -> list[ComparedByInvariant]:
    numbers: dict[str, list[int]] = {invariant.name: [] for invariant in list_invariants()}
    for result in results:
        for name, compared in result.compared.items():
            numbers.setdefault(name, []).append(compared)
    return [
        ComparedByInvariant(name=name, trials=len(compared), compared=sum(compared))
        for name, compared in numbers.items()
    ]


def _class_reports(results: Sequence[TrialResult]) -> list[FaultClassReport]:
    by_label: dict[str, list[TrialResult]] = {}
    for result in results:
        by_label.setdefault("pairs" if "+" in result.fault else result.label, []).append(result)
    return [
        FaultClassReport(
            label=label,
            runs=len(group),
            succeeded=_count_succeeded(group),
            converged=_count_converged(group),
            problems=sum(not result.passed for result in group),
            with_person=sum(map(involves_person, group)),
            needless_stops=sum(map(is_needless_stop, group)),
            without_effect=sum(not result.took_effect for result in group),
        )
        for label, group in sorted(by_label.items())
    ]


def _count_succeeded(results: Iterable[TrialResult]) -> int:
    return sum(v.outcome == ExecutionOutcome.SUCCEEDED and v.passed and v.took_effect for v in results)


def _count_converged(results: Iterable[TrialResult]) -> int:
    return sum(v.again == ExecutionOutcome.SUCCEEDED and v.passed and v.took_effect for v in results)


def _locations(baseline: Baseline, fault_set: str) -> str:
    return " + ".join(fault_location(baseline, fault) for fault in parse_fault_set(fault_set))


def _failure_report(
    target: SweepTarget, baseline: Baseline, result: TrialResult, smallest: Mapping[str, str]
) -> FailedTrialReport:
    subset = smallest.get(result.fault, result.fault)
    return FailedTrialReport(
        fault=result.fault,
        location=_locations(baseline, result.fault),
        smallest=subset,
        outcome=result.outcome,
        again=result.again,
        problems=result.problems,
        replay=replay_command(target, subset),
        cause=result.cause,
        known=find_known_reason(result),
    )

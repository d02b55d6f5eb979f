"""A sweep: which trials, in which order, which of them are known already, and what they come to together."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from leeward.rehearsal.sweep.faults.baseline import Baseline, draw_fault_pairs, order_faults, possible_faults
from leeward.rehearsal.sweep.faults.planned_faults import (
    NoSuchFault,
    PlannedFault,
    fault_set_id,
    parse_fault_id,
    parse_fault_set,
)
from leeward.rehearsal.sweep.sweep_report import SweepReport, build_sweep_report
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.rehearsal.sweep.trial_results import TrialResultsFile
from leeward.rehearsal.sweep.trials import worker_pool
from leeward.rehearsal.sweep.trials.followup_faults import FixedFaultPlan, followup_fault_sets
from leeward.rehearsal.sweep.trials.trial import TrialResult, run_trial
from leeward.rehearsal.sweep.trials.worker_pool import FaultSet
from leeward.twin.errors import TwinError

QUICK_TRIALS = 40
# One pair is drawn for so many single faults.
_SINGLES_PER_PAIR = 10


class CleanRunFails(TwinError):
    """The runbook does not even end well with nothing broken."""


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """What is asked for. `only` is the id of one case; `after` that of a fault: each call that follows it is broken in
    its turn; `limit` the most trials. No record is kept of `only` and `after`."""

    quick: bool = False
    only: str | None = None
    after: str | None = None
    jobs: int = 1
    resume: bool = False
    limit: int | None = None


@dataclass(slots=True)
class SweepProgress:
    """What whoever watches is told."""

    target: SweepTarget
    total_trials: int
    completed_trials: int = 0
    failed_trials: int = 0


OnProgress = Callable[[SweepProgress, TrialResult | None], object]


def run_sweep(target: SweepTarget, options: SweepOptions, on_progress: OnProgress = lambda *_: None) -> SweepReport:
    """Sweep one runbook. Raises CannotRehearse, LookupError, InvalidDocuments, NoSuchFault, TwinError."""
    only = None if options.only is None else parse_fault_set(options.only)
    after = None if options.after is None else parse_fault_id(options.after)
    began = time.perf_counter()
    survey = _run_baseline(target)
    record = None
    if only is not None:
        _check_fault_exists(only, survey, target)
        cases = [only]
    elif after is not None:
        _check_fault_exists((after,), survey, target)
        cases = followup_fault_sets(after, _run_with_fault(after, target))[: options.limit]
    else:
        record = TrialResultsFile(target, survey)
        cases = _select_fault_sets(survey, target.seed, options)
    verdicts = _earlier_results(record, cases) if record is not None and options.resume else {}
    if record is not None and not verdicts:
        record.start_file()
    left = [case for case in cases if fault_set_id(case) not in verdicts]
    progress = SweepProgress(target, len(cases), len(verdicts), sum(not each.passed for each in verdicts.values()))
    on_progress(progress, None)

    def ended(case: FaultSet, verdict: TrialResult) -> None:
        verdicts[fault_set_id(case)] = verdict
        if record is not None:
            record.append_result(verdict)
        progress.completed_trials += 1
        progress.failed_trials += not verdict.passed
        on_progress(progress, verdict)

    with ExitStack() as opened:
        with _stdout_silenced():
            setting = worker_pool.TrialSetup(
                *opened.enter_context(open_sweep_session(target)), options.jobs, survey.final_snapshot
            )
        worker_pool.run_trials(setting, left, ended, list(verdicts.values()))
        smallest = _minimize_failing_pairs(setting, list(verdicts.values()))
    seconds = time.perf_counter() - began
    possible = len(possible_faults(survey))
    return build_sweep_report(
        target, survey, possible, list(verdicts.values()), smallest, ran=len(left), seconds=seconds
    )


@contextmanager
def _stdout_silenced() -> Iterator[None]:
    """Handlers write logs and metrics to standard output, as Lambda wants them."""
    sys.stdout.flush()
    silence, kept = os.open(os.devnull, os.O_WRONLY), os.dup(1)
    os.dup2(silence, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)
        os.close(silence)


def _run_baseline(target: SweepTarget) -> Baseline:
    """The clean run, in this process: every client is made, every path parsed, before the first fork."""
    with _stdout_silenced(), open_sweep_session(target) as (stage, ready):
        verdict, survey = run_trial(stage, ready)
    if verdict.outcome != "succeeded" or verdict.problems:
        told = "; ".join(verdict.problems) or f"{verdict.outcome}: {verdict.error}"
        raise CleanRunFails(f"{target.name} does not end well with nothing broken: {told}")
    return survey


def _run_with_fault(fault: PlannedFault, target: SweepTarget) -> Baseline:
    """The run with this fault alone, in this process."""
    with _stdout_silenced(), open_sweep_session(target) as (stage, ready):
        return run_trial(stage, ready, FixedFaultPlan(fault))[1]


def _check_fault_exists(fault_set: FaultSet, baseline: Baseline, target: SweepTarget) -> None:
    """Something of the case is in the clean run; the rest of a pair may come because of it. Raises NoSuchFault."""
    if not any(fault.point_kind == "operator" or fault in possible_faults(baseline) for fault in fault_set):
        raise NoSuchFault(
            f"{fault_set_id(fault_set)} strikes nothing: the clean run of {target.name} makes "
            f"{len(baseline.calls)} calls and "
            f"{len(baseline.invocations)} invocations, and enters {len(baseline.states)} states of the steps "
            f"{', '.join(baseline.steps)}, in {' and '.join(baseline.regions)}; no other code or seed "
            f"numbers them alike"
        )


def _select_fault_sets(baseline: Baseline, seed: int, options: SweepOptions) -> list[FaultSet]:
    parts = order_faults(baseline, seed)
    cases: list[FaultSet] = []
    if options.quick:
        cases += [(fault,) for fault in parts[0]]
        return cases[: options.limit or QUICK_TRIALS]
    pairs = draw_fault_pairs(baseline, seed, sum(map(len, parts)) // _SINGLES_PER_PAIR)
    for part in parts:
        singles = [(fault,) for fault in part]
        count = len(part) // _SINGLES_PER_PAIR
        cases += [*singles, *pairs[:count]]
        pairs = pairs[count:]
    return cases[: options.limit]


def _earlier_results(store: TrialResultsFile, fault_sets: Sequence[FaultSet]) -> dict[str, TrialResult]:
    wanted = {fault_set_id(case) for case in fault_sets}
    return {name: verdict for name, verdict in store.load_results().items() if name in wanted}


def _minimize_failing_pairs(setup: worker_pool.TrialSetup, results: Sequence[TrialResult]) -> dict[str, str]:
    """For each pair that failed, the one of its faults that fails alone, if one does."""
    failed = {verdict.fault: verdict for verdict in results if not verdict.passed}
    pairs = [parse_fault_set(name) for name in failed if "+" in name]
    known = {verdict.fault: verdict.passed for verdict in results}
    unknown = [(fault,) for pair in pairs for fault in pair if fault.id not in known]
    worker_pool.run_trials(
        setup,
        list(dict.fromkeys(unknown)),
        lambda case, verdict: known.update({case[0].id: verdict.passed}),
    )
    smallest = {}
    for pair in pairs:
        alone = next((fault.id for fault in pair if not known[fault.id]), None)
        if alone is not None:
            smallest[fault_set_id(pair)] = alone
    return smallest

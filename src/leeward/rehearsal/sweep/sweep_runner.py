"""Runs a sweep: selects and orders the trials, reuses earlier results, and reports the total."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from leeward.rehearsal.end_state.declared.undeclared_changes import find_undeclared_changes
from leeward.rehearsal.processes.silent_output import stdout_silenced
from leeward.rehearsal.results.objectives import list_missed_objectives
from leeward.rehearsal.sweep.faults.baseline import Baseline, possible_faults
from leeward.rehearsal.sweep.faults.fault_order import draw_fault_pairs, order_faults
from leeward.rehearsal.sweep.faults.fault_strata import draw_by_stratum
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
# The most undeclared changes that an error names.
_MAX_UNDECLARED = 5
# The number of single faults per drawn pair.
_SINGLES_PER_PAIR = 10


class CleanRunFails(TwinError):
    """Raised when the baseline run fails, misses an objective, or changes what none of its steps declares."""


@dataclass(frozen=True, slots=True)
class SweepOptions:
    """The options of a sweep.

    - `only`: the ID of the only fault set to run. Its result isn't stored.
    - `after`: the ID of a call fault. Each trial adds a fault in a later call. The results aren't stored.
    - `jobs`: the number of trials that run in parallel.
    - `limit`: the maximum number of trials.
    - `minutes`: about how long to try a stratified draw of single faults (faults/fault_strata.py).
    """

    quick: bool = False
    only: str | None = None
    after: str | None = None
    jobs: int = 1
    resume: bool = False
    limit: int | None = None
    minutes: float | None = None


@dataclass(slots=True)
class SweepProgress:
    """The progress of a sweep, as passed to the progress callback."""

    target: SweepTarget
    total_trials: int
    completed_trials: int = 0
    failed_trials: int = 0


OnProgress = Callable[[SweepProgress, TrialResult | None], object]


def run_sweep(target: SweepTarget, options: SweepOptions, on_progress: OnProgress = lambda *_: None) -> SweepReport:
    """Sweep one runbook and return the report.

    Raises CleanRunFails when the baseline run fails, NoSuchFault when a fault ID is invalid, CannotRehearse when the
    runbook can't be rehearsed, LookupError when there is no such runbook, InvalidDocuments when a document has an
    error, and TwinError when the simulation stops.
    """
    only = None if options.only is None else parse_fault_set(options.only)
    after = None if options.after is None else parse_fault_id(options.after)
    started_at = time.perf_counter()
    baseline = _run_baseline(target)
    results_file = None
    if only is not None:
        _check_fault_exists(only, baseline, target)
        fault_sets = [only]
    elif after is not None:
        _check_fault_exists((after,), baseline, target)
        fault_sets = followup_fault_sets(after, _run_with_fault(after, target))[: options.limit]
    else:
        results_file = TrialResultsFile(target, baseline)
        fault_sets = _select_fault_sets(baseline, target.seed, options)
    results = _earlier_results(results_file, fault_sets) if results_file is not None and options.resume else {}
    if results_file is not None and not results:
        results_file.start_file()
    seconds_left = None if options.minutes is None else 60 * options.minutes - (time.perf_counter() - started_at)
    remaining = [fault_set for fault_set in fault_sets if fault_set_id(fault_set) not in results]
    progress = SweepProgress(target, len(fault_sets), len(results), sum(not each.passed for each in results.values()))
    on_progress(progress, None)

    def on_end(fault_set: FaultSet, result: TrialResult) -> None:
        results[fault_set_id(fault_set)] = result
        if results_file is not None:
            results_file.append_result(result)
        progress.completed_trials += 1
        progress.failed_trials += not result.passed
        on_progress(progress, result)

    with ExitStack() as opened:
        with stdout_silenced():
            setup = worker_pool.TrialSetup(
                *opened.enter_context(open_sweep_session(target)), options.jobs, baseline.end_state
            )
        worker_pool.run_trials(setup, remaining, on_end, list(results.values()), seconds=seconds_left)
        smallest = _minimize_failing_pairs(setup, list(results.values()))
    seconds = time.perf_counter() - started_at
    ran = sum(fault_set_id(fault_set) in results for fault_set in remaining)
    return build_sweep_report(target, baseline, list(results.values()), smallest, ran=ran, seconds=seconds)


def _run_baseline(target: SweepTarget) -> Baseline:
    """Run the baseline in this process, so that clients and parsed paths exist before the first fork."""
    with stdout_silenced(), open_sweep_session(target) as (session, ready):
        result, baseline = run_trial(session, ready)
        undeclared = find_undeclared_changes(baseline.end_state, ready) if baseline.end_state is not None else []
    found = [*result.problems, *(f"missed the {each}" for each in list_missed_objectives(result.objectives))]
    if result.outcome != "succeeded" or found:
        problems = "; ".join(found) or f"{result.outcome}: {result.error}"
        raise CleanRunFails(f"{target.name} fails without faults: {problems}")
    if undeclared:
        changes = "; ".join(map(str, undeclared[:_MAX_UNDECLARED]))
        raise CleanRunFails(
            f"{target.name} changes without faults what none of its steps declares ({len(undeclared)} differences): "
            f"{changes}. Correct the step, or add the resource to `changes` of its kind"
        )
    return baseline


def _run_with_fault(fault: PlannedFault, target: SweepTarget) -> Baseline:
    """Run the runbook with only this fault in this process, and return what the run did."""
    with stdout_silenced(), open_sweep_session(target) as (session, ready):
        return run_trial(session, ready, FixedFaultPlan(fault))[1]


def _check_fault_exists(fault_set: FaultSet, baseline: Baseline, target: SweepTarget) -> None:
    """Raise NoSuchFault unless the baseline has a point of the fault set. Another fault can match a later point."""
    if not any(fault.point_kind == "operator" or fault in possible_faults(baseline) for fault in fault_set):
        raise NoSuchFault(
            f"{fault_set_id(fault_set)} matches nothing in the baseline run. The baseline run of {target.name} makes "
            f"{len(baseline.calls)} calls and {len(baseline.invocations)} invocations, and enters "
            f"{len(baseline.states)} states of the steps {', '.join(baseline.steps)}, in "
            f"{' and '.join(baseline.regions)}. The numbers in an ID are valid only for the same code and seed"
        )


def _select_fault_sets(baseline: Baseline, seed: int, options: SweepOptions) -> list[FaultSet]:
    """Return the fault sets in the order of their trials: by stratum, or single faults with pairs after each part."""
    if options.minutes is not None:
        drawn: list[FaultSet] = [(fault,) for fault in draw_by_stratum(baseline, seed)]
        return drawn[: options.limit]
    parts = order_faults(baseline, seed)
    fault_sets: list[FaultSet] = []
    if options.quick:
        fault_sets += [(fault,) for fault in parts[0]]
        return fault_sets[: options.limit or QUICK_TRIALS]
    pairs = draw_fault_pairs(baseline, seed, sum(map(len, parts)) // _SINGLES_PER_PAIR)
    for part in parts:
        singles = [(fault,) for fault in part]
        count = len(part) // _SINGLES_PER_PAIR
        fault_sets += [*singles, *pairs[:count]]
        pairs = pairs[count:]
    return fault_sets[: options.limit]


def _earlier_results(store: TrialResultsFile, fault_sets: Sequence[FaultSet]) -> dict[str, TrialResult]:
    """Return the stored results of these fault sets, by fault set ID."""
    ids = {fault_set_id(fault_set) for fault_set in fault_sets}
    return {name: result for name, result in store.load_results().items() if name in ids}


def _minimize_failing_pairs(setup: worker_pool.TrialSetup, results: Sequence[TrialResult]) -> dict[str, str]:
    """Return, for each failed pair, the fault that also fails alone, if there is one."""
    failed = {result.fault: result for result in results if not result.passed}
    pairs = [parse_fault_set(name) for name in failed if "+" in name]
    known = {result.fault: result.passed for result in results}
    unknown = [(fault,) for pair in pairs for fault in pair if fault.id not in known]
    worker_pool.run_trials(
        setup,
        list(dict.fromkeys(unknown)),
        lambda fault_set, result: known.update({fault_set[0].id: result.passed}),
    )
    smallest = {}
    for pair in pairs:
        alone = next((fault.id for fault in pair if not known[fault.id]), None)
        if alone is not None:
            smallest[fault_set_id(pair)] = alone
    return smallest

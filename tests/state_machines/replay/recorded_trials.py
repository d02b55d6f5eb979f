"""Records runs on the twin: the rehearsal of a runbook, and trials, in each of which a fault or a pair is injected."""

from __future__ import annotations

import json
import pickle
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from random import Random

from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.sweep.faults.baseline import Baseline, possible_faults
from leeward.rehearsal.sweep.faults.fault_order import draw_fault_pairs
from leeward.rehearsal.sweep.faults.planned_faults import SDK_RETRIED_MODES, InvocationFaultMode, fault_set_id
from leeward.rehearsal.sweep.injection.injector import FaultInjector, FaultPlan, NoFaultPlan
from leeward.rehearsal.sweep.injection.operator_faults import apply_operator_faults
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.rehearsal.sweep.trials.trial import START_POINT
from leeward.state_machines.build import BuiltRunbook
from tests.state_machines.replay.forked_runs import FaultSet, ForkingPlan, exit_after, fork_process, wait_for_child
from tests.state_machines.replay.recordings import Recording, record_execution

# One fault set in this many is a pair, such as a failure and the operator's answer to it.
_SETS_PER_PAIR = 4
# Of the single faults, the classes take turns. This class is the one that times an invocation out.
_TURNS = {f"lambda {InvocationFaultMode.OVERRUNS}": 4}


def record_runbooks(trials: Mapping[SweepTarget, int], folder: Path, jobs: int) -> list[Recording]:
    """Record each runbook and its trials in a process of its own, `jobs` at a time.

    Returns the recordings, of equal ones the first.
    """
    running: list[int] = []
    for target, count in trials.items():
        if len(running) == jobs:
            wait_for_child(running.pop(0))
        own_folder = folder / target.name
        own_folder.mkdir()
        running.append(fork_process(partial(_record_runbook, target, count, own_folder)))
    for child in running:
        wait_for_child(child)
    distinct: dict[str, Recording] = {}
    for path in sorted(folder.glob("*/*.json")):
        recording = Recording(**json.loads(path.read_text(encoding="utf-8")))
        distinct.setdefault(recording.content, recording)
    return list(distinct.values())


def _record_runbook(target: SweepTarget, trials: int, folder: Path) -> None:
    """Record the runs before the rehearsal, the rehearsal, and its trials. Write a file for each."""
    with open_sweep_session(target) as (session, ready):
        for run in session.runs:
            _write(session, run, f"{_machine(run.ready)} before {ready.runbook.runbook}", folder)
        fault_sets = draw_fault_sets(_find_baseline(session, ready, folder), target.seed, trials) if trials else []
        # The watchdog would end a process that waits for its forks while a handler runs.
        child = session.engine.fork(with_watchdog=False)
        if child == 0:
            exit_after(lambda: _record_trials(session, ready, fault_sets, folder))
        wait_for_child(child)


def _record_trials(
    session: RehearsalSession, ready: BuiltRunbook, fault_sets: Sequence[FaultSet], folder: Path
) -> None:
    """Record the rehearsal in this process, and each trial in a fork, which also returns."""
    plan = ForkingPlan(session, fault_sets)
    run, _ = _play(session, ready, plan)
    _write(session, run, " ".join(filter(None, [_machine(ready), fault_set_id(plan.own_faults or ())])), folder)


def draw_fault_sets(baseline: Baseline, seed: int, count: int) -> list[FaultSet]:
    """Draw single faults, of whose classes each gets its turns, and pairs.

    Faults that the SDK retries are left out, because the execution rarely sees them.
    """
    by_class: dict[str, list[FaultSet]] = {}
    for fault in possible_faults(baseline):
        if fault.mode not in SDK_RETRIED_MODES:
            by_class.setdefault(fault.class_label, []).append((fault,))
    rng = Random(f"{seed}|replay")
    rows: list[list[FaultSet]] = []
    for label, fault_sets in by_class.items():
        rng.shuffle(fault_sets)
        turns = _TURNS.get(label, 1)
        rows += [fault_sets[first::turns] for first in range(turns)]
    singles = [fault_set for fault_set in chain.from_iterable(zip_longest(*rows)) if fault_set is not None]
    pairs = draw_fault_pairs(baseline, seed, count // _SETS_PER_PAIR)
    return [*singles[: count - len(pairs)], *pairs]


def _find_baseline(session: RehearsalSession, ready: BuiltRunbook, folder: Path) -> Baseline:
    """Return what the run without faults does. It runs in a fork, so this process is still at the run's start."""
    path = folder / "baseline"
    child = session.engine.fork()
    if child == 0:
        exit_after(lambda: path.write_bytes(pickle.dumps(_play(session, ready, NoFaultPlan())[1])))
    wait_for_child(child)
    baseline: Baseline = pickle.loads(path.read_bytes())
    return baseline


def _play(session: RehearsalSession, ready: BuiltRunbook, plan: FaultPlan) -> tuple[RehearsedRun, Baseline]:
    injector = FaultInjector(session, plan)
    injector.reach_point(START_POINT)
    session.set_operator(apply_operator_faults(session.scenario.operator, injector.faults))
    run, _ = play_run(session, ready, "replay", {}, on_start=injector.start_injecting)
    injector.observed.regions = [run.way.target, run.way.origin]
    return run, injector.observed


def _write(session: RehearsalSession, run: RehearsedRun, name: str, folder: Path) -> None:
    definition = json.loads(run.ready.compiled.text)
    events = session.engine.get_history(run.execution)
    recording = record_execution(name, _machine(run.ready), run.execution, definition, events)
    path = folder / f"{name.replace('/', ' ')}.json"
    path.write_text(json.dumps(recording.to_dict()), encoding="utf-8")


def _machine(ready: BuiltRunbook) -> str:
    return str(ready.generated_path).removesuffix(".asl.json")

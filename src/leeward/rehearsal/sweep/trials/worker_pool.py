"""Runs trials in parallel. Each trial is a process, forked from a run that has reached its fault (forked_trials.py).

A session's world is only in memory, so a fork is a snapshot of it, and a trial can't affect the next one. A fork also
saves importing, parsing, and building.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from leeward.rehearsal.processes.forked_process import ForkedProcess
from leeward.rehearsal.processes.frozen_objects import frozen_objects
from leeward.rehearsal.sweep.faults.planned_faults import fault_set_id
from leeward.rehearsal.sweep.trials.deduplication import EquivalentTrials
from leeward.rehearsal.sweep.trials.forked_trials import FaultSet, ResultChannel, TrialSetup, run_trunk
from leeward.rehearsal.sweep.trials.trial import TrialResult

__all__ = ["FaultSet", "TrialSetup", "run_trials"]

# The number of trials that share a baseline run. Within a batch, trials start in the order of their faults.
_BATCH_SIZE = 400

OnTrialEnd = Callable[[FaultSet, TrialResult], object]


def run_trials(
    setup: TrialSetup, fault_sets: Sequence[FaultSet], on_end: OnTrialEnd, earlier_results: Sequence[TrialResult] = ()
) -> None:
    """Run a trial for each fault set, `setup.jobs` of them in parallel. `on_end` is called with each result.

    `earlier_results` are results of other fault sets of the same run, to which these trials can be equivalent.
    """
    collector = _ResultCollector(on_end, earlier_results)
    with frozen_objects(), tempfile.TemporaryDirectory(prefix="leeward-sweep-") as folder:
        equivalent_trials = EquivalentTrials(Path(folder))
        equivalent_trials.record_earlier((result.fault, result.met) for result in earlier_results if result.met)
        for first in range(0, len(fault_sets), _BATCH_SIZE):
            _run_batch(setup, fault_sets[first : first + _BATCH_SIZE], equivalent_trials, collector)


class _ResultCollector:
    """Collects the results. A trial that is equivalent to another one is reported after the other one."""

    def __init__(self, on_end: OnTrialEnd, earlier_results: Iterable[TrialResult]) -> None:
        self._on_end = on_end
        self._results = {result.fault: result for result in earlier_results}
        self._waiting: dict[str, list[tuple[FaultSet, TrialResult]]] = {}

    def add(self, fault_set: FaultSet, result: TrialResult) -> None:
        """Add the result of a trial that has ended or is equivalent to another trial."""
        if result.same_as and result.same_as not in self._results:
            self._waiting.setdefault(result.same_as, []).append((fault_set, result))
            return
        if result.same_as:
            result = result.with_outcome_of(self._results[result.same_as])
        self._results[result.fault] = result
        self._on_end(fault_set, result)
        for follower in self._waiting.pop(result.fault, ()):
            self.add(*follower)


def _run_batch(
    setup: TrialSetup, fault_sets: Sequence[FaultSet], equivalent_trials: EquivalentTrials, collector: _ResultCollector
) -> None:
    with tempfile.TemporaryDirectory(prefix="leeward-sweep-") as folder:
        # The trunk waits for its children within handlers, so it has no watchdog.
        trunk = ForkedProcess.start(
            lambda write_fd: run_trunk(setup, fault_sets, ResultChannel(Path(folder), write_fd, equivalent_trials)),
            fork=lambda: setup.session.engine.fork(with_watchdog=False),
        )
        remaining, partial_line = dict(enumerate(fault_sets)), b""
        try:
            while chunk := trunk.read():
                *numbers, partial_line = (partial_line + chunk).split(b"\n")
                for number in map(int, numbers):
                    collector.add(remaining.pop(number), _load_result(Path(folder) / f"{number}.json"))
            for fault_set in remaining.values():
                collector.add(fault_set, _crashed_result(fault_set))
        finally:
            trunk.end()


def _load_result(path: Path) -> TrialResult:
    return TrialResult(**json.loads(path.read_text(encoding="utf-8")))


def _crashed_result(fault_set: FaultSet) -> TrialResult:
    result = TrialResult(fault_set_id(fault_set), " + ".join(fault.class_label for fault in fault_set))
    result.problems = ["the trial's process exited without a result: it timed out or crashed"]
    return result

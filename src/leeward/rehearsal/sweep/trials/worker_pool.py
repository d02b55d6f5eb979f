"""Runs trials in parallel. Each trial is a process, forked from a run that has reached its fault (forked_trials.py).

A session's world is only in memory, so a fork is a snapshot of it, and a trial can't affect the next one. A fork also
saves importing, parsing, and building.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from time import perf_counter as _real_time  # `time.perf_counter` is virtual while a session is open

from leeward.rehearsal.processes.forked_process import ForkedProcess
from leeward.rehearsal.processes.frozen_objects import frozen_objects
from leeward.rehearsal.sweep.faults.planned_faults import fault_set_id
from leeward.rehearsal.sweep.trials.deduplication import EquivalentTrials
from leeward.rehearsal.sweep.trials.forked_trials import FaultSet, ResultChannel, TrialSetup, run_trunk
from leeward.rehearsal.sweep.trials.trial import TrialResult

__all__ = ["FaultSet", "TrialSetup", "run_trials"]

# The number of trials that share a baseline run. Within a batch, trials start in the order of their faults.
_BATCH_SIZE = 400
# The size of the first batch of a sweep with a time limit, which shows how many trials the next one has time for.
_FIRST_TIMED_BATCH_SIZE = 16
_SMALLEST_BATCH_SIZE = 8

OnTrialEnd = Callable[[FaultSet, TrialResult], object]


def run_trials(
    setup: TrialSetup,
    fault_sets: Sequence[FaultSet],
    on_end: OnTrialEnd,
    earlier_results: Sequence[TrialResult] = (),
    *,
    seconds: float | None = None,
) -> None:
    """Run a trial for each fault set, `setup.jobs` of them in parallel. `on_end` is called with each result.

    `earlier_results` are results of other fault sets of the same run, to which these trials can be equivalent. After
    about `seconds` of real time, no more trials start.
    """
    collector = _ResultCollector(on_end, earlier_results)
    with frozen_objects(), tempfile.TemporaryDirectory(prefix="leeward-sweep-") as folder:
        equivalent_trials = EquivalentTrials(Path(folder))
        equivalent_trials.record_earlier((result.fault, result.met) for result in earlier_results if result.met)
        for batch in _batches(fault_sets, seconds):
            _run_batch(setup, batch, equivalent_trials, collector)


def _batches(fault_sets: Sequence[FaultSet], seconds: float | None) -> Iterator[Sequence[FaultSet]]:
    """Yield the batches, as many as there is time for."""
    started_at, done = _real_time(), 0
    while done < len(fault_sets):
        size = _BATCH_SIZE
        if seconds is not None:
            passed = _real_time() - started_at
            affordable = int(done / passed * (seconds - passed)) if done else _FIRST_TIMED_BATCH_SIZE
            if affordable < _SMALLEST_BATCH_SIZE:
                return
            size = min(size, affordable)
        yield fault_sets[done : done + size]
        done += size


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

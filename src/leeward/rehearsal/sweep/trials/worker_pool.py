"""Trials, side by side: each a process, forked from a run that has come as far as its fault (branches.py).

The stage's world is in memory alone, so a fork is a snapshot of it; and a trial cannot leave anything behind for the
next. Nothing is imported, parsed or built again.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from leeward.rehearsal.sweep.faults.planned_faults import fault_set_id
from leeward.rehearsal.sweep.trials.deduplication import EquivalentTrials
from leeward.rehearsal.sweep.trials.forked_trials import FaultSet, ResultChannel, TrialSetup, run_trunk
from leeward.rehearsal.sweep.trials.trial import TrialResult

__all__ = ["FaultSet", "TrialSetup", "run_trials"]

# So many share a clean run. Within them the order is the run's own.
_BATCH_SIZE = 400
_READ_BYTES = 1 << 12

OnTrialEnd = Callable[[FaultSet, TrialResult], object]


def run_trials(
    setup: TrialSetup, fault_sets: Sequence[FaultSet], on_end: OnTrialEnd, earlier_results: Sequence[TrialResult] = ()
) -> None:
    """Try each case, as many at a time as the setting says; `on_end` is told of each as it ends. `known`: what is known
    of other cases of the same run, which these may meet."""
    gc.collect()
    gc.freeze()  # a collection in a child would touch, so copy, every page that it shares with this process
    ends = _ResultCollector(on_end, earlier_results)
    try:
        with tempfile.TemporaryDirectory(prefix="leeward-sweep-") as met:
            meetings = EquivalentTrials(Path(met))
            meetings.record_earlier((verdict.fault, verdict.met) for verdict in earlier_results if verdict.met)
            for first in range(0, len(fault_sets), _BATCH_SIZE):
                _run_batch(setup, fault_sets[first : first + _BATCH_SIZE], meetings, ends)
    finally:
        gc.unfreeze()


class _ResultCollector:
    """What the trials came to. Of one that met another nothing is told before the other has ended."""

    def __init__(self, on_end: OnTrialEnd, earlier_results: Iterable[TrialResult]) -> None:
        self._on_end = on_end
        self._results = {verdict.fault: verdict for verdict in earlier_results}
        self._waiting: dict[str, list[tuple[FaultSet, TrialResult]]] = {}

    def add(self, fault_set: FaultSet, result: TrialResult) -> None:
        """One more has ended, or met another."""
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
        reading, writing = os.pipe()
        post = ResultChannel(Path(folder), writing, equivalent_trials)
        trunk = setup.session.engine.fork(with_watchdog=False)  # it waits for its children wherever its run stands
        if not trunk:
            try:
                os.setpgid(0, 0)
                os.close(reading)
                run_trunk(setup, fault_sets, post)
            finally:
                os._exit(0)
        os.close(writing)
        left, text = dict(enumerate(fault_sets)), b""
        try:
            while chunk := _read_pipe(reading):
                *numbers, text = (text + chunk).split(b"\n")
                for number in map(int, numbers):
                    collector.add(left.pop(number), _load_result(post.folder / f"{number}.json"))
            for case in left.values():
                collector.add(case, _crashed_result(case))
        finally:
            os.close(reading)
            _kill_trunk(trunk)


def _read_pipe(reading: int) -> bytes:
    """What was written; nothing once the trunk and all its children have ended. Ctrl-C is heard while it waits."""
    while not select.select([reading], [], [], 1.0)[0]:
        pass
    return os.read(reading, _READ_BYTES)


def _load_result(path: Path) -> TrialResult:
    return TrialResult(**json.loads(path.read_text(encoding="utf-8")))


def _crashed_result(fault_set: FaultSet) -> TrialResult:
    verdict = TrialResult(fault_set_id(fault_set), " + ".join(fault.class_label for fault in fault_set))
    verdict.problems = ["the trial's process ended without a word: it hung, or died"]
    return verdict


def _kill_trunk(trunk: int) -> None:
    """The trunk, and its children where it was interrupted."""
    try:
        os.killpg(trunk, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        os.kill(trunk, signal.SIGKILL)  # it has not made itself a group yet
    os.waitpid(trunk, 0)

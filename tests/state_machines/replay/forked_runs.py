"""Forks a run on the twin at the points of faults, so that one run records many trials.

As in a sweep (rehearsal/sweep/trials/forked_trials.py), a trial is the run without faults until its fault. A trial here
ends with its execution, and its recording is all that is kept of it.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable, Sequence

from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.sweep.faults.planned_faults import PlannedFault
from leeward.rehearsal.sweep.trials.trial import START_POINT

FaultSet = tuple[PlannedFault, ...]


class ForkingPlan:
    """Forks a process for each fault set when the run reaches it. `own_faults` is None in the run without faults."""

    def __init__(self, session: RehearsalSession, fault_sets: Sequence[FaultSet]) -> None:
        self._session = session
        self._waiting: dict[str, list[FaultSet]] = {}
        for fault_set in fault_sets:
            is_for_operator = any(fault.point_kind == "operator" for fault in fault_set)
            self._waiting.setdefault(START_POINT if is_for_operator else fault_set[0].point, []).append(fault_set)
        self.own_faults: FaultSet | None = None

    def faults_at(self, point: str) -> FaultSet | None:
        """Fork the trials of this point, one after the other. Return its faults in a trial's process."""
        if self.own_faults is not None:
            return None
        for fault_set in self._waiting.pop(point, ()):
            child = self._session.engine.fork()
            if child == 0:
                self.own_faults = fault_set
                return fault_set
            wait_for_child(child)
        return None

    def on_equivalent_point(self, key: str) -> None:
        """Do nothing: equal recordings are dropped when they are read."""

    def on_fault_without_effect(self, reason: str) -> None:
        """End the trial of a single fault, which is equal to the run without faults."""
        if self.own_faults is not None and len(self.own_faults) == 1:
            os._exit(0)


def fork_process(work: Callable[[], object]) -> int:
    """Call `work` in a fork of this process, without its output. Return the fork's process ID."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # the handlers write their logs to standard output
        exit_after(work)
    return child


def exit_after(work: Callable[[], object]) -> None:
    """Call `work` and end this process, which is a fork."""
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)  # not sys.exit: the parent alone closes what it opened


def wait_for_child(child: int) -> None:
    """Wait for a fork. Raises RuntimeError when it failed. It has written its traceback to standard error."""
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        raise RuntimeError("a forked run failed; its traceback is above")

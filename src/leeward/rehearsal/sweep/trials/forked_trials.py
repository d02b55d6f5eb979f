"""Forks trials from one baseline run, at the points where their faults are injected.

Until its fault, a trial is identical to the baseline run. So the baseline runs once in a separate process, the trunk.
The trunk forks a child process for each trial at the point of its fault.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from leeward.rehearsal.end_state.trial_goal import EndState
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.sweep.faults.planned_faults import PlannedFault, fault_set_id
from leeward.rehearsal.sweep.injection.fault_effects import NOT_REACHED
from leeward.rehearsal.sweep.trials.deduplication import EquivalentTrials, equivalence_file_name
from leeward.rehearsal.sweep.trials.trial import START_POINT, TrialResult, result_without_faults, run_trial
from leeward.state_machines.build import BuiltRunbook

FaultSet = tuple[PlannedFault, ...]
# Real time. A trial that takes longer hangs, and a timer ends its process.
_TRIAL_TIMEOUT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class TrialSetup:
    """The common setup of all trials.

    The open session is at the start of the run. `jobs` is the number of trials that run in parallel.
    `expected` is the state after the baseline run, if it is known.
    """

    session: RehearsalSession
    ready: BuiltRunbook
    jobs: int = 1
    expected: EndState | None = None


class ForkingFaultPlan:
    """Forks the trials of all fault sets at their points.

    `own_number` is the number of this process's fault set. It is None in the trunk.
    """

    def __init__(self, setup: TrialSetup, fault_sets: Sequence[FaultSet], channel: ResultChannel) -> None:
        self._session, self._jobs, self._channel = setup.session, setup.jobs, channel
        self._waiting: dict[str, list[int]] = {}
        self._fault_sets = fault_sets
        self._unstarted = dict.fromkeys(range(len(fault_sets)))
        self._children: set[int] = set()
        self.own_number: int | None = None
        self.equivalence_key = ""
        for number, fault_set in enumerate(fault_sets):
            # An operator fault can have an effect from the first question on.
            points = (
                {START_POINT}
                if any(fault.point_kind == "operator" for fault in fault_set)
                else {fault.point for fault in fault_set}
            )
            for point in points:
                self._waiting.setdefault(point, []).append(number)

    def faults_at(self, point: str) -> FaultSet | None:
        """Fork the trials that start at `point`. Return the fault set in each child, and None in the trunk."""
        if self.own_number is not None:
            return None
        for number in self._waiting.pop(point, ()):
            if number in self._unstarted and self._fork_trial(number):
                return self._fault_sets[number]
        return None

    def on_equivalent_point(self, key: str) -> None:
        """End this trial if another trial has reached `key` first, because both continue identically."""
        if (own_fault := self._own_single_fault()) is None:
            return
        fault_set = self._fault_sets[own_fault]
        first_name, self.equivalence_key = (
            self._channel.equivalent_trials.claim_first(key, fault_set_id(fault_set)),
            equivalence_file_name(key),
        )
        if first_name != fault_set_id(fault_set):
            self._channel.send(
                own_fault, _label_result(TrialResult(same_as=first_name, seconds=_processor_seconds()), fault_set)
            )
            os._exit(0)

    def on_fault_without_effect(self, reason: str) -> None:
        """End this trial, because the fault changed nothing and the trunk's result also applies to the trial."""
        if (own_fault := self._own_single_fault()) is not None:
            self._channel.equivalent_trials.mark_without_effect(own_fault, reason)
            os._exit(0)

    def _own_single_fault(self) -> int | None:
        """Return this process's fault set if it has one fault. The other fault of a pair can still change the run."""
        return self.own_number if self.own_number is not None and len(self._fault_sets[self.own_number]) == 1 else None

    def finish_trunk(self) -> dict[int, str]:
        """Wait for all children after the trunk's run has ended.

        Returns the numbers of the fault sets that changed nothing, and the reasons.
        """
        while self._children:
            self._wait_for_child()
        return dict.fromkeys(self._unstarted, NOT_REACHED) | dict(self._channel.equivalent_trials.take_without_effect())

    def _fork_trial(self, number: int) -> bool:
        """Fork a process for a fault set when a job is free. Return whether this process is the child."""
        while len(self._children) >= self._jobs:
            self._wait_for_child()
        del self._unstarted[number]
        child = self._session.engine.fork()
        if child:
            self._children.add(child)
            return False
        self.own_number, self._children = number, set()
        signal.setitimer(signal.ITIMER_REAL, _TRIAL_TIMEOUT_SECONDS)
        return True

    def _wait_for_child(self) -> None:
        self._children.discard(os.waitpid(-1, 0)[0])


@dataclass(frozen=True, slots=True)
class ResultChannel:
    """Sends results to the process that forked the trunk.

    Each result is a file in `folder`. The number of the fault set is then written to the pipe `write_fd` as a line.
    Such short writes are atomic, so lines of several processes don't mix.
    """

    folder: Path
    write_fd: int
    equivalent_trials: EquivalentTrials

    def send(self, number: int, result: TrialResult) -> None:
        """Send the result of the fault set with this number."""
        (self.folder / f"{number}.json").write_text(json.dumps(result.to_dict()), encoding="utf-8")
        os.write(self.write_fd, f"{number}\n".encode())


def run_trunk(setup: TrialSetup, fault_sets: Sequence[FaultSet], channel: ResultChannel) -> None:
    """Run the trunk in its own process, including every child that it forks, and send all results."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    gc.disable()
    plan = ForkingFaultPlan(setup, fault_sets, channel)
    try:
        result = run_trial(setup.session, setup.ready, plan, setup.expected)[0]
    except BaseException as error:
        result = TrialResult()
        result.problems = [f"{type(error).__name__}: {error}".replace("\n", " ")[:600]]
        result.cause = traceback.format_exc()[-2000:]
    if plan.own_number is not None:
        result.seconds, result.met = _processor_seconds(), plan.equivalence_key
        channel.send(plan.own_number, _label_result(result, fault_sets[plan.own_number]))
        return
    for number, reason in plan.finish_trunk().items():
        channel.send(number, _label_result(result_without_faults(result, reason), fault_sets[number]))


def _processor_seconds() -> float:
    return round(time.process_time(), 3)


def _label_result(result: TrialResult, fault_set: FaultSet) -> TrialResult:
    result.fault, result.label = fault_set_id(fault_set), " + ".join(fault.class_label for fault in fault_set)
    return result

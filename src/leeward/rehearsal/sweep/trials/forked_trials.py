"""Where trials branch off: one clean run, forked at each point at which a fault is to strike.

Up to its fault a trial is the clean run, call for call. So the clean run is made once, in a process of its own (the
trunk), and whoever is to be broken at a point is a child that is forked there and goes on by itself.
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

from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.snapshots.world_snapshot import WorldSnapshot
from leeward.rehearsal.sweep.faults.planned_faults import PlannedFault, fault_set_id
from leeward.rehearsal.sweep.trials.deduplication import EquivalentTrials, equivalence_file_name
from leeward.rehearsal.sweep.trials.trial import START_POINT, TrialResult, result_without_faults, run_trial
from leeward.state_machines.build import BuiltRunbook

FaultSet = tuple[PlannedFault, ...]
# A trial that takes longer, really, hangs: its process ends itself.
_TRIAL_TIMEOUT_SECONDS = 300


@dataclass(frozen=True, slots=True)
class TrialSetup:
    """What all trials have in common. The stage is open, at the moment in which the run is started; `jobs` go on at the
    same time; `goal` is the state that the clean run leaves, where it is known."""

    session: RehearsalSession
    ready: BuiltRunbook
    jobs: int = 1
    expected_snapshot: WorldSnapshot | None = None


class ForkingFaultPlan:
    """The cases that wait for the point at which they branch off. `mine` is the case of this process, None in the
    trunk."""

    def __init__(self, setup: TrialSetup, fault_sets: Sequence[FaultSet], channel: ResultChannel) -> None:
        self._session, self._jobs, self._channel = setup.session, setup.jobs, channel
        self._waiting: dict[str, list[int]] = {}
        self._fault_sets = fault_sets
        self._unstarted = dict.fromkeys(range(len(fault_sets)))
        self._children: set[int] = set()
        self.own_number: int | None = None
        self.equivalence_key = ""
        for number, case in enumerate(fault_sets):
            # What a person answers may matter from the first question on.
            points = (
                {START_POINT}
                if any(fault.point_kind == "operator" for fault in case)
                else {fault.point for fault in case}
            )
            for point in points:
                self._waiting.setdefault(point, []).append(number)

    def faults_at(self, point: str) -> FaultSet | None:
        """The run has come to `point`: in each child that branches off here, its case; None in the trunk."""
        if self.own_number is not None:
            return None
        for number in self._waiting.pop(point, ()):
            if number in self._unstarted and self._fork_trial(number):
                return self._fault_sets[number]
        return None

    def on_equivalent_point(self, key: str) -> None:
        """All trials that come to `key` go on alike: who is not the first ends here."""
        if (alone := self._own_single_fault()) is None:
            return
        case = self._fault_sets[alone]
        first, self.equivalence_key = (
            self._channel.equivalent_trials.claim_first(key, fault_set_id(case)),
            equivalence_file_name(key),
        )
        if first != fault_set_id(case):
            self._channel.send(alone, _label_result(TrialResult(same_as=first, seconds=_processor_seconds()), case))
            os._exit(0)

    def on_fault_without_effect(self) -> None:
        """The fault has changed nothing: what there is to say of this trial can be said of the trunk's own run."""
        if (alone := self._own_single_fault()) is not None:
            self._channel.equivalent_trials.mark_without_effect(alone)
            os._exit(0)

    def _own_single_fault(self) -> int | None:
        """The case of this process, if it is of one fault: of two, the other is yet to come, or has changed the run."""
        return self.own_number if self.own_number is not None and len(self._fault_sets[self.own_number]) == 1 else None

    def finish_trunk(self) -> list[int]:
        """In the trunk, when its run is over: waits for the children; the cases that never came to their point, or
        changed nothing there."""
        while self._children:
            self._wait_for_child()
        return [*self._unstarted, *self._channel.equivalent_trials.take_without_effect()]

    def _fork_trial(self, number: int) -> bool:
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
    """How verdicts reach whoever forked the trunk: each is a file in `folder`, whose number is then written to the pipe
    `writing`, in a line so short that the lines of several processes cannot mix."""

    folder: Path
    write_fd: int
    equivalent_trials: EquivalentTrials

    def send(self, number: int, result: TrialResult) -> None:
        """The verdict on the case of that number."""
        (self.folder / f"{number}.json").write_text(json.dumps(result.to_dict()), encoding="utf-8")
        os.write(self.write_fd, f"{number}\n".encode())


def run_trunk(setup: TrialSetup, fault_sets: Sequence[FaultSet], channel: ResultChannel) -> None:
    """The trunk, in a process that was forked for it, and the life of every child."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever forked the trunk is interrupted too, and ends it
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # where the handlers write their metrics
    gc.disable()
    branches = ForkingFaultPlan(setup, fault_sets, channel)
    try:
        verdict = run_trial(setup.session, setup.ready, branches, setup.expected_snapshot)[0]
    except BaseException as error:
        verdict = TrialResult()
        verdict.problems = [f"{type(error).__name__}: {error}".replace("\n", " ")[:600]]
        verdict.cause = traceback.format_exc()[-2000:]
    if branches.own_number is not None:
        verdict.seconds, verdict.met = _processor_seconds(), branches.equivalence_key
        channel.send(branches.own_number, _label_result(verdict, fault_sets[branches.own_number]))
        return
    for number in branches.finish_trunk():
        channel.send(number, _label_result(result_without_faults(verdict), fault_sets[number]))


def _processor_seconds() -> float:
    return round(time.process_time(), 3)


def _label_result(result: TrialResult, fault_set: FaultSet) -> TrialResult:
    result.fault, result.label = fault_set_id(fault_set), " + ".join(fault.class_label for fault in fault_set)
    return result

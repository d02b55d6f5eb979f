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

from leeward.state_machines.tree import Ready
from leeward.twin.canonical import State
from leeward.twin.stage import Stage
from leeward.twin.sweep.faults import Fault, name_of
from leeward.twin.sweep.meetings import Meetings, place_of
from leeward.twin.sweep.trial import START, Verdict, attempt, unjudged

Case = tuple[Fault, ...]
# A trial that takes longer, really, hangs: its process ends itself.
_PATIENCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Setting:
    """What all trials have in common. The stage is open, at the moment in which the run is started; `jobs` go on at the
    same time; `goal` is the state that the clean run leaves, where it is known."""

    stage: Stage
    ready: Ready
    jobs: int = 1
    goal: State | None = None


class Branches:
    """The cases that wait for the point at which they branch off. `mine` is the case of this process, None in the
    trunk."""

    def __init__(self, setting: Setting, cases: Sequence[Case], post: Post) -> None:
        self._stage, self._jobs, self._post = setting.stage, setting.jobs, post
        self._waiting: dict[str, list[int]] = {}
        self._cases = cases
        self._left = dict.fromkeys(range(len(cases)))
        self._children: set[int] = set()
        self.mine: int | None = None
        self.met = ""
        for number, case in enumerate(cases):
            # What a person answers may matter from the first question on.
            points = {START} if any(fault.kind == "operator" for fault in case) else {fault.point for fault in case}
            for point in points:
                self._waiting.setdefault(point, []).append(number)

    def at(self, point: str) -> Case | None:
        """The run has come to `point`: in each child that branches off here, its case; None in the trunk."""
        if self.mine is not None:
            return None
        for number in self._waiting.pop(point, ()):
            if number in self._left and self._forked(number):
                return self._cases[number]
        return None

    def meet(self, key: str) -> None:
        """All trials that come to `key` go on alike: who is not the first ends here."""
        if (alone := self._alone()) is None:
            return
        case = self._cases[alone]
        first, self.met = self._post.meetings.first(key, name_of(case)), place_of(key)
        if first != name_of(case):
            self._post.send(alone, _named(Verdict(same_as=first, seconds=_seconds()), case))
            os._exit(0)

    def as_it_was(self) -> None:
        """The fault has changed nothing: what there is to say of this trial can be said of the trunk's own run."""
        if (alone := self._alone()) is not None:
            self._post.meetings.leave_as_it_was(alone)
            os._exit(0)

    def _alone(self) -> int | None:
        """The case of this process, if it is of one fault: of two, the other is yet to come, or has changed the run."""
        return self.mine if self.mine is not None and len(self._cases[self.mine]) == 1 else None

    def rest(self) -> list[int]:
        """In the trunk, when its run is over: waits for the children; the cases that never came to their point, or
        changed nothing there."""
        while self._children:
            self._reap()
        return [*self._left, *self._post.meetings.as_they_were()]

    def _forked(self, number: int) -> bool:
        while len(self._children) >= self._jobs:
            self._reap()
        del self._left[number]
        child = self._stage.engine.fork()
        if child:
            self._children.add(child)
            return False
        self.mine, self._children = number, set()
        signal.setitimer(signal.ITIMER_REAL, _PATIENCE_SECONDS)
        return True

    def _reap(self) -> None:
        self._children.discard(os.waitpid(-1, 0)[0])


@dataclass(frozen=True, slots=True)
class Post:
    """How verdicts reach whoever forked the trunk: each is a file in `folder`, whose number is then written to the pipe
    `writing`, in a line so short that the lines of several processes cannot mix."""

    folder: Path
    writing: int
    meetings: Meetings

    def send(self, number: int, verdict: Verdict) -> None:
        """The verdict on the case of that number."""
        (self.folder / f"{number}.json").write_text(json.dumps(verdict.plain()), encoding="utf-8")
        os.write(self.writing, f"{number}\n".encode())


def grow(setting: Setting, cases: Sequence[Case], post: Post) -> None:
    """The trunk, in a process that was forked for it, and the life of every child."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever forked the trunk is interrupted too, and ends it
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # where the handlers write their metrics
    gc.disable()
    branches = Branches(setting, cases, post)
    try:
        verdict = attempt(setting.stage, setting.ready, branches, setting.goal)[0]
    except BaseException as error:
        verdict = Verdict()
        verdict.problems = [f"{type(error).__name__}: {error}".replace("\n", " ")[:600]]
        verdict.cause = traceback.format_exc()[-2000:]
    if branches.mine is not None:
        verdict.seconds, verdict.met = _seconds(), branches.met
        post.send(branches.mine, _named(verdict, cases[branches.mine]))
        return
    for number in branches.rest():
        post.send(number, _named(unjudged(verdict), cases[number]))


def _seconds() -> float:
    return round(time.process_time(), 3)


def _named(verdict: Verdict, case: Case) -> Verdict:
    verdict.fault, verdict.label = name_of(case), " + ".join(fault.label for fault in case)
    return verdict

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

from leeward.twin.sweep.branches import Case, Post, Setting, grow
from leeward.twin.sweep.faults import name_of
from leeward.twin.sweep.meetings import Meetings
from leeward.twin.sweep.trial import Verdict

__all__ = ["Case", "Setting", "run"]

# So many share a clean run. Within them the order is the run's own.
_BATCH = 400
_CHUNK = 1 << 12

OnEnd = Callable[[Case, Verdict], object]


def run(setting: Setting, cases: Sequence[Case], on_end: OnEnd, known: Sequence[Verdict] = ()) -> None:
    """Try each case, as many at a time as the setting says; `on_end` is told of each as it ends. `known`: what is known
    of other cases of the same run, which these may meet."""
    gc.collect()
    gc.freeze()  # a collection in a child would touch, so copy, every page that it shares with this process
    ends = _Ends(on_end, known)
    try:
        with tempfile.TemporaryDirectory(prefix="leeward-sweep-") as met:
            meetings = Meetings(Path(met))
            meetings.known((verdict.fault, verdict.met) for verdict in known if verdict.met)
            for first in range(0, len(cases), _BATCH):
                _batch(setting, cases[first : first + _BATCH], meetings, ends)
    finally:
        gc.unfreeze()


class _Ends:
    """What the trials came to. Of one that met another nothing is told before the other has ended."""

    def __init__(self, on_end: OnEnd, known: Iterable[Verdict]) -> None:
        self._on_end = on_end
        self._known = {verdict.fault: verdict for verdict in known}
        self._waiting: dict[str, list[tuple[Case, Verdict]]] = {}

    def add(self, case: Case, verdict: Verdict) -> None:
        """One more has ended, or met another."""
        if verdict.same_as and verdict.same_as not in self._known:
            self._waiting.setdefault(verdict.same_as, []).append((case, verdict))
            return
        if verdict.same_as:
            verdict = verdict.like(self._known[verdict.same_as])
        self._known[verdict.fault] = verdict
        self._on_end(case, verdict)
        for follower in self._waiting.pop(verdict.fault, ()):
            self.add(*follower)


def _batch(setting: Setting, cases: Sequence[Case], meetings: Meetings, ends: _Ends) -> None:
    with tempfile.TemporaryDirectory(prefix="leeward-sweep-") as folder:
        reading, writing = os.pipe()
        post = Post(Path(folder), writing, meetings)
        trunk = setting.stage.engine.fork(watched=False)  # it waits for its children wherever its run stands
        if not trunk:
            try:
                os.setpgid(0, 0)
                os.close(reading)
                grow(setting, cases, post)
            finally:
                os._exit(0)
        os.close(writing)
        left, text = dict(enumerate(cases)), b""
        try:
            while chunk := _read(reading):
                *numbers, text = (text + chunk).split(b"\n")
                for number in map(int, numbers):
                    ends.add(left.pop(number), _told(post.folder / f"{number}.json"))
            for case in left.values():
                ends.add(case, _wordless(case))
        finally:
            os.close(reading)
            _end(trunk)


def _read(reading: int) -> bytes:
    """What was written; nothing once the trunk and all its children have ended. Ctrl-C is heard while it waits."""
    while not select.select([reading], [], [], 1.0)[0]:
        pass
    return os.read(reading, _CHUNK)


def _told(path: Path) -> Verdict:
    return Verdict(**json.loads(path.read_text(encoding="utf-8")))


def _wordless(case: Case) -> Verdict:
    verdict = Verdict(name_of(case), " + ".join(fault.label for fault in case))
    verdict.problems = ["the trial's process ended without a word: it hung, or died"]
    return verdict


def _end(trunk: int) -> None:
    """The trunk, and its children where it was interrupted."""
    try:
        os.killpg(trunk, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        os.kill(trunk, signal.SIGKILL)  # it has not made itself a group yet
    os.waitpid(trunk, 0)

"""A process per trial, forked from one that holds the stage ready: nothing is imported, parsed or built again.

The stage's world is in memory alone, so a fork is a snapshot of it; and a trial cannot leave anything behind for the
next. Several run side by side.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from state_machines.tree import Ready
from twin.stage import Stage
from twin.sweep.faults import Fault, name_of
from twin.sweep.survey import Survey
from twin.sweep.trial import Verdict, attempt

Case = tuple[Fault, ...]
Trial = tuple[Verdict, Survey]
# A trial that takes longer, really, hangs.
_PATIENCE_SECONDS = 300.0
_CHUNK = 1 << 16


@dataclass(slots=True)
class _Child:
    case: Case
    process: int
    reading: int
    since: float
    read: list[bytes] = field(default_factory=list)


def run(stage: Stage, ready: Ready, cases: Iterable[Case], jobs: int, on_end: Callable[[Case, Trial], object]) -> None:
    """Try each case in a process of its own, `jobs` at a time; `on_end` is told of each as it ends."""
    waiting, children = deque(cases), dict[int, _Child]()
    gc.collect()
    gc.freeze()  # a collection in a child would touch, so copy, every page that it shares with this process
    try:
        while waiting or children:
            while waiting and len(children) < jobs:
                child = _start(stage, ready, waiting.popleft())
                children[child.reading] = child
            for reading in select.select(list(children), [], [], 1.0)[0]:
                chunk = os.read(reading, _CHUNK)
                if chunk:
                    children[reading].read.append(chunk)
                else:
                    child = children.pop(reading)
                    on_end(child.case, _result(child))
            for child in children.values():
                if time.perf_counter() - child.since > _PATIENCE_SECONDS:
                    os.kill(child.process, signal.SIGKILL)
    finally:
        for child in children.values():
            os.kill(child.process, signal.SIGKILL)
            os.waitpid(child.process, 0)
            os.close(child.reading)
        gc.unfreeze()


def _start(stage: Stage, ready: Ready, case: Case) -> _Child:
    reading, writing = os.pipe()
    process = stage.engine.fork()
    if process:
        os.close(writing)
        return _Child(case, process, reading, time.perf_counter())
    try:
        os.close(reading)
        _in_the_child(stage, ready, case, writing)
    finally:
        os._exit(0)


def _in_the_child(stage: Stage, ready: Ready, case: Case, writing: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent is interrupted too, and ends its children
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # where the handlers write their metrics
    gc.disable()
    began = time.process_time()
    try:
        verdict, survey = attempt(stage, ready, case)
    except BaseException as error:
        verdict, survey = Verdict(name_of(case), " + ".join(fault.label for fault in case)), Survey()
        verdict.problems = [f"{type(error).__name__}: {error}".replace("\n", " ")[:600]]
        verdict.cause = traceback.format_exc()[-2000:]
    verdict.seconds = round(time.process_time() - began, 3)
    told: dict[str, Any] = {"verdict": verdict.plain(), "survey": None if case else survey.plain()}
    with os.fdopen(writing, "w") as out:
        json.dump(told, out)


def _result(child: _Child) -> Trial:
    os.close(child.reading)
    os.waitpid(child.process, 0)
    text = b"".join(child.read)
    if not text:
        verdict = Verdict(name_of(child.case), " + ".join(fault.label for fault in child.case))
        verdict.problems = ["the trial's process ended without a word: it hung, or died"]
        return verdict, Survey()
    told = json.loads(text)
    return Verdict(**told["verdict"]), Survey(**(told["survey"] or {}))

"""OS threads that tasks run on, kept between tasks: the interpreter starts about three tasks per Task state."""

from __future__ import annotations

import threading
from typing import Protocol

from twin.engine.task import Task
from twin.wire.refusals import SIMULATED_THREAD

_RealThread, _RealLock, _real_start = threading.Thread, threading.Lock, threading.Thread.start
# A wide Map leaves hundreds of idle threads behind; this many are kept for the next run.
KEPT = 64
_idle: list[Worker] = []


class Runner(Protocol):
    """What a worker needs of the baton."""

    def run(self, task: Task) -> None:
        """Run the task's body; never raises."""
        ...

    def hand_on(self) -> None:
        """Give the baton to whoever comes next."""
        ...


class Worker:
    """One daemon thread that runs a task, hands the baton on, and waits for its next task."""

    def __init__(self) -> None:
        self._go = _RealLock()
        self._go.acquire()
        self._job: tuple[Runner, Task] | None = None
        self._thread = _RealThread(target=self._loop, name=SIMULATED_THREAD, daemon=True)
        _real_start(self._thread)

    def take(self, runner: Runner, task: Task) -> None:
        """Run `task` next; the caller must hold the baton and gives it away by this."""
        task.ident = self._thread.ident
        self._job = (runner, task)
        self._go.release()

    def dismiss(self) -> None:
        """End the thread."""
        self._go.release()

    def _loop(self) -> None:
        while True:
            self._go.acquire()
            if self._job is None:
                return
            runner, task = self._job
            self._job = None
            runner.run(task)
            _idle.append(self)  # still holds the baton, so this is safe
            runner.hand_on()
            del runner, task


def start(runner: Runner, task: Task) -> None:
    """Run `task` on an idle worker, or on a new one."""
    worker = _idle.pop() if _idle else Worker()
    worker.take(runner, task)


def trim() -> None:
    """Let go of the idle threads beyond those kept."""
    while len(_idle) > KEPT:
        _idle.pop().dismiss()


def forget() -> None:
    """After a fork: the idle threads are the parent's, and are not here."""
    _idle.clear()


def idle() -> int:
    """How many threads wait for work."""
    return len(_idle)

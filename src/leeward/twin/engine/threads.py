"""`threading` and `time` as the interpreter's modules see them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from leeward.twin.engine.baton import current
from leeward.twin.engine.primitives import Condition, Event, Lock, RLock
from leeward.twin.engine.task import Task


class Thread:
    """`threading.Thread`, run as a task of the simulation."""

    def __init__(
        self,
        group: None = None,  # noqa: ARG002 - threading.Thread's signature
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
        *,
        daemon: bool | None = None,
    ) -> None:
        self.name, self.daemon = name or "", daemon
        self._call: Callable[[], object] | None = None if target is None else lambda: target(*args, **(kwargs or {}))
        self._ended = Event()
        self.task: Task | None = None

    @property
    def native_id(self) -> int | None:
        """Only logged."""
        return None

    ident = native_id

    def start(self) -> None:
        """Make the thread's task ready; it belongs to the task that started it."""
        baton = current()
        parent = baton.holder
        self.task = baton.spawn(self._run, self.name, parent)
        parent.children.append(self.task)

    def _run(self) -> None:
        call, self._call = self._call, None
        try:
            if call is not None:
                call()
        finally:
            self._ended.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end, at most `timeout` virtual seconds."""
        self._ended.wait(timeout)

    def is_alive(self) -> bool:
        """Started and not ended."""
        return self.task is not None and not self._ended.is_set()


def _sleep(seconds: float) -> None:
    current().sleep(seconds)


def _time() -> Fraction:
    return current().time()


THREADING = SimpleNamespace(
    Event=Event,
    Thread=Thread,
    Lock=Lock,
    RLock=RLock,
    Condition=Condition,
    current_thread=threading.current_thread,
)
TIME = SimpleNamespace(sleep=_sleep, time=_time)

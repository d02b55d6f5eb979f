"""Virtual replacements for `threading` and `time`, as the interpreter's modules see them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

from leeward.twin.engine.scheduling.current_scheduler import current_scheduler
from leeward.twin.engine.scheduling.task import SimulationTask
from leeward.twin.engine.virtual_threads.sync_primitives import (
    VirtualCondition,
    VirtualEvent,
    VirtualLock,
    VirtualRLock,
)


class VirtualThread:
    """A virtual `threading.Thread`, which runs as a task of the simulation."""

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
        self._target: Callable[[], object] | None = None if target is None else lambda: target(*args, **(kwargs or {}))
        self._end_event = VirtualEvent()
        self.task: SimulationTask | None = None

    @property
    def native_id(self) -> int | None:
        """Return None. Callers only log the ID."""
        return None

    ident = native_id

    def start(self) -> None:
        """Make the thread's task ready. It becomes a child of the task that started it."""
        scheduler = current_scheduler()
        parent = scheduler.running_task
        self.task = scheduler.spawn(self._run, self.name, parent)
        parent.children.append(self.task)

    def _run(self) -> None:
        call, self._target = self._target, None
        try:
            if call is not None:
                call()
        finally:
            self._end_event.set()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the thread to end, at most `timeout` virtual seconds."""
        self._end_event.wait(timeout)

    def is_alive(self) -> bool:
        """Return whether the thread has started and not ended."""
        return self.task is not None and not self._end_event.is_set()


def _virtual_sleep(seconds: float) -> None:
    current_scheduler().sleep(seconds)


def _virtual_time() -> Fraction:
    return current_scheduler().unix_time()


VIRTUAL_THREADING = SimpleNamespace(
    Event=VirtualEvent,
    Thread=VirtualThread,
    Lock=VirtualLock,
    RLock=VirtualRLock,
    Condition=VirtualCondition,
    current_thread=threading.current_thread,
)
VIRTUAL_TIME = SimpleNamespace(sleep=_virtual_sleep, time=_virtual_time)

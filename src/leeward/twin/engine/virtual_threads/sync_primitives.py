"""Virtual replacements for the primitives of `threading`, which the interpreter's modules use instead of the real ones.

Each looks up the scheduler when it is used, because some (in cached boto3 clients) outlive a run.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from leeward.twin.engine.scheduling.current_scheduler import current_scheduler, current_scheduler_or_none
from leeward.twin.engine.scheduling.task import SimulationTask

_OUTSIDE_TASK = SimulationTask("outside any engine")


def _calling_task() -> SimulationTask:
    scheduler = current_scheduler_or_none()
    return _OUTSIDE_TASK if scheduler is None else scheduler.running_task


class VirtualEvent:
    """A virtual `threading.Event`."""

    def __init__(self) -> None:
        self._flag = False
        self._waiting: list[SimulationTask] = []

    def is_set(self) -> bool:
        """Return whether `set` was called since the last `clear`."""
        return self._flag

    def clear(self) -> None:
        """Make the next `wait` block."""
        self._flag = False

    def set(self) -> None:
        """Wake all waiting tasks."""
        self._flag = True
        waiting, self._waiting = self._waiting, []
        for task in waiting:
            current_scheduler().wake(task)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until `set` is called. Return False after `timeout` virtual seconds."""
        if self._flag:
            return True
        scheduler = current_scheduler()
        me = scheduler.running_task
        self._waiting.append(me)
        try:
            return scheduler.park("waits for an event", timeout)
        finally:
            if me in self._waiting:
                self._waiting.remove(me)


class VirtualRLock:
    """A virtual `threading.RLock`. Waiting tasks acquire it in the order of their arrival."""

    is_reentrant = True

    def __init__(self) -> None:
        self._owner: SimulationTask | None = None
        self._depth = 0
        self._waiting: deque[SimulationTask] = deque()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Acquire the lock as `threading.Lock.acquire` does, with `timeout` in virtual seconds."""
        me = _calling_task()
        if self.is_reentrant and self._owner is me:
            self._depth += 1
            return True
        if self._owner is None:
            self._owner, self._depth = me, 1
            return True
        if not blocking:
            return False
        self._waiting.append(me)
        try:
            return current_scheduler().park("waits for a lock", None if timeout < 0 else timeout)
        finally:
            if me in self._waiting:
                self._waiting.remove(me)

    def release(self) -> None:
        """Release the lock, and pass it to the first waiting task."""
        self._depth -= 1
        if self._depth > 0:
            return
        self._owner, self._depth = None, 0
        if self._waiting:
            self._owner, self._depth = self._waiting.popleft(), 1
            current_scheduler().wake(self._owner)

    def locked(self) -> bool:
        """Return whether a task holds the lock."""
        return self._owner is not None

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


class VirtualLock(VirtualRLock):
    """A virtual `threading.Lock`."""

    is_reentrant = False


class VirtualCondition:
    """A virtual `threading.Condition`."""

    def __init__(self, lock: VirtualRLock | None = None) -> None:
        self._lock = lock or VirtualRLock()
        self._waiting: list[SimulationTask] = []
        self.acquire, self.release = self._lock.acquire, self._lock.release

    def __enter__(self) -> bool:
        return self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def wait(self, timeout: float | None = None) -> bool:
        """Release the lock, wait for a notification, and acquire the lock again."""
        scheduler = current_scheduler()
        me = scheduler.running_task
        self._waiting.append(me)
        depth, self._lock._depth = self._lock._depth, 1
        self._lock.release()
        try:
            return scheduler.park("waits for a condition", timeout)
        finally:
            if me in self._waiting:
                self._waiting.remove(me)
            if not me.is_cancelled:
                self._lock.acquire()
                self._lock._depth = depth

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        """Wait until `predicate()` is true, and return its last value."""
        scheduler = current_scheduler()
        end = None if timeout is None else scheduler.deadline_after(timeout)
        while not predicate():
            left = None if end is None else (end - scheduler.now_us) / 1_000_000
            if left is not None and left <= 0:
                return predicate()
            self.wait(left)
        return True

    def notify(self, n: int = 1) -> None:
        """Wake the first `n` waiting tasks."""
        waking, self._waiting = self._waiting[:n], self._waiting[n:]
        for task in waking:
            current_scheduler().wake(task)

    def notify_all(self) -> None:
        """Wake all waiting tasks."""
        self.notify(len(self._waiting))

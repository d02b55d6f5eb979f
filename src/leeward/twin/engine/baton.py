"""One baton: many tasks, of which exactly one runs, on virtual time. Each has a stack of its own (a greenlet); all
share one thread of the operating system.

A task keeps the baton until it waits (for an event, a lock, a thread, a time) or ends. Then the baton goes to the
first of the ready queue, first in, first out. When nobody is ready the clock jumps to the earliest deadline. So
nothing depends on how the operating system schedules threads, and an hour of waiting costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from leeward.twin.engine.scheduler import Scheduler
from leeward.twin.engine.task import Task
from leeward.twin.engine.timers import FOREVER_SECONDS, MICROSECONDS, Timer, microseconds
from leeward.twin.errors import NoEngine, Unwound

_current: Baton | None = None


def current() -> Baton:
    """The baton of the open engine. Raises NoEngine."""
    if _current is None:
        raise NoEngine("no Engine is open; use `with Engine(...) as engine:`")
    return _current


def current_or_none() -> Baton | None:
    """The baton of the open engine, None outside one."""
    return _current


def make_current(baton: Baton | None) -> None:
    """Name the baton of the open engine; None when it closes."""
    global _current  # noqa: PLW0603 - one engine at a time, and moto's module-level patches must find it
    _current = baton


class Baton(Scheduler):
    """What tasks do with the baton: read the clock, wait, wake one another, start tasks."""

    # -- time -------------------------------------------------------------------------------------

    def time(self) -> Fraction:
        """Seconds since 1970, exact: the interpreter computes `int(t1 - t0)`, which a float gets wrong."""
        return Fraction(self.us, MICROSECONDS)

    def after(self, seconds: float | Fraction) -> int:
        """The instant `seconds` from now, in microseconds since 1970."""
        return self.us + microseconds(seconds)

    # -- waiting ----------------------------------------------------------------------------------

    def sleep(self, seconds: float | Fraction) -> None:
        """Let virtual time pass for the calling task."""
        if seconds > 0:
            self.park(f"sleeps {float(seconds):g} s", seconds)
        else:
            self.yield_()

    def yield_(self) -> None:
        """Let every task that is ready now go first; no time passes."""
        self._may_wait()
        self._ready.append(self.holder)
        self._switch()

    def let_others(self) -> None:
        """Run everything that is ready now, without letting time pass. Only the main task goes on until nothing is
        ready: two that did so would wait for each other."""
        self.yield_()
        while self._ready and self.holder is self.main:
            self.yield_()

    def park(self, why: str, seconds: float | Fraction | None = None) -> bool:
        """Wait until `wake`, at most `seconds`. True when woken, False when the time was over."""
        self._may_wait()
        me = self.holder
        deadline = None if seconds is None or seconds >= FOREVER_SECONDS else self.after(seconds)
        limit = me.limit
        limited = limit is not None and (deadline is None or limit.at < deadline)
        if limit is not None and limited:
            deadline = limit.at
        me.why, me.parked, me.woken = why, True, False
        me.timer = None if deadline is None else self.timers.add(Timer(max(deadline, self.us), me))
        self._switch()
        if limit is not None and limited and not me.woken:
            limit.struck = True
            raise limit.error()
        return me.woken

    # -- tasks ------------------------------------------------------------------------------------

    def spawn(self, body: Callable[[], object], name: str = "", parent: Task | None = None) -> Task:
        """A new task that is ready now."""
        self.check()
        if self.holder.killed:
            raise Unwound
        task = Task(name or f"task {self.count('task')}", body, parent)
        self.tasks[task] = None
        self._ready.append(task)
        return task

    def unwind(self) -> None:
        """End every task: the end of a run. Each parked task is resumed once, with Unwound."""
        self.check()
        self._unwinding, self.main.exc = True, None
        for task in [task for task in self.tasks if task.carrier is None]:
            task.done = True
            self.tasks.pop(task)
        for task in self.tasks:
            task.killed = True
        self.timers.clear()
        self._ready.clear()
        self._ready.extend(self.tasks)
        if self.tasks:
            self._ready.append(self.main)
            self._switch()

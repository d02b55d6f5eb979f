"""Who holds the baton, who gets it next, and what happens when nobody is ready."""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from greenlet import GreenletExit, getcurrent, greenlet

from leeward.twin.engine import stacks
from leeward.twin.engine.task import Task
from leeward.twin.engine.timers import Timer, Timers
from leeward.twin.errors import (
    ActorFailed,
    Deadlock,
    ForeignThread,
    HandlerStuck,
    HorizonReached,
    InlineMayNotWait,
    Interrupted,
    TwinError,
    Unwound,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Scheduler:
    """The innards of the baton. Whoever makes it is the main task and holds the baton at first; every task runs on the
    thread that it was made on."""

    def __init__(self, start: datetime, horizon: timedelta, seed: int = 0) -> None:
        self.us = (start - EPOCH) // timedelta(microseconds=1)
        self.seed = seed
        self.main = self.holder = Task("main")
        self.main.carrier = getcurrent()
        self._starter = stacks.starter()
        self.thread = threading.get_ident()
        self.tasks: dict[Task, None] = {}
        self.timers = Timers()
        # Counts every decision of the scheduler; the watchdog sees by it whether anything moves.
        self.pulse = 0
        # Called with the jump in microseconds whenever virtual time passes.
        self.on_jump: Callable[[int], object] = lambda _: None
        self._ready: deque[Task] = deque()
        self._horizon = self.us + horizon // timedelta(microseconds=1)
        self._counts: Counter[str] = Counter()
        self._unwinding = False
        # Stands for whichever inline callback runs.
        self._inline = Task("inline")
        self._inline.inline = True

    def now(self) -> datetime:
        """Virtual time, UTC."""
        return EPOCH + timedelta(microseconds=self.us)

    def count(self, key: str) -> int:
        """How often this was asked for `key` in this run, this time included."""
        self._counts[key] += 1
        return self._counts[key]

    def mine(self) -> bool:
        """Whether the caller is of this simulation, and so holds the baton: only who holds it runs."""
        return threading.get_ident() == self.thread

    def check(self) -> None:
        """Raises ForeignThread, or what ends a handler whose time is over."""
        if not self.mine():
            raise ForeignThread(
                f"thread {threading.current_thread().name!r} is not part of the simulation "
                f"({self.holder.describe()} holds the baton); simulated code must not start threads"
            )
        limit = self.holder.limit
        if limit is not None and limit.struck:
            raise limit.error()

    def fail(self, name: str, error: BaseException) -> None:
        """Raise in the main task, at its next turn, what went wrong elsewhere."""
        if self.main.exc is None and not self._unwinding:
            self.main.exc = self._named(name, error)
            self.wake(self.main)

    def _named(self, name: str, error: BaseException) -> BaseException:
        if isinstance(error, TwinError | KeyboardInterrupt):
            return error
        if isinstance(error, Interrupted):
            return HandlerStuck(
                f"{name} computed, or hung, for too long without waiting; on virtual time such a loop never ends. "
                "Let it wait (time.sleep, a Wait state) or do less"
            )
        failed = ActorFailed(f"{name} failed at {self.now().isoformat()}: {type(error).__name__}: {error}")
        failed.__cause__ = error
        return failed

    def wake(self, task: Task) -> None:
        """Make a parked task ready; nothing happens to one that is not parked."""
        if not task.parked or task.killed or (task not in self.tasks and task is not self.main):
            return  # the last: a task of an earlier run
        task.parked, task.woken = False, True
        if task.timer is not None:
            task.timer.cancel()
            task.timer = None
        self._ready.append(task)

    def waiting(self) -> list[str]:
        """Who waits for what, without what was abandoned."""
        return [task.describe() for task in self.tasks if not task.done and not task.is_abandoned()]

    # -- passing the baton ---------------------------------------------------------------------------

    def _may_wait(self) -> None:
        self.check()
        if self.holder.killed:
            raise Unwound
        if self.holder.inline:
            raise InlineMayNotWait(f"{self.holder.name} is an inline callback and may not wait")

    def _pick(self) -> Task:
        while True:
            self.pulse += 1
            if self._ready:
                return self._ready.popleft()
            timer = self.timers.earliest()
            if timer is None or timer.at > self._horizon:
                self.main.exc = self._nothing_happens(timer)
                return self.main
            if timer.at > self.us:
                jump, self.us = timer.at - self.us, timer.at
                self.on_jump(jump)
            if timer.task is not None:
                timer.task.parked, timer.task.timer = False, None
                return timer.task
            self._fire(timer)

    def _nothing_happens(self, timer: Timer | None) -> TwinError:
        waiting = "\n  ".join(self.waiting() or ["nobody"])
        if timer is None:
            return Deadlock(f"nothing can ever happen again; waiting:\n  {waiting}")
        return HorizonReached(f"virtual time would pass the run's horizon; waiting:\n  {waiting}")

    def _fire(self, timer: Timer) -> None:
        """Call an inline callback on the stack of whoever happens to schedule: no switch."""
        before, self.holder = self.holder, self._inline
        self._inline.name = timer.name
        try:
            if timer.fire is not None:
                timer.fire()
        except (Exception, Interrupted) as error:
            self.fail(timer.name, error)
        finally:
            self.holder = before

    def _switch(self) -> None:
        me = self.holder
        if me.surroundings is not None:
            me.surroundings.leave()
        try:
            following = self._pick()
            if following is not me:
                stack, told = self._turn_of(following)
                stack.switch(told)
        finally:
            self.holder = me
            if me.surroundings is not None:
                me.surroundings.enter()
        if me.killed:
            raise Unwound
        if me.exc is not None:
            error, me.exc = me.exc, None
            raise error

    def _turn_of(self, task: Task) -> tuple[greenlet, greenlet | None]:
        """What to switch to, so that `task` runs, and what to tell it."""
        self.holder, task.parked = task, False
        if task.carrier is not None:
            return task.carrier, None
        task.carrier = greenlet(lambda: self._carry(task), parent=self.main.carrier)
        return self._starter, task.carrier

    def _carry(self, task: Task) -> greenlet | None:
        """A task's body, from its first turn to its end; then the baton goes to whoever comes next."""
        try:
            if task.body is not None and not task.killed:
                task.body()
        except Unwound:
            pass
        except GreenletExit:
            return None  # of an earlier run: nobody remembers this task, and it has no baton to hand on
        except BaseException as error:
            self.fail(task.name, error)
        finally:
            task.done, task.body, task.state = True, None, None
            self.tasks.pop(task, None)
        # A stack that ends goes on with its parent, and tells it what it returns.
        getcurrent().parent, told = self._turn_of(self._pick())
        return told

"""Runs the simulation's tasks, one at a time, on virtual time.

Each task has a stack of its own (a greenlet), and all tasks share one thread of the operating system. A task runs until
it waits (for an event, a lock, a thread, or a time) or ends. Then the first task of the ready queue runs. When no task
is ready, the clock jumps to the earliest deadline. So nothing depends on how the operating system schedules threads,
and an hour of waiting costs nothing.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from greenlet import GreenletExit, getcurrent, greenlet

from leeward.twin.engine.scheduling import greenlet_root
from leeward.twin.engine.scheduling.task import SimulationTask, TaskLocalState
from leeward.twin.engine.scheduling.timers import (
    FOREVER_SECONDS,
    MICROSECONDS_PER_SECOND,
    Timer,
    TimerQueue,
    to_microseconds,
)
from leeward.twin.errors import (
    ActorFailed,
    Deadlock,
    ForeignThread,
    HandlerStuck,
    HorizonReached,
    InlineCallbackWaited,
    TaskCancelled,
    TwinError,
    WatchdogInterrupt,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TaskScheduler:
    """The tasks of one simulation. The code that creates it is the main task; all tasks run on the creating thread."""

    def __init__(self, start: datetime, horizon: timedelta, seed: int = 0) -> None:
        """Start the virtual clock at `start`. A run may not pass `start + horizon`."""
        self.now_us = (start - EPOCH) // timedelta(microseconds=1)
        self.seed = seed
        self.main_task = self.running_task = SimulationTask("main")
        self.main_task.stack = getcurrent()
        self._greenlet_root = greenlet_root.make_greenlet_root()
        self.thread_id = threading.get_ident()
        self.tasks: dict[SimulationTask, None] = {}
        self.timers = TimerQueue()
        # Counts every scheduling decision. The watchdog reads it to see whether anything moves.
        self.turn_count = 0
        self.on_time_jump: Callable[[int], object] = lambda _: None  # called with each jump in microseconds
        self._ready_tasks: deque[SimulationTask] = deque()
        self._horizon_us = self.now_us + horizon // timedelta(microseconds=1)
        self._counters: Counter[str] = Counter()
        self._is_cancelling = False
        # The running task while an inline callback runs.
        self._inline_task = SimulationTask("inline")
        self._inline_task.is_inline = True
        # The state of the task that is choosing its successor. Often that is the same task, so it stays active.
        self._waiting_state: TaskLocalState | None = None

    # -- time -------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the virtual time, in UTC."""
        return EPOCH + timedelta(microseconds=self.now_us)

    def unix_time(self) -> Fraction:
        """Return the seconds since 1970, exactly: the interpreter computes `int(t1 - t0)`, which a float gets wrong."""
        return Fraction(self.now_us, MICROSECONDS_PER_SECOND)

    def deadline_after(self, seconds: float | Fraction) -> int:
        """Return the instant `seconds` from now, in microseconds since 1970."""
        return self.now_us + to_microseconds(seconds)

    # -- waiting ----------------------------------------------------------------------------------

    def sleep(self, seconds: float | Fraction) -> None:
        """Let virtual time pass for the calling task."""
        if seconds > 0:
            self.park(f"sleeps {float(seconds):g} s", seconds)
        else:
            self.yield_turn()

    def yield_turn(self) -> None:
        """Let every task that is ready now run first. No time passes."""
        self._check_may_wait()
        self._ready_tasks.append(self.running_task)
        self._switch_task()

    def run_ready_tasks(self) -> None:
        """Run everything that is ready now, without letting time pass.

        Only the main task continues until nothing is ready: two tasks that did so would wait for each other.
        """
        self.yield_turn()
        while self._ready_tasks and self.running_task is self.main_task:
            self.yield_turn()

    def park(self, reason: str, seconds: float | Fraction | None = None) -> bool:
        """Wait until `wake`, at most `seconds`. Return True when woken, False when the time was over."""
        self._check_may_wait()
        me = self.running_task
        deadline = None if seconds is None or seconds >= FOREVER_SECONDS else self.deadline_after(seconds)
        limit = me.deadline
        limited = limit is not None and (deadline is None or limit.at_us < deadline)
        if limit is not None and limited:
            deadline = limit.at_us
        me.wait_reason, me.is_parked, me.was_woken = reason, True, False
        me.timer = None if deadline is None else self.timers.add(Timer(max(deadline, self.now_us), me))
        self._switch_task()
        if limit is not None and limited and not me.was_woken:
            limit.has_expired = True
            raise limit.make_error()
        return me.was_woken

    def wake(self, task: SimulationTask) -> None:
        """Make a parked task ready. A task that is not parked, or that belongs to an earlier run, is left alone."""
        if not task.is_parked or task.is_cancelled or (task not in self.tasks and task is not self.main_task):
            return
        task.is_parked, task.was_woken = False, True
        if task.timer is not None:
            task.timer.cancel()
            task.timer = None
        self._ready_tasks.append(task)

    # -- tasks ------------------------------------------------------------------------------------

    def spawn(self, body: Callable[[], object], name: str = "", parent: SimulationTask | None = None) -> SimulationTask:
        """Return a new task that is ready now."""
        self.check_caller()
        if self.running_task.is_cancelled:
            raise TaskCancelled
        task = SimulationTask(name or f"task {self.next_number('task')}", body, parent)
        self.tasks[task] = None
        self._ready_tasks.append(task)
        return task

    def cancel_all_tasks(self) -> None:
        """End every task at the end of a run. Each parked task is resumed once, with TaskCancelled."""
        self.check_caller()
        self._is_cancelling, self.main_task.pending_error = True, None
        for task in [task for task in self.tasks if task.stack is None]:
            task.is_done = True
            self.tasks.pop(task)
        for task in self.tasks:
            task.is_cancelled = True
        self.timers.clear()
        self._ready_tasks.clear()
        self._ready_tasks.extend(self.tasks)
        if self.tasks:
            self._ready_tasks.append(self.main_task)
            self._switch_task()

    def next_number(self, key: str) -> int:
        """Return how often this run has asked for `key`, this time included."""
        self._counters[key] += 1
        return self._counters[key]

    def describe_waiting_tasks(self) -> list[str]:
        """Return a line for each task that waits, with what it waits for. Abandoned tasks are left out."""
        return [task.describe() for task in self.tasks if not task.is_done and not task.is_abandoned()]

    # -- errors -----------------------------------------------------------------------------------

    def is_simulation_thread(self) -> bool:
        """Return whether the caller runs on the simulation's thread, and so is the running task."""
        return threading.get_ident() == self.thread_id

    def check_caller(self) -> None:
        """Raise ForeignThread on another thread, or the error that ends a handler whose time is over."""
        if not self.is_simulation_thread():
            raise ForeignThread(
                f"thread {threading.current_thread().name!r} is not part of the simulation "
                f"({self.running_task.describe()} is running); simulated code must not start threads"
            )
        limit = self.running_task.deadline
        if limit is not None and limit.has_expired:
            raise limit.make_error()

    def report_failure(self, name: str, error: BaseException) -> None:
        """Raise an error of another task or callback in the main task, at its next turn."""
        if self.main_task.pending_error is None and not self._is_cancelling:
            self.main_task.pending_error = self._to_twin_error(name, error)
            self.wake(self.main_task)

    def _to_twin_error(self, name: str, error: BaseException) -> BaseException:
        if isinstance(error, TwinError | KeyboardInterrupt):
            return error
        if isinstance(error, WatchdogInterrupt):
            return HandlerStuck(
                f"{name} computed, or hung, for too long without waiting; on virtual time such a loop never ends. "
                "Let it wait (time.sleep, a Wait state) or do less"
            )
        failed = ActorFailed(f"{name} failed at {self.now().isoformat()}: {type(error).__name__}: {error}")
        failed.__cause__ = error
        return failed

    # -- switching --------------------------------------------------------------------------------

    def _check_may_wait(self) -> None:
        self.check_caller()
        if self.running_task.is_cancelled:
            raise TaskCancelled
        if self.running_task.is_inline:
            raise InlineCallbackWaited(f"{self.running_task.name} is an inline callback and may not wait")

    def _pick_next_task(self) -> SimulationTask:
        while True:
            self.turn_count += 1
            if self._ready_tasks:
                return self._ready_tasks.popleft()
            timer = self.timers.pop_earliest()
            if timer is None or timer.at_us > self._horizon_us:
                self.main_task.pending_error = self._make_stall_error(timer)
                return self.main_task
            if timer.at_us > self.now_us:
                jump, self.now_us = timer.at_us - self.now_us, timer.at_us
                self.on_time_jump(jump)
            if timer.task is not None:
                timer.task.is_parked, timer.task.timer = False, None
                return timer.task
            self._run_inline_callback(timer)

    def _make_stall_error(self, timer: Timer | None) -> TwinError:
        waiting = "\n  ".join(self.describe_waiting_tasks() or ["no task"])
        if timer is None:
            return Deadlock(f"no timer is pending, but tasks are still waiting:\n  {waiting}")
        return HorizonReached(f"virtual time would pass the run's horizon; waiting:\n  {waiting}")

    def _run_inline_callback(self, timer: Timer) -> None:
        """Call an inline callback on the stack of the task that is scheduling, without a switch."""
        self._deactivate_waiting_state()
        before, self.running_task = self.running_task, self._inline_task
        self._inline_task.name = timer.name
        try:
            if timer.callback is not None:
                timer.callback()
        except (Exception, WatchdogInterrupt) as error:
            self.report_failure(timer.name, error)
        finally:
            self.running_task = before

    def _switch_task(self) -> None:
        me = self.running_task
        self._waiting_state = me.local_state
        try:
            following = self._pick_next_task()
            if following is not me:
                self._deactivate_waiting_state()
                stack, argument = self._prepare_turn(following)
                stack.switch(argument)
        finally:
            self.running_task = me
            if me.local_state is not None and self._waiting_state is None:
                me.local_state.activate()
            self._waiting_state = None
        if me.is_cancelled:
            raise TaskCancelled
        if me.pending_error is not None:
            error, me.pending_error = me.pending_error, None
            raise error

    def _deactivate_waiting_state(self) -> None:
        if self._waiting_state is not None:
            self._waiting_state.deactivate()
            self._waiting_state = None

    def _prepare_turn(self, task: SimulationTask) -> tuple[greenlet, greenlet | None]:
        """Return the greenlet to switch to so that `task` runs, and the argument of the switch."""
        self.running_task, task.is_parked = task, False
        if task.stack is not None:
            return task.stack, None
        task.stack = greenlet(lambda: self._run_task(task), parent=self.main_task.stack)
        return self._greenlet_root, task.stack

    def _run_task(self, task: SimulationTask) -> greenlet | None:
        """Run a task's body from its first turn to its end, then prepare the turn of the next task."""
        try:
            if task.body is not None and not task.is_cancelled:
                task.body()
        except TaskCancelled:
            pass
        except GreenletExit:
            return None  # a task of an earlier run: no other task follows it
        except BaseException as error:
            self.report_failure(task.name, error)
        finally:
            task.is_done, task.body, task.state_environment = True, None, None
            self.tasks.pop(task, None)
        # A greenlet that ends continues in its parent, which receives the value returned here.
        getcurrent().parent, argument = self._prepare_turn(self._pick_next_task())
        return argument

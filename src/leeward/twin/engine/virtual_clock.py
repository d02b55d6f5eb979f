"""The virtual clock, as actors and worlds use it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler
from leeward.twin.engine.scheduling.timers import Timer, to_microseconds


class ScheduledCallback:
    """A scheduled callback. `cancel` prevents its next call."""

    def __init__(self) -> None:
        self._timer: Timer | None = None
        self.is_cancelled = False

    def cancel(self) -> None:
        """Prevent the next call. A call that has already begun runs to its end."""
        self.is_cancelled = True
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self, timer: Timer) -> None:
        self._timer = timer


class VirtualClock:
    """Virtual time. It doesn't advance while code runs, and jumps when all tasks wait.

    Callbacks run as tasks that may wait and may call AWS. With `inline=True`, the scheduler calls the callback itself.
    That is about fifty times cheaper, but the callback may not wait. Use it for a client that sends a request every
    second.
    """

    def __init__(self, scheduler: TaskScheduler) -> None:
        self._scheduler = scheduler

    def now(self) -> datetime:
        """Return the current virtual time, in UTC."""
        return self._scheduler.now()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass for the calling task.

        Called from a test's own thread, let them pass for the whole simulation.
        """
        self._scheduler.check_caller()
        self._scheduler.sleep(seconds)

    def call_later(
        self, seconds: float, action: Callable[[], object], name: str = "actor", *, inline: bool = False
    ) -> ScheduledCallback:
        """Call `action` once, `seconds` from now. `name` appears in messages."""
        scheduled = ScheduledCallback()
        self._schedule_callback(scheduled, self._scheduler.deadline_after(seconds), action, name, inline)
        return scheduled

    def call_at(
        self, when: datetime, action: Callable[[], object], name: str = "actor", *, inline: bool = False
    ) -> ScheduledCallback:
        """Call `action` once at `when` (with a time zone), or at once if `when` has passed."""
        return self.call_later((when - self.now()).total_seconds(), action, name, inline=inline)

    def call_every(
        self, seconds: float, action: Callable[[], object], name: str = "ticker", *, inline: bool = False
    ) -> ScheduledCallback:
        """Call `action` every `seconds`, first after one period, until canceled.

        The schedule never drifts. The next call follows at once when a call takes longer than the period. Raises
        ValueError for a period of less than a microsecond.
        """
        period = to_microseconds(seconds)
        if period <= 0:
            raise ValueError(f"call_every needs a period of at least a microsecond, not {seconds} s")
        scheduled = ScheduledCallback()
        due = self._scheduler.now_us + period

        def run_and_reschedule() -> None:
            nonlocal due
            action()
            due += period
            if not scheduled.is_cancelled:
                self._schedule_callback(scheduled, due, run_and_reschedule, name, inline)

        self._schedule_callback(scheduled, due, run_and_reschedule, name, inline)
        return scheduled

    def _schedule_callback(
        self, scheduled: ScheduledCallback, at_us: int, action: Callable[[], object], name: str, inline: bool
    ) -> None:
        def fire() -> None:
            if inline:
                action()
            else:
                self._scheduler.spawn(action, name)

        scheduled._set_timer(
            self._scheduler.timers.add(Timer(max(at_us, self._scheduler.now_us), callback=fire, name=name))
        )

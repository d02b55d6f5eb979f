"""The virtual clock, as actors and the code of a world use it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler
from leeward.twin.engine.scheduling.timers import Timer, to_microseconds


class ScheduledCallback:
    """Something that is to happen; `cancel` makes it not happen (again)."""

    def __init__(self) -> None:
        self._timer: Timer | None = None
        self.is_cancelled = False

    def cancel(self) -> None:
        """It does not happen (again). What has already begun runs to its end."""
        self.is_cancelled = True
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self, timer: Timer) -> None:
        self._timer = timer


class VirtualClock:
    """Virtual time: it stands still while code runs and jumps when everybody waits.

    Callbacks are called as tasks that may wait and may call AWS. With `inline=True` a callback is called by the
    scheduler itself, about fifty times cheaper, and may not wait: right for a client that asks once a second.
    """

    def __init__(self, scheduler: TaskScheduler) -> None:
        self._scheduler = scheduler

    def now(self) -> datetime:
        """The present instant, UTC."""
        return self._scheduler.now()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass for the calling task; from the test's own thread, for the whole simulation."""
        self._scheduler.check_caller()
        self._scheduler.sleep(seconds)

    def call_later(
        self, seconds: float, action: Callable[[], object], name: str = "actor", *, inline: bool = False
    ) -> ScheduledCallback:
        """Call `action` once, `seconds` from now. `name` is for messages."""
        appointment = ScheduledCallback()
        self._schedule_callback(appointment, self._scheduler.deadline_after(seconds), action, name, inline)
        return appointment

    def call_at(
        self, when: datetime, action: Callable[[], object], name: str = "actor", *, inline: bool = False
    ) -> ScheduledCallback:
        """Call `action` once, at `when` (time zone aware); at once when that is past."""
        return self.call_later((when - self.now()).total_seconds(), action, name, inline=inline)

    def call_every(
        self, seconds: float, action: Callable[[], object], name: str = "ticker", *, inline: bool = False
    ) -> ScheduledCallback:
        """Call `action` every `seconds`, first that long from now, until cancelled. The beat never drifts; a call that
        takes longer than the period is followed at once by the next."""
        period = to_microseconds(seconds)
        if period <= 0:
            raise ValueError(f"every() needs a period of at least a microsecond, not {seconds} s")
        appointment = ScheduledCallback()
        due = self._scheduler.now_us + period

        def beat() -> None:
            nonlocal due
            action()
            due += period
            if not appointment.is_cancelled:
                self._schedule_callback(appointment, due, beat, name, inline)

        self._schedule_callback(appointment, due, beat, name, inline)
        return appointment

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

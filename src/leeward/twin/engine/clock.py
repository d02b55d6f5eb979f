"""The virtual clock, as actors and the code of a world use it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from leeward.twin.engine.baton import Baton
from leeward.twin.engine.timers import Timer, microseconds


class Appointment:
    """Something that is to happen; `cancel` makes it not happen (again)."""

    def __init__(self) -> None:
        self._timer: Timer | None = None
        self.cancelled = False

    def cancel(self) -> None:
        """It does not happen (again). What has already begun runs to its end."""
        self.cancelled = True
        if self._timer is not None:
            self._timer.cancel()

    def _set(self, timer: Timer) -> None:
        self._timer = timer


class Clock:
    """Virtual time: it stands still while code runs and jumps when everybody waits.

    Callbacks are called as tasks that may wait and may call AWS. With `inline=True` a callback is called by the
    scheduler itself, about fifty times cheaper, and may not wait: right for a client that asks once a second.
    """

    def __init__(self, baton: Baton) -> None:
        self._baton = baton

    def now(self) -> datetime:
        """The present instant, UTC."""
        return self._baton.now()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass for the calling task; from the test's own thread, for the whole simulation."""
        self._baton.check()
        self._baton.sleep(seconds)

    def later(
        self, seconds: float, action: Callable[[], object], name: str = "actor", *, inline: bool = False
    ) -> Appointment:
        """Call `action` once, `seconds` from now. `name` is for messages."""
        appointment = Appointment()
        self._arrange(appointment, self._baton.after(seconds), action, name, inline)
        return appointment

    def at(
        self, when: datetime, action: Callable[[], object], name: str = "actor", *, inline: bool = False
    ) -> Appointment:
        """Call `action` once, at `when` (time zone aware); at once when that is past."""
        return self.later((when - self.now()).total_seconds(), action, name, inline=inline)

    def every(
        self, seconds: float, action: Callable[[], object], name: str = "ticker", *, inline: bool = False
    ) -> Appointment:
        """Call `action` every `seconds`, first that long from now, until cancelled. The beat never drifts; a call that
        takes longer than the period is followed at once by the next."""
        period = microseconds(seconds)
        if period <= 0:
            raise ValueError(f"every() needs a period of at least a microsecond, not {seconds} s")
        appointment = Appointment()
        due = self._baton.us + period

        def beat() -> None:
            nonlocal due
            action()
            due += period
            if not appointment.cancelled:
                self._arrange(appointment, due, beat, name, inline)

        self._arrange(appointment, due, beat, name, inline)
        return appointment

    def _arrange(
        self, appointment: Appointment, at: int, action: Callable[[], object], name: str, inline: bool
    ) -> None:
        def fire() -> None:
            if inline:
                action()
            else:
                self._baton.spawn(action, name)

        appointment._set(self._baton.timers.add(Timer(max(at, self._baton.us), fire=fire, name=name)))

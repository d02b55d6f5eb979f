"""Slow a rehearsal down to a number of virtual seconds per real second."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

# The default clock is perf_counter because the virtual clock replaces time.time.
_TICK_SECONDS = 1 / 12


class RehearsalPacer:
    """Delays each frame until its virtual time is due in real time.

    `virtual_seconds_per_second` is the pace. `wall_clock` and `sleep` use real time.
    """

    def __init__(
        self,
        virtual_seconds_per_second: float,
        *,
        wall_clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._virtual_seconds_per_second = virtual_seconds_per_second
        self._wall_clock = wall_clock
        self._sleep = sleep
        self._start: tuple[datetime, float] | None = None

    def wait_until(self, until: datetime, tick: Callable[[datetime], None]) -> None:
        """Wait until the virtual time `until` is due, and call `tick` with the current virtual time while waiting."""
        if self._start is None:
            self._start = (until, self._wall_clock())
            return
        first, started = self._start
        due = started + (until - first).total_seconds() / self._virtual_seconds_per_second
        while (left := due - self._wall_clock()) > 0:
            self._sleep(min(left, _TICK_SECONDS))
            passed = (self._wall_clock() - started) * self._virtual_seconds_per_second
            tick(min(until, first + timedelta(seconds=passed)))

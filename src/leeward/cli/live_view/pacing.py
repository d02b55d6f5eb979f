"""Slowing a rehearsal down for people: so many virtual seconds in each real one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

# perf_counter and not time(): the virtual clock moves the latter.
_TICK_SECONDS = 1 / 12


class RehearsalPacer:
    """Holds each moment back until its real time has come.

    `per_second` is in virtual seconds for each real second; `real` and `sleep` are the wall's clock.
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
        """Wait until the virtual time `until` is due, calling `tick` with the virtual time that it is meanwhile."""
        if self._start is None:
            self._start = (until, self._wall_clock())
            return
        first, began = self._start
        due = began + (until - first).total_seconds() / self._virtual_seconds_per_second
        while (left := due - self._wall_clock()) > 0:
            self._sleep(min(left, _TICK_SECONDS))
            passed = (self._wall_clock() - began) * self._virtual_seconds_per_second
            tick(min(until, first + timedelta(seconds=passed)))

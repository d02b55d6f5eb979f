"""Slowing a rehearsal down for people: so many virtual seconds in each real one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

# perf_counter and not time(): the virtual clock moves the latter.
_TICK_SECONDS = 1 / 12


class Pace:
    """Holds each moment back until its real time has come.

    `per_second` is in virtual seconds for each real second; `real` and `sleep` are the wall's clock.
    """

    def __init__(
        self,
        per_second: float,
        *,
        real: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._per_second = per_second
        self._real = real
        self._sleep = sleep
        self._began: tuple[datetime, float] | None = None

    def hold(self, until: datetime, tick: Callable[[datetime], None]) -> None:
        """Wait until the virtual time `until` is due, calling `tick` with the virtual time that it is meanwhile."""
        if self._began is None:
            self._began = (until, self._real())
            return
        first, began = self._began
        due = began + (until - first).total_seconds() / self._per_second
        while (left := due - self._real()) > 0:
            self._sleep(min(left, _TICK_SECONDS))
            passed = (self._real() - began) * self._per_second
            tick(min(until, first + timedelta(seconds=passed)))

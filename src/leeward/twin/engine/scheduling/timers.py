"""Deadlines on the virtual clock, earliest first. Equal deadlines keep their order of registration."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from leeward.twin.engine.scheduling.task import SimulationTask

# moto writes "no timeout" as 99999999 s, which is never a deadline.
FOREVER_SECONDS = 90_000_000
MICROSECONDS_PER_SECOND = 1_000_000


def to_microseconds(seconds: float | Fraction) -> int:
    """Return a duration in whole microseconds, rounded up, and 0 for a negative one.

    The clock is an integer, so it never drifts.
    """
    return max(0, math.ceil(round(float(seconds * MICROSECONDS_PER_SECOND), 3)))


@dataclass(eq=False, slots=True)
class Timer:
    """A deadline that wakes `task`, or calls `callback` on the scheduler itself."""

    at_us: int
    task: SimulationTask | None = None
    callback: Callable[[], None] | None = None
    name: str = ""
    is_cancelled: bool = False

    def cancel(self) -> None:
        """Prevent the timer from firing and from moving the clock."""
        self.is_cancelled = True
        self.task = self.callback = None


class TimerQueue:
    """A heap of timers. Canceled timers are dropped when they reach the top."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Timer]] = []
        self._last_sequence = 0

    def add(self, timer: Timer) -> Timer:
        """Register `timer`; among equal deadlines the first registered comes first."""
        self._last_sequence += 1
        heapq.heappush(self._heap, (timer.at_us, self._last_sequence, timer))
        return timer

    def pop_earliest(self) -> Timer | None:
        """Remove and return the earliest active timer, or return None."""
        while self._heap:
            _, _, timer = heapq.heappop(self._heap)
            if not timer.is_cancelled:
                return timer
        return None

    def clear(self) -> None:
        """Remove all timers."""
        self._heap.clear()

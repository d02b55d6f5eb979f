"""Deadlines on the virtual clock, earliest first; equal deadlines in the order of registration."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from leeward.twin.engine.scheduling.task import SimulationTask

# moto writes "no timeout" as 99999999 s: that is never a deadline.
FOREVER_SECONDS = 90_000_000
MICROSECONDS_PER_SECOND = 1_000_000


def to_microseconds(seconds: float | Fraction) -> int:
    """A span as whole microseconds, rounded up; negative spans are none. The clock is an integer, so never drifts."""
    return max(0, math.ceil(round(float(seconds * MICROSECONDS_PER_SECOND), 3)))


@dataclass(eq=False, slots=True)
class Timer:
    """One deadline: it wakes `task`, or calls `fire` on the scheduler itself."""

    at_us: int
    task: SimulationTask | None = None
    callback: Callable[[], None] | None = None
    name: str = ""
    is_cancelled: bool = False

    def cancel(self) -> None:
        """It must neither fire nor move the clock."""
        self.is_cancelled = True
        self.task = self.callback = None


class TimerQueue:
    """A heap of timers. Cancelled ones are dropped when they come up."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Timer]] = []
        self._last_sequence = 0

    def add(self, timer: Timer) -> Timer:
        """Register `timer`; among equal deadlines the first registered comes first."""
        self._last_sequence += 1
        heapq.heappush(self._heap, (timer.at_us, self._last_sequence, timer))
        return timer

    def pop_earliest(self) -> Timer | None:
        """Take out the earliest live timer; None when there is none."""
        while self._heap:
            _, _, timer = heapq.heappop(self._heap)
            if not timer.is_cancelled:
                return timer
        return None

    def clear(self) -> None:
        """Forget every deadline."""
        self._heap.clear()

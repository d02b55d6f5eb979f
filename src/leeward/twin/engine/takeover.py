"""What of the process an open engine takes over, and gives back when it closes.

Clocks (`datetime.now`, `time.time` by time-machine; `time.sleep` and `time.monotonic` by the baton), chance
(`os.urandom`, so `uuid` and `secrets`; `random`), and the starting of threads inside the simulation.
`time.perf_counter` stays real.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from leeward.twin.engine.baton import Baton
from leeward.twin.engine.timers import MICROSECONDS
from leeward.twin.engine.travel import time_machine
from leeward.twin.errors import ThreadsRefused

_real_urandom, _real_sleep, _real_monotonic = os.urandom, time.sleep, time.monotonic
_real_start = threading.Thread.start


class Takeover:
    """One run's hold on the process. Threads outside the simulation keep seeing the real clock and real chance,
    but for `datetime.now` and `time.time`, of which a process has only one."""

    def __init__(self, baton: Baton, seed: int) -> None:
        self._baton = baton
        # Chance of everything that is no handler; each invocation has a stream of its own (surroundings.py).
        self.bytes = random.Random(f"{seed}|bytes")  # noqa: S311 - reproducible on purpose
        self._seed = seed
        self._travel: Any = None
        self._random_state: object = None

    def begin(self) -> None:
        """Take over."""
        self._random_state = random.getstate()
        random.seed(self._seed)
        self._travel = time_machine.travel(self._baton.now(), tick=False)
        traveller = self._travel.start()

        def jump(us: int) -> None:
            traveller.shift(timedelta(microseconds=us))

        self._baton.on_jump = jump

        def start(thread: threading.Thread) -> None:  # a function, so that threads bind it
            self._may_start(thread)
            _real_start(thread)

        self._replace(self._urandom, self._sleep, self._monotonic, start)

    def end(self) -> None:
        """Give everything back."""
        self._replace(_real_urandom, _real_sleep, _real_monotonic, _real_start)
        if self._travel is not None:
            self._travel.stop()
            self._travel = None
        random.setstate(self._random_state)  # type: ignore[arg-type]

    @staticmethod
    def _replace(
        urandom: Callable[[int], bytes],
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        start: Callable[[threading.Thread], None],
    ) -> None:
        os.urandom = urandom
        random._urandom = urandom  # type: ignore[attr-defined]  # what random.SystemRandom, so secrets, draws from
        time.sleep = sleep  # type: ignore[assignment]
        time.monotonic = monotonic
        threading.Thread.start = start  # type: ignore[assignment,method-assign]

    def _urandom(self, size: int) -> bytes:
        return self.bytes.randbytes(size) if self._baton.mine() else _real_urandom(size)

    def _sleep(self, seconds: float) -> None:
        if self._baton.mine():
            self._baton.sleep(seconds)
        else:
            _real_sleep(seconds)

    def _monotonic(self) -> float:
        return self._baton.us / MICROSECONDS if self._baton.mine() else _real_monotonic()

    def _may_start(self, thread: threading.Thread) -> None:
        caller = self._baton.holder.caller
        if caller is not None and self._baton.mine():
            raise ThreadsRefused(
                f"{caller} starts a thread ({thread.name}): a run on the twin must not depend on how the operating "
                "system schedules threads; do the work in sequence, or side by side in the state machine"
            )


def aware(moment: datetime) -> datetime:
    """`moment` in UTC. Raises ValueError when it names no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} names no time zone; use datetime(..., tzinfo=UTC)")
    return moment.astimezone(UTC)

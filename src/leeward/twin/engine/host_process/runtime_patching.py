"""Patches the process while an engine is open, and restores it when the engine closes.

Clocks: time-machine replaces `datetime.now` and `time.time`, and the scheduler replaces `time.sleep` and
`time.monotonic`. Randomness: `os.urandom` (and with it `uuid` and `secrets`) and `random`. Threads: handlers cannot
start any. `time.perf_counter` stays real.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from leeward.twin.engine.host_process.time_machine_import import time_machine
from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler
from leeward.twin.engine.scheduling.timers import MICROSECONDS_PER_SECOND
from leeward.twin.errors import ThreadsRefused

_real_urandom, _real_sleep, _real_monotonic = os.urandom, time.sleep, time.monotonic
_real_thread_start = threading.Thread.start


class RuntimePatching:
    """The patches of one run. Threads outside the simulation keep the real clocks and real randomness.

    `datetime.now` and `time.time` are exceptions, because a process has only one of each.
    """

    def __init__(self, scheduler: TaskScheduler, seed: int) -> None:
        self._scheduler = scheduler
        # Randomness outside handlers. Each invocation has its own stream (invocation_environment.py).
        self.byte_stream = random.Random(f"{seed}|bytes")  # noqa: S311 - reproducible on purpose
        self._seed = seed
        self._time_travel: Any = None
        self._saved_random_state: object = None

    def apply_patches(self) -> None:
        """Apply all patches."""
        self._saved_random_state = random.getstate()
        random.seed(self._seed)
        self._time_travel = time_machine.travel(self._scheduler.now(), tick=False)
        traveller = self._time_travel.start()

        def jump(us: int) -> None:
            traveller.shift(timedelta(microseconds=us))

        self._scheduler.on_time_jump = jump

        def start(thread: threading.Thread) -> None:  # a function, so that it binds to the thread
            self._check_thread_start(thread)
            _real_thread_start(thread)

        self._patch_functions(self._simulated_urandom, self._virtual_sleep, self._virtual_monotonic, start)

    def restore_originals(self) -> None:
        """Restore the original functions."""
        self._patch_functions(_real_urandom, _real_sleep, _real_monotonic, _real_thread_start)
        if self._time_travel is not None:
            self._time_travel.stop()
            self._time_travel = None
        random.setstate(self._saved_random_state)  # type: ignore[arg-type]

    @staticmethod
    def _patch_functions(
        urandom: Callable[[int], bytes],
        sleep: Callable[[float], None],
        monotonic: Callable[[], float],
        start: Callable[[threading.Thread], None],
    ) -> None:
        os.urandom = urandom
        random._urandom = urandom  # type: ignore[attr-defined]  # random.SystemRandom and secrets draw from it
        time.sleep = sleep  # type: ignore[assignment]
        time.monotonic = monotonic
        threading.Thread.start = start  # type: ignore[assignment,method-assign]

    def _simulated_urandom(self, size: int) -> bytes:
        return self.byte_stream.randbytes(size) if self._scheduler.is_simulation_thread() else _real_urandom(size)

    def _virtual_sleep(self, seconds: float) -> None:
        if self._scheduler.is_simulation_thread():
            self._scheduler.sleep(seconds)
        else:
            _real_sleep(seconds)

    def _virtual_monotonic(self) -> float:
        return (
            self._scheduler.now_us / MICROSECONDS_PER_SECOND
            if self._scheduler.is_simulation_thread()
            else _real_monotonic()
        )

    def _check_thread_start(self, thread: threading.Thread) -> None:
        caller = self._scheduler.running_task.calling_function
        if caller is not None and self._scheduler.is_simulation_thread():
            raise ThreadsRefused(
                f"{caller} starts a thread ({thread.name}): a run on the twin must not depend on how the operating "
                "system schedules threads; do the work in sequence, or side by side in the state machine"
            )


def to_utc(moment: datetime) -> datetime:
    """Return `moment` in UTC. Raises ValueError when it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; use datetime(..., tzinfo=UTC)")
    return moment.astimezone(UTC)

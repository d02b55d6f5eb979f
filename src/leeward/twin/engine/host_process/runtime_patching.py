"""Virtual clocks and seeded randomness for the whole process while an engine is open.

Clocks: time-machine replaces `datetime.now` and `time.time`, and the scheduler replaces `time.sleep` and
`time.monotonic`. Randomness: `os.urandom` (and with it `uuid` and `secrets`) and `random`. Threads: handlers cannot
start any. `time.perf_counter` stays real.

The replacing functions are the same for every engine and use the open one. A module that imports one of them by name
while an engine is open therefore gets the real behavior after the engine has closed.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from leeward.twin.engine.host_process.time_machine_import import time_machine
from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler
from leeward.twin.engine.scheduling.timers import MICROSECONDS_PER_SECOND
from leeward.twin.errors import ThreadsRefused
from leeward.twin.patching.attribute_replacement import replace_attribute

_open_runtime: RuntimePatching | None = None


class RuntimePatching:
    """The clocks and the randomness of one run. Threads outside the simulation keep the real ones.

    `datetime.now` and `time.time` are exceptions, because a process has only one of each.
    """

    def __init__(self, scheduler: TaskScheduler, seed: int) -> None:
        self.scheduler = scheduler
        # Randomness outside handlers. Each invocation has its own stream (invocation_environment.py).
        self.byte_stream = random.Random(f"{seed}|bytes")  # noqa: S311 - reproducible on purpose
        self._seed = seed
        self._time_travel: Any = None
        self._saved_random_state: Any = None

    def start(self) -> None:
        """Start virtual time and seed `random`."""
        global _open_runtime  # noqa: PLW0603 - the patched functions have no reference to the engine
        self._saved_random_state = random.getstate()
        random.seed(self._seed)
        _open_runtime = self
        self._time_travel = time_machine.travel(self.scheduler.now(), tick=False)
        traveller = self._time_travel.start()

        def jump(us: int) -> None:
            traveller.shift(timedelta(microseconds=us))

        self.scheduler.on_time_jump = jump

    def stop(self) -> None:
        """Return to real time and to the caller's random numbers."""
        global _open_runtime  # noqa: PLW0603
        _open_runtime = None
        if self._time_travel is not None:
            self._time_travel.stop()
            self._time_travel = None
        random.setstate(self._saved_random_state)

    @contextmanager
    def restored_streams(self) -> Iterator[None]:
        """Undo the draws inside. A module draws when it is imported, which only the first run of a process does."""
        byte_state, state = self.byte_stream.getstate(), random.getstate()
        try:
            yield
        finally:
            self.byte_stream.setstate(byte_state)
            random.setstate(state)


def _simulated_runtime() -> RuntimePatching | None:
    """Return the runtime of the open engine if the calling thread belongs to the simulation."""
    if _open_runtime is None or not _open_runtime.scheduler.is_simulation_thread():
        return None
    return _open_runtime


def draw_random_bytes_from_seed() -> None:
    """Draw the bytes of `os.urandom` from the seed. moto and handlers otherwise get different IDs in each run."""

    def urandom(size: int) -> bytes:
        runtime = _simulated_runtime()
        return real_urandom(size) if runtime is None else runtime.byte_stream.randbytes(size)

    real_urandom = replace_attribute(os, "urandom", urandom)
    replace_attribute(random, "_urandom", urandom)  # random.SystemRandom and secrets draw from it


def sleep_on_virtual_time() -> None:
    """Sleep on virtual time, and measure it. Handlers, botocore's retries, and moto otherwise sleep in real time."""

    def sleep(seconds: float) -> None:
        runtime = _simulated_runtime()
        if runtime is None:
            real_sleep(seconds)
        else:
            runtime.scheduler.sleep(seconds)

    def monotonic() -> float:
        runtime = _simulated_runtime()
        return float(real_monotonic()) if runtime is None else runtime.scheduler.now_us / MICROSECONDS_PER_SECOND

    real_sleep = replace_attribute(time, "sleep", sleep)
    real_monotonic = replace_attribute(time, "monotonic", monotonic)


def refuse_threads_of_handlers() -> None:
    """Refuse threads that a handler starts. The scheduler controls those of moto's interpreter only."""

    def start(thread: threading.Thread) -> None:  # a function, so that it binds to the thread
        runtime = _simulated_runtime()
        caller = None if runtime is None else runtime.scheduler.running_task.calling_function
        if caller is not None:
            raise ThreadsRefused(
                f"{caller} starts a thread ({thread.name}): a run on the twin must not depend on how the operating "
                "system schedules threads; do the work in sequence, or side by side in the state machine"
            )
        real_start(thread)

    real_start = replace_attribute(threading.Thread, "start", start)


def to_utc(moment: datetime) -> datetime:
    """Return `moment` in UTC. Raises ValueError when it has no time zone."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone; use datetime(..., tzinfo=UTC)")
    return moment.astimezone(UTC)

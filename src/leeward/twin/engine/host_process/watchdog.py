"""A real-time watchdog: on virtual time a handler that never waits would hang the run for ever."""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from typing import Any

from leeward.twin.engine.scheduling.task_scheduler import TaskScheduler
from leeward.twin.errors import WatchdogInterrupt

_real_monotonic, _real_thread_class, _real_event_class = time.monotonic, threading.Thread, threading.Event
_real_thread_start = threading.Thread.start
# No handler, and no library that the twin uses, uses this signal.
_SIGNAL = signal.SIGUSR2


class Watchdog:
    """Watches that the baton moves. A task that keeps it longer than `seconds` is interrupted: on the main thread by a
    signal, which ends a blocking call too; on any other by an exception, which reaches Python code alone. The main task
    may compute as long as it likes."""

    def __init__(self, scheduler: TaskScheduler, seconds: float) -> None:
        self._scheduler, self._seconds = scheduler, seconds
        self._stop_event = _real_event_class()
        self._uses_signal = False
        self._thread: threading.Thread | None = None
        self._previous_handler: Any = None

    def start(self) -> None:
        """Begin to watch."""
        self._uses_signal = threading.current_thread() is threading.main_thread()
        if self._uses_signal:
            self._previous_handler = signal.signal(_SIGNAL, self._handle_signal)
        self._start_thread()

    def restart_after_fork(self) -> None:
        """After a fork: the thread that watched is the parent's."""
        self._stop_event = _real_event_class()
        self._start_thread()

    def stop(self) -> None:
        """Watch no more."""
        self._stop_event.set()
        if self._thread is not None:
            self._thread.join()  # a signal that came after this would find nobody, and end the process
        if self._uses_signal:
            signal.signal(_SIGNAL, self._previous_handler or signal.SIG_DFL)

    def _start_thread(self) -> None:
        self._thread = _real_thread_class(target=self._watch_turns, name="twin-watchdog", daemon=True)
        _real_thread_start(self._thread)

    def _watch_turns(self) -> None:
        seen, since = -1, _real_monotonic()
        while not self._stop_event.wait(min(1.0, self._seconds / 4)):
            pulse, now = self._scheduler.turn_count, _real_monotonic()
            if pulse != seen or self._scheduler.running_task is self._scheduler.main_task:
                seen, since = pulse, now
            elif now - since >= self._seconds:
                self._interrupt_task()
                since = now

    def _interrupt_task(self) -> None:
        thread = self._scheduler.thread_id
        if self._uses_signal:
            signal.pthread_kill(thread, _SIGNAL)
        else:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(WatchdogInterrupt))

    def _handle_signal(self, *_: object) -> None:
        if self._scheduler.running_task is not self._scheduler.main_task:
            raise WatchdogInterrupt

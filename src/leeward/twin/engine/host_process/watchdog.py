"""A real-time watchdog: interrupts a handler that never waits, which would block a run on virtual time forever."""

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
    """Interrupts a task that runs for longer than `seconds` of real time without a scheduling decision.

    On the main thread it uses a signal, which also ends a blocking call. On any other thread it raises an exception,
    which only interrupts Python code. The main task may compute for any length of time.
    """

    def __init__(self, scheduler: TaskScheduler, seconds: float) -> None:
        self._scheduler, self._seconds = scheduler, seconds
        self._stop_event = _real_event_class()
        self._uses_signal = False
        self._thread: threading.Thread | None = None
        self._previous_handler: Any = None

    def start(self) -> None:
        """Start watching."""
        self._uses_signal = threading.current_thread() is threading.main_thread()
        if self._uses_signal:
            self._previous_handler = signal.signal(_SIGNAL, self._handle_signal)
        self._start_thread()

    def restart_after_fork(self) -> None:
        """Restart the watching thread in a forked child. The previous thread exists only in the parent."""
        self._stop_event = _real_event_class()
        self._start_thread()

    def stop(self) -> None:
        """Stop watching."""
        self._stop_event.set()
        if self._thread is not None:
            self._thread.join()  # a signal that arrives after this has no handler and ends the process
        if self._uses_signal:
            signal.signal(_SIGNAL, self._previous_handler or signal.SIG_DFL)

    def _start_thread(self) -> None:
        self._thread = _real_thread_class(target=self._watch_turns, name="twin-watchdog", daemon=True)
        _real_thread_start(self._thread)

    def _watch_turns(self) -> None:
        last_turn_count, since = -1, _real_monotonic()
        while not self._stop_event.wait(min(1.0, self._seconds / 4)):
            turn_count, now = self._scheduler.turn_count, _real_monotonic()
            if turn_count != last_turn_count or self._scheduler.running_task is self._scheduler.main_task:
                last_turn_count, since = turn_count, now
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

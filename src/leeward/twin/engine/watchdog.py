"""A real-time watchdog: on virtual time a handler that never waits would hang the run for ever."""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from typing import Any

from leeward.twin.engine.baton import Baton
from leeward.twin.errors import Interrupted

_real_monotonic, _RealThread, _RealEvent = time.monotonic, threading.Thread, threading.Event
_real_start = threading.Thread.start
# Nothing else in Leeward or in what it builds on uses it.
_SIGNAL = signal.SIGUSR2


class Watchdog:
    """Watches that the baton moves. A task that keeps it longer than `seconds` is interrupted: on the main thread by a
    signal, which ends a blocking call too; on any other by an exception, which reaches Python code alone. The main task
    may compute as long as it likes."""

    def __init__(self, baton: Baton, seconds: float) -> None:
        self._baton, self._seconds = baton, seconds
        self._over = _RealEvent()
        self._by_signal = False
        self._thread: threading.Thread | None = None
        self._before: Any = None

    def start(self) -> None:
        """Begin to watch."""
        self._by_signal = threading.current_thread() is threading.main_thread()
        if self._by_signal:
            self._before = signal.signal(_SIGNAL, self._interrupt)
        self._watch_from_now()

    def start_again(self) -> None:
        """After a fork: the thread that watched is the parent's."""
        self._over = _RealEvent()
        self._watch_from_now()

    def stop(self) -> None:
        """Watch no more."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()  # a signal that came after this would find nobody, and end the process
        if self._by_signal:
            signal.signal(_SIGNAL, self._before or signal.SIG_DFL)

    def _watch_from_now(self) -> None:
        self._thread = _RealThread(target=self._watch, name="twin-watchdog", daemon=True)
        _real_start(self._thread)

    def _watch(self) -> None:
        seen, since = -1, _real_monotonic()
        while not self._over.wait(min(1.0, self._seconds / 4)):
            pulse, now = self._baton.pulse, _real_monotonic()
            if pulse != seen or self._baton.holder is self._baton.main:
                seen, since = pulse, now
            elif now - since >= self._seconds:
                self._strike()
                since = now

    def _strike(self) -> None:
        thread = self._baton.thread
        if self._by_signal:
            signal.pthread_kill(thread, _SIGNAL)
        else:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(Interrupted))

    def _interrupt(self, *_: object) -> None:
        if self._baton.holder is not self._baton.main:
            raise Interrupted

"""A real-time watchdog: on virtual time a handler that never waits would hang the run for ever."""

from __future__ import annotations

import ctypes
import threading
import time

from twin.engine.baton import Baton
from twin.errors import HandlerStuck, Interrupted

_real_monotonic, _RealThread, _RealEvent = time.monotonic, threading.Thread, threading.Event
_real_start = threading.Thread.start


class Watchdog:
    """Watches that the baton moves. A task that keeps it longer than `seconds` is interrupted; one that does not
    react to that either (it hangs in C code) is left behind and the run is given up. The main task may compute as
    long as it likes."""

    def __init__(self, baton: Baton, seconds: float) -> None:
        self._baton, self._seconds = baton, seconds
        self._over = _RealEvent()

    def start(self) -> None:
        """Begin to watch."""
        _real_start(_RealThread(target=self._watch, name="twin-watchdog", daemon=True))

    def start_again(self) -> None:
        """After a fork: the thread that watched is the parent's."""
        self._over = _RealEvent()
        self.start()

    def stop(self) -> None:
        """Watch no more."""
        self._over.set()

    def _watch(self) -> None:
        seen, since, interrupted = -1, _real_monotonic(), False
        while not self._over.wait(min(1.0, self._seconds / 4)):
            pulse, holder, now = self._baton.pulse, self._baton.holder, _real_monotonic()
            if pulse != seen or holder is self._baton.main:
                seen, since, interrupted = pulse, now, False
            elif now - since >= self._seconds and not interrupted:
                if holder.ident is not None:
                    _raise_in(holder.ident)
                since, interrupted = now, True
            elif now - since >= self._seconds:
                what = holder.caller or holder.name
                self._baton.give_up(HandlerStuck(f"{what} hangs in code that cannot be interrupted; the run is lost"))
                return


def _raise_in(ident: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(Interrupted))

"""Keeps the garbage collector away from the objects that forked children share with their parent."""

from __future__ import annotations

import gc
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def frozen_objects() -> Iterator[None]:
    """Freeze all objects in the block. A collection in a child would otherwise touch, and so copy, every shared page.

    Ctrl-C takes effect after the collection at the start. Python ignores an exception in a destructor, and would so
    ignore a KeyboardInterrupt.
    """
    with _delayed_interruption():
        gc.collect()
        gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


@contextmanager
def _delayed_interruption() -> Iterator[None]:
    """Let Ctrl-C take effect after the block. Blocking the signal isn't enough: another thread could receive it."""
    if threading.current_thread() is not threading.main_thread():  # Python interrupts only the main thread
        yield
        return
    received: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: received.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if received:
        signal.raise_signal(signal.SIGINT)

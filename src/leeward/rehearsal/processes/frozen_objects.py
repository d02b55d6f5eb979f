"""Keeps the garbage collector away from the objects that forked children share with their parent."""

from __future__ import annotations

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def frozen_objects() -> Iterator[None]:
    """Freeze all objects in the block. A collection in a child would otherwise touch, and so copy, every shared page.

    Ctrl-C takes effect after the collection at the start. Python ignores an exception in a destructor, and would so
    ignore a KeyboardInterrupt.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        gc.collect()
        gc.freeze()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    try:
        yield
    finally:
        gc.unfreeze()

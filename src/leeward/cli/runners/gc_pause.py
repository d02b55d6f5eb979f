"""Pause Python's garbage collector while the twin is imported and a rehearsal runs.

Both create millions of long-lived objects, which the collector would scan again and again.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pause_garbage_collection() -> Iterator[None]:
    """Pause garbage collection in the block, which saves about a tenth of a rehearsal's time.

    Freezes the new objects at the end, so that the next collection doesn't scan all of them.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.freeze()
            gc.enable()

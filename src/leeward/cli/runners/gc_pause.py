"""When not to look for garbage: importing the twin and running one rehearsal make millions of objects that stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def pause_garbage_collection() -> Iterator[None]:
    """Collect nothing meanwhile: it would cost a tenth of a rehearsal's time.

    What was made is frozen, or the first collection afterwards would look through all of it.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()
            gc.enable()

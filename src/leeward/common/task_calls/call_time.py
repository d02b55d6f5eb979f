"""The time of one call of a task, for work that grows with the number of servers.

A call takes less than 30 s, so such work is done in slices. The next call continues where this one stopped, because it
looks at AWS, or at its memo, to see what is left.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# No further server begins later. A slow call to AWS takes about 10 s more.
_SLICE_SECONDS = 15.0
_began: ContextVar[float | None] = ContextVar("call_began", default=None)


@contextmanager
def measure_call() -> Iterator[None]:
    """Measure the time of a call within this context."""
    token = _began.set(time.monotonic())
    try:
        yield
    finally:
        _began.reset(token)


def call_seconds() -> float:
    """Return how long the call has taken, or 0 outside of one."""
    began = _began.get()
    return 0.0 if began is None else time.monotonic() - began


def is_slice_over() -> bool:
    """Return whether the rest of the work is left to the next call."""
    return call_seconds() > _SLICE_SECONDS

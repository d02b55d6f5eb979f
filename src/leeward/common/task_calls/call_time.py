"""The time of one call of a task, for work that grows with the number of servers.

A call takes less than 30 s, so such work is done in slices. The next call follows at once, and continues where this one
stopped, because it looks at AWS, or at its memo, to see what is left.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

# No further server begins later. A slow call to AWS takes about 10 s more.
_SLICE_SECONDS = 15.0


@dataclass(slots=True)
class _Call:
    began: float
    left_work: bool = False


_call: ContextVar[_Call | None] = ContextVar("call", default=None)


@contextmanager
def measure_call() -> Iterator[None]:
    """Measure the time of a call within this context."""
    token = _call.set(_Call(time.monotonic()))
    try:
        yield
    finally:
        _call.reset(token)


def call_seconds() -> float:
    """Return how long the call has taken, or 0 outside of one."""
    call = _call.get()
    return 0.0 if call is None else time.monotonic() - call.began


def is_slice_used() -> bool:
    """Return whether the time of the call's slice is up."""
    return call_seconds() > _SLICE_SECONDS


def leave_rest() -> bool:
    """Return whether to leave the rest of the work to the next call, which then follows at once."""
    call = _call.get()
    if call is None or not is_slice_used():
        return False
    call.left_work = True
    return True


def has_left_work() -> bool:
    """Return whether the call has left work to the next one."""
    call = _call.get()
    return call is not None and call.left_work

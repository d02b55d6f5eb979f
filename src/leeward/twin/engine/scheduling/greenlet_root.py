"""Where a task's stack begins."""

from __future__ import annotations

from greenlet import getcurrent, greenlet


def make_greenlet_root() -> greenlet:
    """A stack that does nothing but begin others: switch to it with a new one.

    A greenlet counts its depth from where it was first switched to. Begun by whichever task happens to wait, each would
    stand upon the last, and after some twenty of them Python's limit of recursion would be reached.
    """
    begins = greenlet(_start_greenlets)
    begins.switch()
    return begins


def _start_greenlets() -> None:
    back = getcurrent().parent
    fresh = back.switch() if back is not None else None
    while fresh is not None:
        fresh = fresh.switch()

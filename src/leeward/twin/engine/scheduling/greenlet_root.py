"""Starts the greenlets of tasks from a shallow stack."""

from __future__ import annotations

from greenlet import getcurrent, greenlet


def make_greenlet_root() -> greenlet:
    """Return a greenlet that only starts other greenlets. Switch to it with a new greenlet.

    A greenlet's recursion depth counts from the greenlet that first switches to it. If waiting tasks started each
    other, the depths would add up, and about twenty tasks would reach Python's recursion limit.
    """
    root = greenlet(_start_greenlets)
    root.switch()
    return root


def _start_greenlets() -> None:
    parent = getcurrent().parent
    new_greenlet = parent.switch() if parent is not None else None
    while new_greenlet is not None:
        new_greenlet = new_greenlet.switch()

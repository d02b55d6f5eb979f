"""Keeps a test from passing because it had nothing to check."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


def nonempty(items: Iterable[T]) -> list[T]:
    """Return the items as a list. Raises AssertionError when there are none.

    Use it wherever a test asserts something of each item of computed data. `tools/checks/empty_loops.py` requires it.
    """
    found = list(items)
    assert found, "there is nothing to check"
    return found

"""Which of many blocks of lines to show when a terminal is lower than the list is long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Window:
    """What fits: blocks [first, last), each with its details or without."""

    first: int
    last: int
    details: bool


def fit(full: Sequence[int], brief: Sequence[int], active: int, room: int) -> Window:
    """Choose a window around block `active` that takes at most `room` lines.

    `full` and `brief` are each block's lines with and without details; the active block always keeps its details.
    Two lines are held back for saying what is hidden above and below. The active block is shown even if it alone is
    too high.
    """
    n = len(full)
    if sum(full) <= room:
        return Window(0, n, details=True)
    heights = [full[i] if i == active else brief[i] for i in range(n)]
    if sum(heights) <= room:
        return Window(0, n, details=False)
    first, last, left = active, active + 1, room - 2 - heights[active]
    # What comes before is mostly done: two blocks of what comes next for each of what went before.
    turn = 0
    while left > 0:
        down = last < n and heights[last] <= left
        up = first > 0 and heights[first - 1] <= left
        if not down and not up:
            break
        if down and (turn % 3 or not up):
            left -= heights[last]
            last += 1
        else:
            first -= 1
            left -= heights[first]
        turn += 1
    return Window(first, last, details=False)

"""Which of many blocks of lines to show when a terminal is lower than the list is long."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VisibleWindow:
    """What fits: blocks [first, last), each with its details or without."""

    first: int
    last: int
    details: bool


def choose_visible_window(
    full_heights: Sequence[int], brief_heights: Sequence[int], active: int, room: int
) -> VisibleWindow:
    """Choose a window around block `active` that takes at most `room` lines.

    `full` and `brief` are each block's lines with and without details; the active block always keeps its details.
    Two lines are held back for saying what is hidden above and below. The active block is shown even if it alone is
    too high.
    """
    n = len(full_heights)
    if sum(full_heights) <= room:
        return VisibleWindow(0, n, details=True)
    heights = [full_heights[i] if i == active else brief_heights[i] for i in range(n)]
    if sum(heights) <= room:
        return VisibleWindow(0, n, details=False)
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
    return VisibleWindow(first, last, details=False)

"""Choose which blocks of lines to show when a list is longer than the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VisibleWindow:
    """The visible blocks: from `first` up to, but not including, `last`, with or without their details."""

    first: int
    last: int
    details: bool


def choose_visible_window(
    full_heights: Sequence[int], brief_heights: Sequence[int], active: int, room: int
) -> VisibleWindow:
    """Choose a window around the block `active` that takes at most `room` lines.

    `full_heights` and `brief_heights` are the lines of each block with and without details. The active block always
    keeps its details, and is visible even if it alone is too high. Two lines are reserved for the counts of blocks
    hidden above and below.
    """
    n = len(full_heights)
    if sum(full_heights) <= room:
        return VisibleWindow(0, n, details=True)
    heights = [full_heights[i] if i == active else brief_heights[i] for i in range(n)]
    if sum(heights) <= room:
        return VisibleWindow(0, n, details=False)
    first, last, left = active, active + 1, room - 2 - heights[active]
    # Earlier steps are mostly done, so show two later blocks for each earlier block.
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

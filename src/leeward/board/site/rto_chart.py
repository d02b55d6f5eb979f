"""RTO over time against the objective, as a small drawing: a dot per run, a line for what was promised.

Drawn by the template's own SVG: the board is also made where no plotting library is installed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leeward.board.model import BoardRun

WIDTH, HEIGHT, MARGIN = 640, 150, 14


@dataclass(frozen=True, slots=True)
class RtoPoint:
    """One run in the drawing, in its units."""

    x: float
    y: float
    run: BoardRun
    met: bool


@dataclass(frozen=True, slots=True)
class RtoTrend:
    """The dots from left to right, and the height of the objective's line."""

    points: tuple[RtoPoint, ...]
    objective_y: float
    path: str


def build_rto_trend(runs: Sequence[BoardRun], objective_seconds: int) -> RtoTrend:
    """`runs` oldest first, each with an RTO. The scale holds the objective and the slowest run, from 0 up."""
    timed = [(run, run.rto_seconds) for run in runs if run.rto_seconds is not None]
    highest = max([objective_seconds, *(seconds for _, seconds in timed)]) * 1.1
    inner = HEIGHT - 2 * MARGIN

    def height(seconds: float) -> float:
        return round(HEIGHT - MARGIN - inner * seconds / highest, 1)

    step = (WIDTH - 2 * MARGIN) / max(1, len(timed) - 1)
    dots = tuple(
        RtoPoint(
            round(MARGIN + step * number if len(timed) > 1 else WIDTH / 2, 1), height(s), run, s <= objective_seconds
        )
        for number, (run, s) in enumerate(timed)
    )
    path = " ".join(f"{'M' if not number else 'L'}{dot.x} {dot.y}" for number, dot in enumerate(dots))
    return RtoTrend(dots, height(objective_seconds), path)

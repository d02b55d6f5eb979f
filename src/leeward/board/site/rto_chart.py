"""Coordinates of the RTO chart: a point for each run, and a line for the objective.

The template draws the SVG itself, because the function that publishes the board has no plotting library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leeward.board.model import BoardRun

WIDTH, HEIGHT, MARGIN = 640, 150, 14


@dataclass(frozen=True, slots=True)
class RtoPoint:
    """The point of one run, in SVG units. `met` is true if the run met the objective."""

    x: float
    y: float
    run: BoardRun
    met: bool


@dataclass(frozen=True, slots=True)
class RtoTrend:
    """The points from left to right, the line that connects them, and the objective's y coordinate."""

    points: tuple[RtoPoint, ...]
    objective_y: float
    path: str


def build_rto_trend(runs: Sequence[BoardRun], objective_seconds: int) -> RtoTrend:
    """Return the chart of `runs`, which must be sorted oldest first. Runs without an RTO are left out.

    The scale starts at 0 and includes the objective and the slowest run.
    """
    timed = [(run, run.rto_seconds) for run in runs if run.rto_seconds is not None]
    highest = max([objective_seconds, *(seconds for _, seconds in timed)]) * 1.1
    plot_height = HEIGHT - 2 * MARGIN

    def height(seconds: float) -> float:
        return round(HEIGHT - MARGIN - plot_height * seconds / highest, 1)

    spacing = (WIDTH - 2 * MARGIN) / max(1, len(timed) - 1)
    points = tuple(
        RtoPoint(
            round(MARGIN + spacing * number if len(timed) > 1 else WIDTH / 2, 1),
            height(seconds),
            run,
            seconds <= objective_seconds,
        )
        for number, (run, seconds) in enumerate(timed)
    )
    path = " ".join(f"{'M' if not number else 'L'}{point.x} {point.y}" for number, point in enumerate(points))
    return RtoTrend(points, height(objective_seconds), path)

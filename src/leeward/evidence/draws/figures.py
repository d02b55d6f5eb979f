"""Figures of one draw, and their distribution over all draws.

A percentile is the nearest rank: the smallest measured value that at least p percent of the draws don't exceed. It is
always a value that a draw measured. It is never interpolated between two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict


class DrawsModel(BaseModel):
    """Base of the models of draws."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class FigureName(StrEnum):
    """What each draw measures."""

    RTO = "RTO"
    RPO = "RPO"
    DOWNTIME = "downtime"
    LOST_WRITES = "lost writes"


class FigureStatus(StrEnum):
    """Whether a figure has a value, and if not, why."""

    MEASURED = "measured"
    NEVER_REACHED = "not reached"
    """What the figure measures did not happen, such as clients that were never served again. Worse than any value."""
    NOT_MEASURED = "not measured"
    """There was nothing to measure, which says nothing about the figure."""


def is_duration(name: FigureName) -> bool:
    """Return whether a figure is in seconds. Otherwise, it is a count."""
    return name is not FigureName.LOST_WRITES


class Figure(DrawsModel):
    """A measured number of seconds or of writes, or why there is none."""

    status: FigureStatus
    value: float | None = None
    reason: str = ""

    @classmethod
    def measured(cls, value: float) -> Self:
        """Return a figure with a value."""
        return cls(status=FigureStatus.MEASURED, value=value)

    @classmethod
    def never_reached(cls, reason: str = "") -> Self:
        """Return a figure that is worse than every value."""
        return cls(status=FigureStatus.NEVER_REACHED, reason=reason)

    @classmethod
    def not_measured(cls, reason: str = "") -> Self:
        """Return a figure that says nothing."""
        return cls(status=FigureStatus.NOT_MEASURED, reason=reason)

    @property
    def rank_value(self) -> float:
        """Return the value to compare by. It is infinite if the figure was never reached.

        Raises ValueError for a figure that was not measured.
        """
        if self.status is FigureStatus.NEVER_REACHED:
            return math.inf
        if self.value is None:
            raise ValueError("a figure that was not measured has no rank")
        return self.value


class Distribution(DrawsModel):
    """The distribution of one figure over all draws.

    The percentiles and the maximum are those of the draws that measured the figure or never reached it. `figures` has
    the figure of each draw, in the order of the seeds.
    """

    p50: Figure
    p95: Figure
    max: Figure
    figures: list[Figure]

    @classmethod
    def from_figures(cls, figures: Sequence[Figure]) -> Self:
        """Return the distribution of `figures`."""
        p50, p95, largest = (nearest_rank(figures, percent) for percent in (50, 95, 100))
        return cls(p50=p50, p95=p95, max=largest, figures=list(figures))

    @property
    def values(self) -> list[float]:
        """Return the measured values."""
        return [figure.value for figure in self.figures if figure.value is not None]

    def count(self, status: FigureStatus) -> int:
        """Return how many draws have a figure with this status."""
        return sum(figure.status is status for figure in self.figures)


def nearest_rank(figures: Sequence[Figure], percent: int) -> Figure:
    """Return the nearest-rank percentile: of n ranked figures in ascending order, the one at rank ceil(percent/100 n).

    Figures that were not measured have no rank. If there are only such figures, the percentile isn't measured either.
    """
    ranked = sorted(
        (figure for figure in figures if figure.status is not FigureStatus.NOT_MEASURED),
        key=lambda figure: figure.rank_value,
    )
    return ranked[required_count(len(ranked), percent) - 1] if ranked else Figure.not_measured("no draw measured it")


def required_count(count: int, percent: int) -> int:
    """Return the rank of a percentile: the smallest number of draws that is at least `percent` of `count`."""
    return max(1, -(-count * percent // 100))

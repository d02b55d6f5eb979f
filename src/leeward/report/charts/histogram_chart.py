"""Draw a histogram of one figure over all draws, with its p95 and its objective."""

from __future__ import annotations

from matplotlib.ticker import MaxNLocator

from leeward.evidence.draws.figures import Distribution, FigureName, is_duration
from leeward.report.drawing.colours import Colour
from leeward.report.drawing.svg_figures import create_figure, render_svg
from leeward.report.drawing.value_format import format_duration, format_number

_MAX_BINS = 24
_SECONDS_PER_MINUTE = 60
# Figures above this many seconds are shown in minutes.
_MINUTES_FROM = 300


def draw_histogram(
    name: FigureName, distribution: Distribution, objective_seconds: int | None, *, narrow: bool, id_prefix: str
) -> str:
    """Return the histogram as SVG, or an empty string if no draw measured the figure.

    The objective is drawn only if it is near the values. A far line would squeeze all columns into one.
    """
    values = distribution.values
    if not values:
        return ""
    unit, divisor = _choose_unit(name, values)
    scaled = [value / divisor for value in values]
    low, high = min(scaled), max(scaled)
    with create_figure(4.4, 2.2) if narrow else create_figure(9.6, 2.2) as (figure, axes):
        spread = (high - low) or 1
        edges = (low, high) if high > low else (low - 0.5, high + 0.5)
        axes.hist(scaled, bins=min(_MAX_BINS, len(values)), range=edges, color=Colour.TARGET.value, rwidth=0.9)
        axes.set_ylabel("draws")
        axes.set_xlabel(unit)
        axes.yaxis.set_major_locator(MaxNLocator(integer=True))
        if distribution.p95.value is not None:
            axes.axvline(distribution.p95.value / divisor, color=Colour.INK.value, linestyle="--", linewidth=1)
        if objective_seconds is not None and objective_seconds / divisor <= high + spread:
            axes.axvline(objective_seconds / divisor, color=Colour.FAILED.value, linewidth=1.4)
        return render_svg(figure, _describe_chart(name, distribution), id_prefix)


def _choose_unit(name: FigureName, values: list[float]) -> tuple[str, int]:
    if not is_duration(name):
        return name.value, 1
    if max(values) > _MINUTES_FROM:
        return f"{name.value} in minutes", _SECONDS_PER_MINUTE
    return f"{name.value} in seconds", 1


def _describe_chart(name: FigureName, distribution: Distribution) -> str:
    values = distribution.values
    low, high = (format_figure(name, value) for value in (min(values), max(values)))
    return f"Histogram of {name.value}: {len(values)} draws from {low} to {high}"


def format_figure(name: FigureName, value: float) -> str:
    """Return a value of the figure with its unit."""
    return format_duration(value) if is_duration(name) else format_number(value)

"""Draw the traffic: requests per second by the Region that served them, and failed requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from leeward.evidence.model import Evidence, TimelineMark
from leeward.report.drawing.colours import Colour
from leeward.report.drawing.svg_figures import create_figure, render_svg
from leeward.report.drawing.value_format import format_since_incident

_MARKED_KINDS = ("incident", "start", "shift", "served", "end")
_MARK_LABELS = {
    "incident": "incident", "start": "started", "stop": "failed", "resume": "resumed", "shift": "shift",
    "served": "all served", "end": "ended",
}  # fmt: skip


def draw_traffic(evidence: Evidence, *, narrow: bool, id_prefix: str) -> str:
    """Return the chart as SVG, or an empty string if the run has no traffic data."""
    traffic = evidence.traffic
    if traffic is None or not traffic.points:
        return ""
    zero = evidence.incident_at or evidence.started_at
    minutes = [(point.at - zero).total_seconds() / 60 for point in traffic.points]
    rate = traffic.every_seconds
    layers = {
        evidence.origin: ([p.served.get(evidence.origin, 0) / rate for p in traffic.points], Colour.ORIGIN),
        evidence.target: ([p.served.get(evidence.target, 0) / rate for p in traffic.points], Colour.TARGET),
        "failed": ([p.failed / rate for p in traffic.points], Colour.FAILED),
    }
    with create_figure(4.4, 2.9) if narrow else create_figure(9.6, 2.9) as (figure, axes):
        bottom = [0.0] * len(minutes)
        for values, colour in layers.values():
            top = [b + v for b, v in zip(bottom, values, strict=True)]
            axes.fill_between(minutes, bottom, top, step="post", color=colour.value, linewidth=0, rasterized=False)
            bottom = top
        max_rate = max(bottom)
        axes.set_ylim(0, max_rate * 1.28 or 1)
        axes.set_xlim(minutes[0], minutes[-1])
        axes.set_ylabel("requests per second")
        axes.set_xlabel(f"minutes after the {'incident' if evidence.incident_at else 'start'}")
        _draw_marks(axes, evidence.marks, zero, max_rate, (minutes[0], minutes[-1]), narrow=narrow)
        return render_svg(figure, _describe_chart(evidence), id_prefix)


def _draw_marks(  # type: ignore[no-untyped-def]  # matplotlib's own axes
    axes,
    marks: Sequence[TimelineMark],
    zero: datetime,
    max_rate: float,
    time_range: tuple[float, float],
    *,
    narrow: bool,
) -> None:
    label_width = (time_range[1] - time_range[0]) * (0.16 if narrow else 0.075)
    row_ends = [time_range[0] - label_width] * 3  # the x coordinate up to which each row of labels is occupied
    for mark in marks:
        at = (mark.at - zero).total_seconds() / 60
        if not time_range[0] <= at <= time_range[1] + 0.01:
            continue
        axes.axvline(at, color=Colour.INK.value, linewidth=0.8, linestyle=(0, (3, 2)))
        row = next((r for r, end in enumerate(row_ends) if at >= end), 0)
        row_ends[row] = at + label_width
        flip_left = at + label_width > time_range[1]
        axes.annotate(
            _MARK_LABELS[mark.kind], (at, max_rate * (1.21 - 0.085 * row)),
            (-4 if flip_left else 4, 0), textcoords="offset points",
            fontsize=8, ha="right" if flip_left else "left", va="center", color=Colour.INK.value,
        )  # fmt: skip


def _describe_chart(evidence: Evidence) -> str:
    traffic = evidence.traffic
    assert traffic is not None
    times = ", ".join(f"{mark.text} at {format_since_incident(mark.at, evidence)}" for mark in evidence.marks)
    return f"Requests over time: {traffic.failed} of {traffic.requests} failed; {times}"

"""Draw the timeline: steps and their parts over time, with the critical path highlighted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from leeward.evidence.model import Evidence, EvidencePart, EvidenceStep, EvidenceStepStatus
from leeward.kinds.descriptors.effects import Effect
from leeward.kinds.registry import has_effect
from leeward.report.drawing.colours import Colour
from leeward.report.drawing.svg_figures import create_figure, render_svg, truncate_middle, truncate_text
from leeward.report.drawing.value_format import format_duration

_STATUS_COLOURS = {
    EvidenceStepStatus.DONE: Colour.DONE,
    EvidenceStepStatus.FAILED: Colour.FAILED,
    EvidenceStepStatus.PASSED_OVER: Colour.PASSED_OVER,
    EvidenceStepStatus.UNDONE: Colour.PASSED_OVER,
    EvidenceStepStatus.UNFINISHED: Colour.ASKING,
}
# In a wave with more parts than this, the slowest and the failed parts have bars. The others share one bar.
_MAX_PARTS_DRAWN = 8


@dataclass(frozen=True, slots=True)
class TimelineBar:
    """One row of the chart. `inner` marks a part of a step."""

    text: str
    begin: datetime
    end: datetime
    colour: Colour
    critical: bool
    inner: bool


def draw_timeline(evidence: Evidence, *, narrow: bool, id_prefix: str) -> str:
    """Return the chart as SVG, or an empty string if the run has no timed steps."""
    bars = list(build_bars(evidence))
    if not bars:
        return ""
    zero = evidence.incident_at or evidence.started_at
    end = max(bar.end for bar in bars)
    height = 0.7 + 0.245 * len(bars)
    with create_figure(4.4, height) if narrow else create_figure(9.6, height) as (figure, axes):
        for row, bar in enumerate(bars):
            left = (bar.begin - zero).total_seconds() / 60
            width = max((bar.end - bar.begin).total_seconds() / 60, 0)
            axes.barh(row, width, left=left, height=0.42 if bar.inner else 0.62, color=bar.colour.value)
            if width == 0 or width * 60 < (end - zero).total_seconds() / 300:
                axes.plot([left], [row], marker="D", markersize=3.4, color=bar.colour.value, linewidth=0)
            if bar.critical:
                axes.barh(
                    row, width, left=left, height=0.62 if bar.inner else 0.74, fill=False,
                    edgecolor=Colour.CRITICAL.value, linewidth=1.6,
                )  # fmt: skip
            axes.annotate(
                format_duration((bar.end - bar.begin).total_seconds()), (left + width, row),
                (5, 0), textcoords="offset points",
                fontsize=7.5, va="center", color=Colour.QUIET.value,
            )  # fmt: skip
        longest = 24 if narrow else 46
        axes.set_yticks(range(len(bars)), [truncate_middle(bar.text, longest) for bar in bars])
        for label, bar in zip(axes.get_yticklabels(), bars, strict=True):
            label.set_color(Colour.QUIET.value if bar.inner else Colour.INK.value)
            label.set_fontsize(8 if bar.inner or narrow else 9)
        axes.tick_params(axis="y", length=0)
        axes.set_ylim(len(bars) - 0.4, -0.7)
        first = min(0.0, min((bar.begin - zero).total_seconds() for bar in bars) / 60)
        axes.set_xlim(first, (end - zero).total_seconds() / 60 * 1.1 + 0.02)
        axes.set_xlabel(f"minutes after the {'incident' if evidence.incident_at else 'start'}")
        axes.grid(axis="x", color=Colour.LINE.value, linewidth=0.5)
        axes.set_axisbelow(True)
        for mark in evidence.marks:
            if mark.kind in ("shift", "served"):
                at = (mark.at - zero).total_seconds() / 60
                axes.axvline(at, color=Colour.INK.value, linewidth=0.8, linestyle=(0, (3, 2)))
        critical_path = ", ".join(
            f"{bar.text} {format_duration((bar.end - bar.begin).total_seconds())}" for bar in bars if bar.critical
        )
        return render_svg(figure, truncate_text(f"Steps over time. The critical path: {critical_path}", 600), id_prefix)


def build_bars(evidence: Evidence) -> Iterator[TimelineBar]:
    """Yield the rows from top to bottom."""
    if evidence.incident_at and evidence.incident_at < evidence.started_at:
        yield TimelineBar("before the start", evidence.incident_at, evidence.started_at, Colour.ASKING, True, False)
    critical_texts = {span.text for span in evidence.went}
    for step in evidence.steps:
        end = step.ended_at or (evidence.ended_at if step.started_at else None)
        if step.started_at is None or end is None:
            continue
        critical = not step.parts and any(text.startswith(step.name) for text in critical_texts)
        colour = (
            Colour.ASKING
            if has_effect(step.kind, Effect.ASKS_APPROVAL)
            else _STATUS_COLOURS.get(step.status, Colour.QUIET)
        )
        yield TimelineBar(step.name, step.started_at, max(end, step.started_at), colour, critical, False)
        yield from _build_part_bars(step, end)
        for interruption in evidence.stood:
            if step.started_at <= interruption.started_at < end:
                yield TimelineBar(
                    interruption.text, interruption.started_at, interruption.ended_at, Colour.ASKING, True, True
                )


def _build_part_bars(step: EvidenceStep, step_end: datetime) -> Iterator[TimelineBar]:
    for wave in sorted({part.wave for part in step.parts}):
        parts = [part for part in step.parts if part.wave == wave and part.started_at]
        notable = parts
        if len(parts) > _MAX_PARTS_DRAWN:
            slowest = sorted(parts, key=lambda p: p.ended_at or step_end, reverse=True)[: _MAX_PARTS_DRAWN // 2]
            failed = [p for p in parts if p.status is not EvidenceStepStatus.DONE][: _MAX_PARTS_DRAWN // 2]
            notable = [p for p in parts if p in slowest or p in failed]
            rest = [p for p in parts if p not in notable]
            begin = min(p.started_at for p in rest if p.started_at)
            end = max(p.ended_at or step_end for p in rest)
            yield TimelineBar(f"wave {wave}: {len(rest)} more groups", begin, end, Colour.DONE, False, True)
        yield from (_build_part_bar(part, step_end) for part in notable)


def _build_part_bar(part: EvidencePart, step_end: datetime) -> TimelineBar:
    assert part.started_at is not None
    colour = _STATUS_COLOURS.get(part.status, Colour.QUIET)
    return TimelineBar(part.name, part.started_at, part.ended_at or step_end, colour, part.critical, True)

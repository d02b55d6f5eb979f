"""Build the table of steps that is shown after a rehearsal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from leeward.cli.rendering.glyphs import STATUS_STYLES, Glyphs
from leeward.cli.rendering.text_format import (
    fit_to_width,
    format_clock,
    format_duration,
    strip_name_prefix,
    to_one_line,
)
from leeward.rehearsal.results.result_models import RehearsalResult, RunStepStatus, StepPartReport, StepReport

_DETAIL_MIN_WIDTH = 110  # at this width and above, details are beside the timeline


def build_steps_table(rehearsal: RehearsalResult, *, width: int, glyphs: Glyphs) -> Group:
    """Return a table with a row per step and group: start, duration, and timeline.

    On a wide terminal, rows also have the detail.
    """
    wide = width >= _DETAIL_MIN_WIDTH
    lane_width = 24 if wide else 16
    items = [item for step in rehearsal.steps for item in _list_with_parts(step)]
    rows = [_build_row(rehearsal, item, lane_width, glyphs) for item in items]
    name_width = max((row[1].cell_len for row in rows), default=0)
    took_width = max((row[3].cell_len for row in rows), default=0)
    # Set every width, because Rich would shrink the other columns for a long detail.
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    table.add_column("", width=1)
    left = width - 1 - 8 - max(4, took_width) - lane_width - 2 * 5
    table.add_column("step", overflow="fold", width=max(10, min(name_width, 48 if wide else left)))
    table.add_column("start", width=8)
    table.add_column("took", justify="right", width=max(4, took_width))
    table.add_column("timeline", width=lane_width)
    if wide:
        room = max(20, left - min(name_width, 48) - 2)
        table.add_column("result", width=room)
        rows = [[*row, _format_detail(item, room)] for row, item in zip(rows, items, strict=True)]
    for row in rows:
        table.add_row(*row)
    title = Text().append(
        f"{to_one_line(rehearsal.application)} {glyphs.dot} {to_one_line(rehearsal.runbook)}", style="name"
    )
    title.append(f"   scenario {to_one_line(rehearsal.scenario)}, seed {rehearsal.seed}", style="quiet")
    incident = f"incident {format_clock(rehearsal.incident_at)} UTC" if rehearsal.incident_at else "no incident"
    title.append(f"   {incident}", style="quiet")
    return Group(title, Text(), table)


def _list_with_parts(step: StepReport) -> list[StepReport | StepPartReport]:
    return [step, *step.parts]


def _build_row(
    rehearsal: RehearsalResult, item: StepReport | StepPartReport, lane_width: int, glyphs: Glyphs
) -> list[Text]:
    sign, style = glyphs.get_status_glyph(item.status)
    text_style = style if item.status not in (RunStepStatus.DONE, RunStepStatus.RUNNING) else ""
    if isinstance(item, StepPartReport):
        mark = Text()
        name = Text("  ").append(f"{sign} ", style=style).append(to_one_line(item.name), style=text_style)
    else:
        mark = Text(sign, style=style)
        name = Text().append(to_one_line(item.name), style=text_style)
        if item.attempts > 1:
            name.append(f" ({item.attempts} attempts)", style="warning")
    took = Text(format_duration(item.started_at, item.ended_at))
    return [
        mark,
        name,
        Text(format_clock(item.started_at), style="quiet"),
        took,
        _draw_lane(rehearsal, item, lane_width, glyphs),
    ]


def _format_detail(item: StepReport | StepPartReport, width: int) -> Text:
    """Return the detail on one line. The verdict shows the full reasons of a failure."""
    detail = strip_name_prefix(item.detail, item.name)
    if item.status in (RunStepStatus.DONE, RunStepStatus.RUNNING, RunStepStatus.NOT_REACHED):
        return fit_to_width(detail, width, "quiet")
    return fit_to_width(f"{item.status}: {detail}" if detail else str(item.status), width, STATUS_STYLES[item.status])


def _draw_lane(rehearsal: RehearsalResult, item: StepReport | StepPartReport, width: int, glyphs: Glyphs) -> Text:
    """Return the step's bar on the run's timeline, or its status if the step never started."""
    style = STATUS_STYLES[item.status]
    total = (rehearsal.ended_at - rehearsal.started_at).total_seconds()
    if item.started_at is None or total <= 0:
        return Text(str(item.status), style=style)
    start = (item.started_at - rehearsal.started_at).total_seconds() / total
    end = ((item.ended_at or rehearsal.ended_at) - rehearsal.started_at).total_seconds() / total
    first = min(width - 1, max(0, int(start * width)))
    cells = min(width - first, max(1, round((end - start) * width)))
    return Text(" " * first).append(glyphs.bar * cells, style=style)

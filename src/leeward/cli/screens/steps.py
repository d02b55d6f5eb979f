"""The table of steps after the end: what happened when, and for how long."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table
from rich.text import Text

from leeward.cli.screens.glyphs import STYLES, Glyphs
from leeward.cli.screens.words import clock, fitted, one_line, said, span
from leeward.twin.report import PartReport, Rehearsal, StepReport, StepStatus

_DETAILS_FROM = 110  # from this width on there is room for words beside the timeline


def steps_table(rehearsal: Rehearsal, *, width: int, signs: Glyphs) -> Group:
    """One row per step, its groups beneath it, each on a timeline of the run; on a wide terminal with its detail."""
    wide = width >= _DETAILS_FROM
    lane = 24 if wide else 16
    items = [item for step in rehearsal.steps for item in _with_groups(step)]
    rows = [_row(rehearsal, item, lane, signs) for item in items]
    names = max((row[1].cell_len for row in rows), default=0)
    took = max((row[3].cell_len for row in rows), default=0)
    # Every width is set here: left to itself, a table gives a long detail the room of all the others.
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    table.add_column("", width=1)
    left = width - 1 - 8 - max(4, took) - lane - 2 * 5
    table.add_column("step", overflow="fold", width=max(10, min(names, 48 if wide else left)))
    table.add_column("start", width=8)
    table.add_column("took", justify="right", width=max(4, took))
    table.add_column("timeline", width=lane)
    if wide:
        room = max(20, left - min(names, 48) - 2)
        table.add_column("what came of it", width=room)
        rows = [[*row, _detail(item, room)] for row, item in zip(rows, items, strict=True)]
    for row in rows:
        table.add_row(*row)
    title = Text().append(f"{one_line(rehearsal.application)} {signs.dot} {one_line(rehearsal.runbook)}", style="name")
    title.append(f"   scenario {one_line(rehearsal.scenario)}, seed {rehearsal.seed}", style="quiet")
    title.append(f"   incident {clock(rehearsal.incident_at)} UTC", style="quiet")
    return Group(title, Text(), table)


def _with_groups(step: StepReport) -> list[StepReport | PartReport]:
    return [step, *step.parts]


def _row(rehearsal: Rehearsal, item: StepReport | PartReport, lane: int, signs: Glyphs) -> list[Text]:
    sign, style = signs.of(item.status)
    loud = style if item.status not in (StepStatus.DONE, StepStatus.RUNNING) else ""
    if isinstance(item, PartReport):
        mark = Text()
        name = Text("  ").append(f"{sign} ", style=style).append(one_line(item.name), style=loud)
    else:
        mark = Text(sign, style=style)
        name = Text().append(one_line(item.name), style=loud)
        if item.attempts > 1:
            name.append(f" ({item.attempts} attempts)", style="warning")
    took = Text(span(item.started_at, item.ended_at))
    return [mark, name, Text(clock(item.started_at), style="quiet"), took, _lane(rehearsal, item, lane, signs)]


def _detail(item: StepReport | PartReport, room: int) -> Text:
    """One line is enough: the reasons of a failure stand whole in the verdict."""
    detail = said(item.detail, item.name)
    if item.status in (StepStatus.DONE, StepStatus.RUNNING, StepStatus.NOT_REACHED):
        return fitted(detail, room, "quiet")
    return fitted(f"{item.status}: {detail}" if detail else str(item.status), room, STYLES[item.status])


def _lane(rehearsal: Rehearsal, item: StepReport | PartReport, width: int, signs: Glyphs) -> Text:
    """Where the step lies between the run's start and its end; in words when it has no place there."""
    style = STYLES[item.status]
    whole = (rehearsal.ended_at - rehearsal.started_at).total_seconds()
    if item.started_at is None or whole <= 0:
        return Text(str(item.status), style=style)
    start = (item.started_at - rehearsal.started_at).total_seconds() / whole
    end = ((item.ended_at or rehearsal.ended_at) - rehearsal.started_at).total_seconds() / whole
    first = min(width - 1, max(0, int(start * width)))
    cells = min(width - first, max(1, round((end - start) * width)))
    return Text(" " * first).append(signs.bar * cells, style=style)

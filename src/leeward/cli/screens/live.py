"""The live view: one frame per moment, exactly as wide and never higher than the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import Group
from rich.text import Text

from leeward.cli.screens.bars import objective_bar, objective_style, users_line
from leeward.cli.screens.fitting import fit
from leeward.cli.screens.glyphs import Glyphs
from leeward.cli.screens.rows import UNSETTLED, Rows, hidden, name_width
from leeward.cli.screens.words import clock, elapsed, one_line, wrapped
from leeward.common import durations
from leeward.twin.report import Moment, StepReport


def frame(moment: Moment, *, width: int, height: int, signs: Glyphs, served_at: datetime | None = None) -> Group:
    """Draw one moment. `served_at` is when the target began to serve every user, if it does: the RTO's clock stops."""
    head = _head(moment, width, signs, served_at)
    room = max(1, height - len(head) - 1)
    return Group(*head, *_list(moment, width, room, signs))


def _head(moment: Moment, width: int, signs: Glyphs, served_at: datetime | None) -> list[Text]:
    title = Text(no_wrap=True, overflow="ellipsis")
    title.append(f"{one_line(moment.application)} {signs.dot} {one_line(moment.runbook)}", style="name")
    title.append(f"   {moment.origin} {signs.arrow} {moment.target}   {one_line(moment.where)}", style="quiet")
    now = _labelled("clock").append(f"{clock(moment.at)} UTC", style="name").append(f"   {_incident(moment)}")
    users = _labelled("users").append_text(users_line(moment.users, moment.origin, moment.target, width - 9, signs))
    counted = [users] if moment.users else []  # of a run on AWS nobody counts them
    lines = [title, Text(), now, _rto(moment, width, signs, served_at), *counted, *_note(moment, width), Text()]
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines


def _note(moment: Moment, width: int) -> list[Text]:
    labels = ("note", "")
    return [
        _labelled(label).append_text(line)
        for label, line in zip(labels, wrapped(moment.note, width - 8, len(labels)), strict=False)
    ]


def _labelled(label: str) -> Text:
    return Text(no_wrap=True).append(f"{label:<7}", style="quiet")


def _incident(moment: Moment) -> str:
    gap = moment.at - moment.incident_at
    if gap < timedelta(0):
        return f"the incident is {durations.show(-gap)} away"
    started = "" if moment.started_at else ", no run started yet"
    return f"{elapsed(gap)} since the incident{started}"


def _rto(moment: Moment, width: int, signs: Glyphs, served_at: datetime | None) -> Text:
    gap = max(timedelta(0), (served_at or moment.at) - moment.incident_at)
    seconds = gap.total_seconds()
    words = f"{elapsed(gap)} of {durations.show(moment.rto_seconds)}"
    if served_at is not None:
        words += ", users served"
    elif seconds > moment.rto_seconds:
        words += ", missed"
    bar = min(48, max(10, width - 7 - 2 - 32))
    line = _labelled("RTO").append_text(objective_bar(seconds, moment.rto_seconds, bar, signs))
    used = seconds / moment.rto_seconds if moment.rto_seconds else 1.0
    return line.append(f"  {words}", style=objective_style(used))


def _list(moment: Moment, width: int, room: int, signs: Glyphs) -> list[Text]:
    steps = moment.steps
    if not steps:
        return []
    rows = Rows(width, name_width(steps, width), moment.at, signs)
    active = _active(steps)
    full = [rows.step(s, details=True) for s in steps]
    if len(full[active]) > room - 2:
        full[active] = rows.step_within(steps[active], room - 2)
    brief = [rows.step(s, details=False) for s in steps]
    window = fit([len(b) for b in full], [len(b) for b in brief], active, room)
    lines = hidden(steps[: window.first], "above")
    for i in range(window.first, window.last):
        lines += full[i] if window.details or i == active else brief[i]
    return (lines + hidden(steps[window.last :], "below"))[:room]


def _active(steps: Sequence[StepReport]) -> int:
    """The step to keep in sight: the one under way, else the last that has begun."""
    for i, step in enumerate(steps):
        if step.status in UNSETTLED:
            return i
    begun = [i for i, step in enumerate(steps) if step.started_at is not None]
    return begun[-1] if begun else 0

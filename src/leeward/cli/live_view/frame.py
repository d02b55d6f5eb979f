"""Draw one frame of the live view, no wider and no higher than the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import Group
from rich.text import Text

from leeward.base import durations
from leeward.cli.live_view.step_rows import IN_PROGRESS, StepRows, choose_name_width, count_hidden
from leeward.cli.rendering.bars import choose_objective_style, draw_objective_bar, draw_users_line
from leeward.cli.rendering.glyphs import Glyphs
from leeward.cli.rendering.text_format import format_clock, format_elapsed, to_one_line, wrap_to_width
from leeward.cli.rendering.visible_window import choose_visible_window
from leeward.rehearsal.results.result_models import LiveViewFrame, StepReport


def draw_frame(
    frame: LiveViewFrame, *, width: int, height: int, glyphs: Glyphs, served_at: datetime | None = None
) -> Group:
    """Return one frame of the live view.

    `served_at` is when the target Region began to serve every user, which stops the RTO clock, or None before that.
    """
    head = _draw_head(frame, width, glyphs, served_at)
    room = max(1, height - len(head) - 1)
    return Group(*head, *_draw_steps(frame, width, room, glyphs))


def _draw_head(frame: LiveViewFrame, width: int, glyphs: Glyphs, served_at: datetime | None) -> list[Text]:
    title = Text(no_wrap=True, overflow="ellipsis")
    title.append(f"{to_one_line(frame.application)} {glyphs.dot} {to_one_line(frame.runbook)}", style="name")
    title.append(f"   {frame.origin} {glyphs.arrow} {frame.target}   {to_one_line(frame.where)}", style="quiet")
    now = (
        _start_line("clock")
        .append(f"{format_clock(frame.at)} UTC", style="name")
        .append(f"   {_describe_incident(frame)}")
    )
    users = _start_line("users").append_text(
        draw_users_line(frame.users, frame.origin, frame.target, width - 9, glyphs)
    )
    users_lines = [users] if frame.users else []  # a run on AWS has no simulated users
    lines = [
        title,
        Text(),
        now,
        _draw_rto(frame, width, glyphs, served_at),
        *users_lines,
        *_draw_note(frame, width),
        Text(),
    ]
    for line in lines:
        line.truncate(width, overflow="ellipsis")
    return lines


def _draw_note(frame: LiveViewFrame, width: int) -> list[Text]:
    labels = ("note", "")
    return [
        _start_line(label).append_text(line)
        for label, line in zip(labels, wrap_to_width(frame.note, width - 8, len(labels)), strict=False)
    ]


def _start_line(label: str) -> Text:
    return Text(no_wrap=True).append(f"{label:<7}", style="quiet")


def _describe_incident(frame: LiveViewFrame) -> str:
    gap, event = frame.at - frame.incident_at, "incident" if frame.incident else "start"
    if gap < timedelta(0):
        return f"{durations.format_duration(-gap)} until the {event}"
    started = "" if frame.started_at else ", no run started yet"
    return f"{format_elapsed(gap)} since the {event}{started}"


def _draw_rto(frame: LiveViewFrame, width: int, glyphs: Glyphs, served_at: datetime | None) -> Text:
    gap = max(timedelta(0), (served_at or frame.at) - frame.incident_at)
    seconds = gap.total_seconds()
    words = f"{format_elapsed(gap)} of {durations.format_duration(frame.rto_seconds)}"
    if served_at is not None:
        words += ", users served"
    elif seconds > frame.rto_seconds:
        words += ", missed"
    bar = min(48, max(10, width - 7 - 2 - 32))
    line = _start_line("RTO").append_text(draw_objective_bar(seconds, frame.rto_seconds, bar, glyphs))
    used = seconds / frame.rto_seconds if frame.rto_seconds else 1.0
    return line.append(f"  {words}", style=choose_objective_style(used))


def _draw_steps(frame: LiveViewFrame, width: int, room: int, glyphs: Glyphs) -> list[Text]:
    steps = frame.steps
    if not steps:
        return []
    rows = StepRows(width, choose_name_width(steps, width), frame.at, glyphs)
    active = _find_active_step(steps)
    full = [rows.draw_step(s, details=True) for s in steps]
    if len(full[active]) > room - 2:
        full[active] = rows.draw_step_within(steps[active], room - 2)
    brief = [rows.draw_step(s, details=False) for s in steps]
    window = choose_visible_window([len(b) for b in full], [len(b) for b in brief], active, room)
    lines = count_hidden(steps[: window.first], "above")
    for i in range(window.first, window.last):
        lines += full[i] if window.details or i == active else brief[i]
    return (lines + count_hidden(steps[window.last :], "below"))[:room]


def _find_active_step(steps: Sequence[StepReport]) -> int:
    """Return the index of the step to keep visible: the running step, or else the last started step."""
    for i, step in enumerate(steps):
        if step.status in IN_PROGRESS:
            return i
    started = [i for i, step in enumerate(steps) if step.started_at is not None]
    return started[-1] if started else 0

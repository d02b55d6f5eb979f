"""Format text, times, durations, and numbers for screens."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from leeward.base import durations

# C0 and C1 controls and bidirectional marks. Names from documents must not move the cursor or hide words.
_CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SECOND = timedelta(seconds=1)


def strip_control_characters(text: str) -> str:
    """Return `text` with control characters replaced and tabs expanded to spaces. Keeps line breaks."""
    return _CONTROL_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\t", "    "))


def to_one_line(text: str) -> str:
    """Return `text` on one line, without control characters."""
    return " ".join(strip_control_characters(text).split())


def strip_name_prefix(detail: str, name: str) -> str:
    """Return a detail on one line without its leading `name: `, because screens show the name beside it."""
    return to_one_line(detail).removeprefix(f"{to_one_line(name)}: ")


def fit_to_width(text: str, width: int, style: str = "") -> Text:
    """Return `text` on one line of exactly `width` cells, truncated or padded. An emoji takes two cells."""
    line = Text(to_one_line(text), style=style, no_wrap=True)
    line.truncate(max(0, width), overflow="ellipsis", pad=True)
    return line


def wrap_to_width(text: str, width: int, max_lines: int, style: str = "") -> list[Text]:
    """Return `text` on at most `max_lines` lines of `width` cells. The last line is truncated with an ellipsis."""
    lines: list[Text] = []
    rest = to_one_line(text)
    while rest and len(lines) < max_lines - 1 and cell_len(rest) > width:
        head = set_cell_size(rest, width)
        cut = head.rfind(" ") if not rest[len(head) : len(head) + 1].isspace() else len(head)
        cut = cut if cut > 0 else len(head)
        lines.append(Text(rest[:cut], style=style, no_wrap=True))
        rest = rest[cut:].strip()
    if rest:
        lines.append(fit_to_width(rest, min(width, max(1, cell_len(rest))), style))
    return lines


def format_clock(at: datetime | None) -> str:
    """Return a time as `09:07:00` in UTC, or an empty string for None."""
    return "" if at is None else f"{at:%H:%M:%S}"


def format_duration(started: datetime | None, ended: datetime | None) -> str:
    """Return a duration as `4m36s`, or an empty string if either time is None."""
    return "" if started is None or ended is None else durations.format_duration(ended - started)


def format_since_incident(at: datetime, incident_at: datetime) -> str:
    """Return `T+7m40s` for a time after the incident or `T-2m` for a time before it."""
    gap = at - incident_at
    return f"T-{durations.format_duration(-gap)}" if gap < timedelta(0) else f"T+{format_elapsed(gap)}"


def format_elapsed(gap: timedelta) -> str:
    """Return an elapsed time in whole seconds. Truncates, as the clock beside it does."""
    return durations.format_duration(gap // _SECOND * _SECOND)


def format_number(n: int | float) -> str:
    """Return 1234 as `1,234`."""
    return f"{n:,.0f}"

"""Text, times and durations as the screens show them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from leeward.base import durations

# C0 and C1 controls, and the marks that turn the direction of text: a name must not move the cursor or hide a word.
_CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_SECOND = timedelta(seconds=1)


def strip_control_characters(text: str) -> str:
    """`text` without what would steer the terminal; tabs become spaces, line breaks stay."""
    return _CONTROL_CHARACTERS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\t", "    "))


def to_one_line(text: str) -> str:
    """`text` cleaned, on one line."""
    return " ".join(strip_control_characters(text).split())


def strip_name_prefix(detail: str, name: str) -> str:
    """A step's or a group's detail, without its own name before it: it stands beside the name anyway."""
    return to_one_line(detail).removeprefix(f"{to_one_line(name)}: ")


def fit_to_width(text: str, width: int, style: str = "") -> Text:
    """`text` on one line, cut with an ellipsis or padded to exactly `width` cells (an emoji takes two)."""
    line = Text(to_one_line(text), style=style, no_wrap=True)
    line.truncate(max(0, width), overflow="ellipsis", pad=True)
    return line


def wrap_to_width(text: str, width: int, max_lines: int, style: str = "") -> list[Text]:
    """`text` on at most `most` lines of `width` cells; the last ends with an ellipsis when there was more."""
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
    """`09:07:00`, on the virtual clock, which is UTC."""
    return "" if at is None else f"{at:%H:%M:%S}"


def format_duration(started: datetime | None, ended: datetime | None) -> str:
    """How long it took: `4m36s`; empty while either end is open."""
    return "" if started is None or ended is None else durations.format_duration(ended - started)


def format_since_incident(at: datetime, incident_at: datetime) -> str:
    """`T+7m40s` after the incident, `T-2m` before it."""
    gap = at - incident_at
    return f"T-{durations.format_duration(-gap)}" if gap < timedelta(0) else f"T+{format_elapsed(gap)}"


def format_elapsed(gap: timedelta) -> str:
    """A running time in whole seconds, cut and not rounded, as the clock beside it shows them."""
    return durations.format_duration(gap // _SECOND * _SECOND)


def format_number(n: int | float) -> str:
    """1234 -> `1,234`."""
    return f"{n:,.0f}"

"""The consoles that commands write to, and what the terminal at the other end can show."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.theme import Theme

THEME = Theme(
    {
        "done": "green",
        "running": "cyan",
        "asking": "bold yellow",
        "failed": "bold red",
        "warning": "yellow",
        "quiet": "dim",
        "name": "bold",
        "origin": "blue",
        "target": "green",
        "nobody": "red",
    },
    inherit=True,
)


def create_stdout_console() -> Console:
    """Standard output, as it is now: it stays ours when sys.stdout is turned elsewhere."""
    return Console(theme=THEME, highlight=False, emoji=False, markup=False, file=sys.stdout)


def create_stderr_console() -> Console:
    """Standard error."""
    return Console(theme=THEME, highlight=False, emoji=False, markup=False, stderr=True)


def can_redraw(console: Console, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a live view can be redrawn in place.

    Not where the output is a file or a pipe, on a dumb terminal, in CI (whose logs keep every frame), nor under
    NO_COLOR, which people set when escape codes do them no good.
    """
    ci = environ.get("CI", "").lower() not in ("", "0", "false")
    return console.is_interactive and not console.is_dumb_terminal and not console.no_color and not ci


def tolerate_encodings() -> None:
    """Let a character that the terminal's encoding lacks come out as `?` rather than as an exception."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")

"""Create the consoles of a command, and detect what the terminal supports."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from rich.console import Console
from rich.theme import Theme

if TYPE_CHECKING:
    from rich.status import Status

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
        "unserved": "red",
    },
    inherit=True,
)


def create_stdout_console() -> Console:
    """Return a console on the current sys.stdout. It keeps that stream when sys.stdout is redirected later."""
    return Console(theme=THEME, highlight=False, emoji=False, markup=False, file=sys.stdout)


def create_stderr_console() -> Console:
    """Return a console on standard error."""
    return Console(theme=THEME, highlight=False, emoji=False, markup=False, stderr=True)


def can_redraw(console: Console, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether a live view can be redrawn in place.

    False when the output is a file or a pipe, on a dumb terminal, in CI (whose logs keep every frame), and with
    NO_COLOR, which users set when escape codes cause problems.
    """
    ci = environ.get("CI", "").lower() not in ("", "0", "false")
    return console.is_interactive and not console.is_dumb_terminal and not console.no_color and not ci


def announce_twin(console: Console, *, json: bool) -> AbstractContextManager[Status | None]:
    """Show a spinner while the twin is imported, which takes seconds.

    It shows nothing with `json`, or if a live view can't be redrawn.
    """
    return console.status("starting the twin ...") if can_redraw(console) and not json else nullcontext()


def tolerate_encodings() -> None:
    """Print `?` for each character that the terminal's encoding lacks, instead of raising UnicodeEncodeError."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")

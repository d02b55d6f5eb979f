"""Screens as plain text, as they would stand on a terminal of a given size."""

from __future__ import annotations

import io

from rich.console import Console, RenderableType

from leeward.cli.rendering.glyphs import Glyphs, choose_glyphs
from leeward.cli.rendering.terminal import THEME


class AsciiFile(io.StringIO):
    """A terminal whose encoding has nothing but ASCII."""

    encoding = "ascii"


def console(width: int = 80, height: int = 40, *, ascii_only: bool = False, terminal: bool = False) -> Console:
    """A console of a given size that writes to memory, whatever the environment says."""
    return Console(
        theme=THEME,
        width=width,
        height=height,
        file=AsciiFile() if ascii_only else io.StringIO(),
        force_terminal=terminal,
        highlight=False,
        emoji=False,
        markup=False,
        _environ={"TERM": "xterm-256color"},
    )


def plain_text(on: Console) -> str:
    """What was written to a console of `console()`, without spaces at the ends of lines."""
    assert isinstance(on.file, io.StringIO)
    return "\n".join(line.rstrip() for line in on.file.getvalue().split("\n"))


def render_text(drawn: RenderableType, width: int = 80, *, ascii_only: bool = False) -> str:
    """What `drawn` looks like."""
    on = console(width, ascii_only=ascii_only)
    on.print(drawn)
    return plain_text(on)


SIGNS: Glyphs = choose_glyphs(console())
ASCII_SIGNS: Glyphs = choose_glyphs(console(ascii_only=True))

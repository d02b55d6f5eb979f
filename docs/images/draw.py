"""Draws rehearsal.svg, the picture in the README: `python docs/images/draw.py`, from the root of the project."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from rich.console import Console

from leeward.cli.screens.glyphs import glyphs
from leeward.cli.screens.steps import steps_table
from leeward.cli.screens.verdict import verdict
from leeward.cli.terminal import THEME
from leeward.twin.rehearsal import rehearse


def main() -> None:
    """Rehearse, and keep what the terminal would show."""
    with contextlib.redirect_stdout(io.StringIO()):  # the Lambdas' log
        result = rehearse(Path(), "website", "failover")
    console = Console(theme=THEME, width=92, record=True, file=io.StringIO(), highlight=False, force_terminal=True)
    signs = glyphs(console)
    console.print(steps_table(result, width=92, signs=signs))
    console.print()
    console.print(verdict(result, width=92, signs=signs))
    console.save_svg("docs/images/rehearsal.svg", title="leeward rehearse website failover")


if __name__ == "__main__":
    main()

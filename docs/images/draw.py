"""Draws rehearsal.svg, the picture in the README: `python docs/images/draw.py`, from the root of the project."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from rich.console import Console

from leeward.cli.rendering.glyphs import choose_glyphs
from leeward.cli.rendering.terminal import THEME
from leeward.cli.screens.rehearsal_result.steps_table import build_steps_table
from leeward.cli.screens.rehearsal_result.verdict import build_verdict
from leeward.rehearsal.runner.single_rehearsal import rehearse


def main() -> None:
    """Rehearse the website's failover and save what the terminal shows."""
    with contextlib.redirect_stdout(io.StringIO()):  # what the Lambda functions log
        result = rehearse(Path(), "website", "failover")
    console = Console(theme=THEME, width=92, record=True, file=io.StringIO(), highlight=False, force_terminal=True)
    glyphs = choose_glyphs(console)
    console.print(build_steps_table(result, width=92, glyphs=glyphs))
    console.print()
    console.print(build_verdict(result, width=92, glyphs=glyphs))
    console.save_svg("docs/images/rehearsal.svg", title="leeward rehearse website failover")


if __name__ == "__main__":
    main()

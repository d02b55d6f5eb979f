"""The whole report of a rehearsal, in the order in which it is read."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from leeward.cli.screens.evidence import evidence
from leeward.cli.screens.glyphs import glyphs
from leeward.cli.screens.steps import steps_table
from leeward.cli.screens.trigger import trigger_path
from leeward.cli.screens.verdict import verdict
from leeward.twin.report import Rehearsal


def show(console: Console, rehearsal: Rehearsal, *, root: Path, log: Path | None = None, again: str = "") -> None:
    """Print steps, evidence and verdict.

    `log` is the Lambdas' log; `again` the command that repeats a rehearsal, shown when it did not pass.
    """
    signs, width = glyphs(console), console.width
    if rehearsal.trigger is not None:
        console.print(trigger_path(rehearsal.trigger))
        console.print()
    console.print(steps_table(rehearsal, width=width, signs=signs))
    console.print()
    console.print(evidence(rehearsal, root=root, log=log, signs=signs))
    console.print()
    console.print(verdict(rehearsal, width=width, signs=signs))
    if again and not rehearsal.passed:
        # Outside the frame and never wrapped, so that it can be copied.
        console.print(Text().append("again  ", style="quiet").append(again), soft_wrap=True)

"""The whole report of a rehearsal, in the order in which it is read."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from leeward.cli.rendering.glyphs import choose_glyphs
from leeward.cli.screens.rehearsal_result.invariants_usage import build_evidence_section
from leeward.cli.screens.rehearsal_result.steps_table import build_steps_table
from leeward.cli.screens.rehearsal_result.trigger_path import build_trigger_path
from leeward.cli.screens.rehearsal_result.verdict import build_verdict
from leeward.rehearsal.results.result_models import RehearsalResult


def show_rehearsal(
    console: Console, rehearsal: RehearsalResult, *, root: Path, log: Path | None = None, repeat_command: str = ""
) -> None:
    """Print steps, evidence and verdict.

    `log` is the Lambdas' log; `again` the command that repeats a rehearsal, shown when it did not pass.
    """
    signs, width = choose_glyphs(console), console.width
    if rehearsal.trigger is not None:
        console.print(build_trigger_path(rehearsal.trigger))
        console.print()
    console.print(build_steps_table(rehearsal, width=width, glyphs=signs))
    console.print()
    console.print(build_evidence_section(rehearsal, root=root, log=log, glyphs=signs))
    console.print()
    console.print(build_verdict(rehearsal, width=width, glyphs=signs))
    if repeat_command and not rehearsal.passed:
        # Outside the frame and never wrapped, so that it can be copied.
        console.print(Text().append("again  ", style="quiet").append(repeat_command), soft_wrap=True)

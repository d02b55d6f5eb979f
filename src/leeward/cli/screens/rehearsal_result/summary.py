"""Show the whole result of a rehearsal."""

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
    """Print the trigger, the steps, the evidence, and the verdict.

    `log` is the path of the Lambda log. `repeat_command` repeats the rehearsal, and is shown if it did not pass.
    """
    glyphs, width = choose_glyphs(console), console.width
    if rehearsal.trigger is not None:
        console.print(build_trigger_path(rehearsal.trigger))
        console.print()
    console.print(build_steps_table(rehearsal, width=width, glyphs=glyphs))
    console.print()
    console.print(build_evidence_section(rehearsal, root=root, log=log, glyphs=glyphs))
    console.print()
    console.print(build_verdict(rehearsal, width=width, glyphs=glyphs))
    if repeat_command and not rehearsal.passed:
        # Outside the frame and not wrapped, so that users can copy it.
        console.print(Text().append("again  ", style="quiet").append(repeat_command), soft_wrap=True)

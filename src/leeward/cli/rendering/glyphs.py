"""Glyphs for step statuses and bars, in Unicode and ASCII.

Each status has its own shape, so that color alone never carries meaning.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console

from leeward.rehearsal.results.result_models import RunStepStatus

STATUS_STYLES = {
    RunStepStatus.NOT_REACHED: "quiet",
    RunStepStatus.RUNNING: "running",
    RunStepStatus.ASKING: "asking",
    RunStepStatus.DONE: "done",
    RunStepStatus.FAILED: "failed",
    RunStepStatus.SKIPPED: "warning",
}


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The glyphs that a console can show."""

    states: dict[RunStepStatus, str]
    arrow: str
    dot: str
    bar: str
    empty_bar: str
    origin: str
    target: str
    unserved: str
    levels: str
    """The heights of a histogram's columns, from the lowest."""

    def get_status_glyph(self, status: RunStepStatus) -> tuple[str, str]:
        """Return the glyph of a status and its style."""
        return self.states[status], STATUS_STYLES[status]


_UNICODE = Glyphs(
    states={
        RunStepStatus.NOT_REACHED: "·",
        RunStepStatus.RUNNING: "▶",
        RunStepStatus.ASKING: "?",
        RunStepStatus.DONE: "✓",
        RunStepStatus.FAILED: "✗",
        RunStepStatus.SKIPPED: "↷",
    },
    arrow="→",
    dot="·",
    bar="━",
    empty_bar="·",
    origin="▒",
    target="█",
    unserved="\N{MULTIPLICATION SIGN}",
    levels="▁▂▃▄▅▆▇█",
)
_ASCII = Glyphs(
    states={
        RunStepStatus.NOT_REACHED: ".",
        RunStepStatus.RUNNING: ">",
        RunStepStatus.ASKING: "?",
        RunStepStatus.DONE: "+",
        RunStepStatus.FAILED: "X",
        RunStepStatus.SKIPPED: "~",
    },
    arrow="->",
    dot="-",
    bar="=",
    empty_bar=".",
    origin="o",
    target="#",
    unserved="x",
    levels=".:-=+*#@",
)


def choose_glyphs(console: Console) -> Glyphs:
    """Return the glyphs that the console's encoding supports."""
    return _ASCII if console.options.ascii_only else _UNICODE

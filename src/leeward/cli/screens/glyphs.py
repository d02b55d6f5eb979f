"""One sign per state, told apart by shape and not by colour alone; plain letters where the terminal has only ASCII."""

from __future__ import annotations

from dataclasses import dataclass

from rich.console import Console

from leeward.twin.report import StepStatus

STYLES = {
    StepStatus.NOT_REACHED: "quiet",
    StepStatus.RUNNING: "running",
    StepStatus.ASKING: "asking",
    StepStatus.DONE: "done",
    StepStatus.FAILED: "failed",
    StepStatus.SKIPPED: "warning",
}


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The signs that one console can show."""

    states: dict[StepStatus, str]
    arrow: str
    dot: str
    bar: str
    rest: str
    origin: str
    target: str
    nobody: str

    def of(self, status: StepStatus) -> tuple[str, str]:
        """The sign and its style."""
        return self.states[status], STYLES[status]


_UNICODE = Glyphs(
    states={
        StepStatus.NOT_REACHED: "·",
        StepStatus.RUNNING: "▶",
        StepStatus.ASKING: "?",
        StepStatus.DONE: "✓",
        StepStatus.FAILED: "✗",
        StepStatus.SKIPPED: "↷",
    },
    arrow="→",
    dot="·",
    bar="━",
    rest="·",
    origin="▒",
    target="█",
    nobody="\N{MULTIPLICATION SIGN}",
)
_ASCII = Glyphs(
    states={
        StepStatus.NOT_REACHED: ".",
        StepStatus.RUNNING: ">",
        StepStatus.ASKING: "?",
        StepStatus.DONE: "+",
        StepStatus.FAILED: "X",
        StepStatus.SKIPPED: "~",
    },
    arrow="->",
    dot="-",
    bar="=",
    rest=".",
    origin="o",
    target="#",
    nobody="x",
)


def glyphs(console: Console) -> Glyphs:
    """The signs for this console's encoding."""
    return _ASCII if console.options.ascii_only else _UNICODE

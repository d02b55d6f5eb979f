"""The lines of one step in the live view: its state, name, start, duration and detail, and its groups beneath it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from rich.text import Text

from leeward.cli.screens.fitting import fit
from leeward.cli.screens.glyphs import Glyphs
from leeward.cli.screens.words import clock, fitted, one_line, said, span, wrapped
from leeward.twin.report import PartReport, StepReport, StepStatus

UNSETTLED = (StepStatus.RUNNING, StepStatus.ASKING)
_LOUD = (*UNSETTLED, StepStatus.FAILED)
_WHOLE = (StepStatus.ASKING, StepStatus.FAILED)  # their words are worth more than one line
_MOST_LINES = 3
_TIMES = 20  # start and duration: `  09:07:00  1h30m15s`
_DETAILS_BESIDE = 120  # from this width on, details stand beside the step and not beneath it
_INDENT = 3


def name_width(steps: Sequence[StepReport], width: int) -> int:
    """The cells for names: no more than the longest needs, so that the times stand near."""
    names = [cell_len(_titled(s)) for s in steps]
    names += [cell_len(one_line(p.name)) + _INDENT for s in steps for p in s.parts]
    most = 52 if width >= _DETAILS_BESIDE else width - _TIMES - 3
    return max(10, min(most, max([28, *names])))


def _titled(step: StepReport) -> str:
    again = f" (attempt {step.attempts})" if step.attempts > 1 else ""
    return one_line(step.name) + again


def hidden(items: Sequence[StepReport | PartReport], where: str, indent: int = 0) -> list[Text]:
    """A line that counts what there was no room for; none when there is nothing to count."""
    if not items:
        return []
    by_status = {s: sum(item.status is s for item in items) for s in StepStatus}
    words = ", ".join(f"{n} {'to come' if s is StepStatus.NOT_REACHED else s}" for s, n in by_status.items() if n)
    return [Text(f"{' ' * indent}  ... {words} {where}", style="quiet")]


@dataclass(frozen=True, slots=True)
class Rows:
    """Draws steps at one width and one moment."""

    width: int
    names: int
    now: datetime
    signs: Glyphs

    def step(self, step: StepReport, *, details: bool) -> list[Text]:
        """The step and its groups. Without `details`, a settled step is one line."""
        lines = self._row(step, _titled(step), 0, details=details)
        # The groups of a wave run side by side: each keeps its own line, so that each shows where it stands.
        for part in step.parts if details or step.status in _LOUD else []:
            lines += self._row(part, one_line(part.name), _INDENT, details=details)
        return lines

    def step_within(self, step: StepReport, room: int) -> list[Text]:
        """The step in `room` lines: of many groups, those around the first that is not yet done."""
        lines = self._row(step, _titled(step), 0, details=True)
        blocks = [self._row(p, one_line(p.name), _INDENT, details=False)[:1] for p in step.parts]
        heights = [1] * len(blocks)
        if not blocks:
            return lines[:room]
        active = next((i for i, p in enumerate(step.parts) if p.status is not StepStatus.DONE), 0)
        window = fit(heights, heights, active, max(1, room - len(lines)))
        lines += hidden(step.parts[: window.first], "above", _INDENT)
        lines += [line for block in blocks[window.first : window.last] for line in block]
        return lines + hidden(step.parts[window.last :], "below", _INDENT)

    def _row(self, item: StepReport | PartReport, name: str, indent: int, *, details: bool) -> list[Text]:
        sign, style = self.signs.of(item.status)
        loud = item.status in _LOUD
        line = Text(" " * indent, no_wrap=True).append(f"{sign} ", style=style)
        name_style = style if loud else ("quiet" if item.status is StepStatus.NOT_REACHED else "default")
        line.append_text(fitted(name, self.names - indent, name_style))
        took = span(item.started_at, item.ended_at or (self.now if item.status in UNSETTLED else None))
        line.append(f"  {clock(item.started_at):>8}", style="quiet").append(f"  {took:>8}")
        if not item.detail:
            return [line]
        if self.width >= _DETAILS_BESIDE:
            words = fitted(said(item.detail, item.name), self.width - line.cell_len - 3, style if loud else "quiet")
            return [line.append("  ").append_text(words)]
        if not details and not loud:
            return [line]
        most = _MOST_LINES if item.status in _WHOLE else 1
        words_lines = wrapped(said(item.detail, item.name), self.width - indent - 3, most, style if loud else "quiet")
        return [line, *(Text(" " * (indent + 2), no_wrap=True).append_text(words) for words in words_lines)]

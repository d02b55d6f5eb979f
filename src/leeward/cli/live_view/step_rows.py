"""Draw the lines of one step and its groups in the live view: status, name, start, duration, and detail."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len
from rich.text import Text

from leeward.cli.rendering.glyphs import Glyphs
from leeward.cli.rendering.text_format import (
    fit_to_width,
    format_clock,
    format_duration,
    strip_name_prefix,
    to_one_line,
    wrap_to_width,
)
from leeward.cli.rendering.visible_window import choose_visible_window
from leeward.rehearsal.results.result_models import RunStepStatus, StepPartReport, StepReport

IN_PROGRESS = (RunStepStatus.RUNNING, RunStepStatus.ASKING)
_HIGHLIGHTED = (*IN_PROGRESS, RunStepStatus.FAILED)
_MULTI_LINE = (RunStepStatus.ASKING, RunStepStatus.FAILED)  # a question or a failure needs more than one line
_MAX_LINES = 3
_TIMES_WIDTH = 20  # start and duration: `  09:07:00  1h30m15s`
_INLINE_DETAIL_WIDTH = 120  # at this width and above, details are beside the step instead of below it
_INDENT = 3


def choose_name_width(steps: Sequence[StepReport], width: int) -> int:
    """Return the width of the name column in cells, at most the width of the longest name."""
    names = [cell_len(_format_title(s)) for s in steps]
    names += [cell_len(to_one_line(p.name)) + _INDENT for s in steps for p in s.parts]
    max_width = 52 if width >= _INLINE_DETAIL_WIDTH else width - _TIMES_WIDTH - 3
    return max(10, min(max_width, max([28, *names])))


def _format_title(step: StepReport) -> str:
    attempt = f" (attempt {step.attempts})" if step.attempts > 1 else ""
    return to_one_line(step.name) + attempt


def count_hidden(items: Sequence[StepReport | StepPartReport], where: str, indent: int = 0) -> list[Text]:
    """Return one line that counts the hidden items by status, or no line when nothing is hidden."""
    if not items:
        return []
    by_status = {s: sum(item.status is s for item in items) for s in RunStepStatus}
    words = ", ".join(f"{n} {'to come' if s is RunStepStatus.NOT_REACHED else s}" for s, n in by_status.items() if n)
    return [Text(f"{' ' * indent}  ... {words} {where}", style="quiet")]


@dataclass(frozen=True, slots=True)
class StepRows:
    """Draws steps at one terminal width and one time."""

    width: int
    name_width: int
    now: datetime
    glyphs: Glyphs

    def draw_step(self, step: StepReport, *, details: bool) -> list[Text]:
        """Return the lines of the step and its groups. Without `details`, a step that isn't highlighted is one line."""
        lines = self._draw_row(step, _format_title(step), 0, details=details)
        # The groups of a wave run in parallel, so each group has its own line with its status.
        for part in step.parts if details or step.status in _HIGHLIGHTED else []:
            lines += self._draw_row(part, to_one_line(part.name), _INDENT, details=details)
        return lines

    def draw_step_within(self, step: StepReport, room: int) -> list[Text]:
        """Return the step in at most `room` lines, with the groups around the first unfinished group."""
        lines = self._draw_row(step, _format_title(step), 0, details=True)
        blocks = [self._draw_row(p, to_one_line(p.name), _INDENT, details=False)[:1] for p in step.parts]
        heights = [1] * len(blocks)
        if not blocks:
            return lines[:room]
        active = next((i for i, p in enumerate(step.parts) if p.status is not RunStepStatus.DONE), 0)
        window = choose_visible_window(heights, heights, active, max(1, room - len(lines)))
        lines += count_hidden(step.parts[: window.first], "above", _INDENT)
        lines += [line for block in blocks[window.first : window.last] for line in block]
        return lines + count_hidden(step.parts[window.last :], "below", _INDENT)

    def _draw_row(self, item: StepReport | StepPartReport, name: str, indent: int, *, details: bool) -> list[Text]:
        sign, style = self.glyphs.get_status_glyph(item.status)
        highlighted = item.status in _HIGHLIGHTED
        line = Text(" " * indent, no_wrap=True).append(f"{sign} ", style=style)
        name_style = style if highlighted else ("quiet" if item.status is RunStepStatus.NOT_REACHED else "default")
        line.append_text(fit_to_width(name, self.name_width - indent, name_style))
        took = format_duration(item.started_at, item.ended_at or (self.now if item.status in IN_PROGRESS else None))
        line.append(f"  {format_clock(item.started_at):>8}", style="quiet").append(f"  {took:>8}")
        if not item.detail:
            return [line]
        if self.width >= _INLINE_DETAIL_WIDTH:
            words = fit_to_width(
                strip_name_prefix(item.detail, item.name),
                self.width - line.cell_len - 3,
                style if highlighted else "quiet",
            )
            return [line.append("  ").append_text(words)]
        if not details and not highlighted:
            return [line]
        max_lines = _MAX_LINES if item.status in _MULTI_LINE else 1
        words_lines = wrap_to_width(
            strip_name_prefix(item.detail, item.name),
            self.width - indent - 3,
            max_lines,
            style if highlighted else "quiet",
        )
        return [line, *(Text(" " * (indent + 2), no_wrap=True).append_text(words) for words in words_lines)]

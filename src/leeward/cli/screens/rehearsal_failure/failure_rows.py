"""Build the verdict rows of a failed run: step, reason, steps not done, users, and next steps."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leeward.cli.rendering.text_format import to_one_line
from leeward.cli.screens.rehearsal_failure.cause_parser import ParsedCause, is_server_reason, parse_cause
from leeward.cli.screens.rehearsal_failure.next_steps import list_next_steps
from leeward.rehearsal.results.result_models import RehearsalResult, RunStepStatus, StepReport

VerdictRow = tuple[str, RenderableType]
_MAX_NAMED = 6  # the number of steps to name before counting the rest


def build_failure_rows(rehearsal: RehearsalResult) -> Iterator[VerdictRow]:
    """Yield the rows of a run that did not succeed, most important first."""
    cause = parse_cause(rehearsal.cause, step_names=[step.name for step in rehearsal.steps])
    step = rehearsal.failed_step
    if step is not None:
        yield "failed at", _format_failed_step(rehearsal, step)
    yield "why", _format_reasons(rehearsal, cause)
    yield from build_also_failed_rows(rehearsal, step)
    for label, section in (("unfinished", "Begun, not finished"), ("undone", "Undone again")):
        if lines := cause.get_lines(section):
            yield label, Text(" ".join(lines))
    not_reached = [to_one_line(s.name) for s in rehearsal.steps if s.status is RunStepStatus.NOT_REACHED]
    if not_reached:
        more = f" and {len(not_reached) - _MAX_NAMED} more" if len(not_reached) > _MAX_NAMED else ""
        yield "not done", Text(", ".join(not_reached[:_MAX_NAMED]) + more)
    yield from build_broken_invariant_rows(rehearsal)
    if lines := cause.get_lines("Users"):
        yield "users", Text(" ".join(lines))
    if (lines := cause.get_lines("Lock")) and lines != ("released.",):
        yield "lock", Text(" ".join(lines), style="warning")
    if lines := cause.get_lines("Untold"):
        yield "run end", Text(" ".join(lines), style="warning")
    yield from build_next_step_rows(rehearsal, cause)


def build_also_failed_rows(rehearsal: RehearsalResult, final_step: StepReport | None) -> Iterator[VerdictRow]:
    """Yield the steps that failed or were skipped while the run continued, which are easy to miss."""
    others = [s for s in rehearsal.unmet_steps if s is not final_step]
    if others:
        lines = (Text(f"{to_one_line(s.name)} ({s.status}): {to_one_line(s.detail)}", style="warning") for s in others)
        yield "continued", Group(*lines)


def build_broken_invariant_rows(rehearsal: RehearsalResult) -> Iterator[VerdictRow]:
    """Yield the invariants that did not hold."""
    lines = [f"{to_one_line(i.name)}: {to_one_line(i.detail)}" for i in rehearsal.invariants if i.violated]
    if lines:
        yield "broken", Group(*(Text(line, style="failed") for line in lines))


def build_next_step_rows(rehearsal: RehearsalResult, cause: ParsedCause | None = None) -> Iterator[VerdictRow]:
    """Yield the numbered actions for the operator."""
    lines = [*list_next_steps(rehearsal), *(f"On AWS: {line}" for line in (cause.get_lines("Now") if cause else ()))]
    if lines:
        numbered = Table.grid(padding=(0, 1, 0, 0))
        for n, line in enumerate(lines, start=1):
            numbered.add_row(Text(f"{n}."), Text(to_one_line(line)))
        yield "next", numbered


def _format_failed_step(rehearsal: RehearsalResult, step: StepReport) -> Text:
    place = rehearsal.steps.index(step) + 1
    attempts = f", {step.attempts} attempts" if step.attempts > 1 else ""
    at = Text().append(to_one_line(step.name), style="name")
    return at.append(f"  step {place} of {len(rehearsal.steps)}, {step.kind}{attempts}", style="quiet")


def _format_reasons(rehearsal: RehearsalResult, cause: ParsedCause) -> Group:
    first, *rest = cause.reasons or ("the run gave no cause",)
    head = Text()
    if rehearsal.error and not first.startswith(rehearsal.error):
        head.append(f"{to_one_line(rehearsal.error)}: ", style="failed")
    head.append(first, style="failed")
    return Group(head, *(Padding(Text(line), (0, 0, 0, 2 if is_server_reason(line) else 0)) for line in rest))

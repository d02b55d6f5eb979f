"""The rows of a verdict that say how a run failed: where, why, what was not done, where the users are, what next."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leeward.cli.screens.advice import failed_step, next_steps
from leeward.cli.screens.cause import Account, account, is_reason
from leeward.cli.screens.words import one_line
from leeward.twin.report import Rehearsal, StepReport, StepStatus

Row = tuple[str, RenderableType]
_NAMED = 6  # how many steps that were not done are named before the rest is counted


def failure(rehearsal: Rehearsal) -> Iterator[Row]:
    """All rows of a run that did not succeed, most wanted first."""
    told = account(rehearsal.cause, step_names=[step.name for step in rehearsal.steps])
    step = failed_step(rehearsal)
    if step is not None:
        yield "failed at", _place(rehearsal, step)
    yield "why", _why(rehearsal, told)
    yield from also_failed(rehearsal, step)
    for label, said in (("unfinished", "Begun, not finished"), ("undone", "Undone again")):
        if lines := told.of(said):
            yield label, Text(" ".join(lines))
    undone = [one_line(s.name) for s in rehearsal.steps if s.status is StepStatus.NOT_REACHED]
    if undone:
        more = f" and {len(undone) - _NAMED} more" if len(undone) > _NAMED else ""
        yield "not done", Text(", ".join(undone[:_NAMED]) + more)
    yield from broken(rehearsal)
    if lines := told.of("Users"):
        yield "users", Text(" ".join(lines))
    if (lines := told.of("Lock")) and lines != ("released.",):
        yield "lock", Text(" ".join(lines), style="warning")
    if lines := told.of("Untold"):
        yield "untold", Text(" ".join(lines), style="warning")
    yield from what_next(rehearsal, told)


def also_failed(rehearsal: Rehearsal, ended_by: StepReport | None) -> Iterator[Row]:
    """Steps that failed or were skipped while the run went on: easily missed, and so never left out."""
    passed_over = (StepStatus.FAILED, StepStatus.SKIPPED)
    others = [s for s in rehearsal.steps if s.status in passed_over and s is not ended_by]
    if others:
        lines = (Text(f"{one_line(s.name)} ({s.status}): {one_line(s.detail)}", style="warning") for s in others)
        yield "went on", Group(*lines)


def broken(rehearsal: Rehearsal) -> Iterator[Row]:
    """The invariants that did not hold."""
    lines = [f"{one_line(i.name)}: {one_line(i.detail)}" for i in rehearsal.invariants if not i.held]
    if lines:
        yield "broken", Group(*(Text(line, style="failed") for line in lines))


def what_next(rehearsal: Rehearsal, told: Account | None = None) -> Iterator[Row]:
    """What a person can do, numbered."""
    lines = [*next_steps(rehearsal), *(f"On AWS: {line}" for line in (told.of("Now") if told else ()))]
    if lines:
        numbered = Table.grid(padding=(0, 1, 0, 0))
        for n, line in enumerate(lines, start=1):
            numbered.add_row(Text(f"{n}."), Text(one_line(line)))
        yield "next", numbered


def _place(rehearsal: Rehearsal, step: StepReport) -> Text:
    place = rehearsal.steps.index(step) + 1
    attempts = f", {step.attempts} attempts" if step.attempts > 1 else ""
    at = Text().append(one_line(step.name), style="name")
    return at.append(f"  step {place} of {len(rehearsal.steps)}, {step.kind}{attempts}", style="quiet")


def _why(rehearsal: Rehearsal, told: Account) -> Group:
    first, *rest = told.why or ("the run gave no cause",)
    head = Text()
    if rehearsal.error and not first.startswith(rehearsal.error):
        head.append(f"{one_line(rehearsal.error)}: ", style="failed")
    head.append(first, style="failed")
    return Group(head, *(Padding(Text(line), (0, 0, 0, 2 if is_reason(line) else 0)) for line in rest))

"""Build the verdict of a rehearsal: the outcome, the measurements, the failure, and the next steps.

The verdict is printed last, after the steps and the evidence, so that it is visible above the prompt without scrolling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from leeward.base import durations
from leeward.cli.rendering.bars import draw_objective_bar
from leeward.cli.rendering.glyphs import Glyphs
from leeward.cli.rendering.text_format import format_duration, format_number, to_one_line
from leeward.cli.screens.rehearsal_failure.failure_rows import (
    VerdictRow,
    build_also_failed_rows,
    build_broken_invariant_rows,
    build_failure_rows,
    build_next_step_rows,
)
from leeward.cli.screens.rehearsal_failure.outcome_words import describe_pass, describe_problems
from leeward.rehearsal.results.objectives import RehearsalObjective
from leeward.rehearsal.results.result_models import (
    ClientsReport,
    ExecutionOutcome,
    RehearsalResult,
    WritesReport,
)

_WIDE_WIDTH = 90
_MAX_LISTED = 20


def build_verdict(rehearsal: RehearsalResult, *, width: int, glyphs: Glyphs) -> Panel:
    """Return the verdict in a frame."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="quiet", no_wrap=True)
    table.add_column(overflow="fold")
    measures = _build_measure_rows(rehearsal, 24 if width >= _WIDE_WIDTH else 14, glyphs)
    succeeded = rehearsal.outcome is ExecutionOutcome.SUCCEEDED
    # The rows of a failure come last, so that they stay visible above the prompt.
    rows = (*_build_success_rows(rehearsal), *measures) if succeeded else (*measures, *build_failure_rows(rehearsal))
    for label, value in rows:
        table.add_row(label, value)
    style = "done" if rehearsal.passed else "failed"
    return Panel(table, title=_format_title(rehearsal, style), title_align="left", border_style=style, box=box.ROUNDED)


def _format_title(rehearsal: RehearsalResult, style: str) -> Text:
    headline_text = str(rehearsal.outcome).replace("_", " ").upper()
    if rehearsal.outcome is ExecutionOutcome.SUCCEEDED:
        headline_text = "PASSED" if rehearsal.passed else "NOT PASSED"
    headline = Text(headline_text, style=style)
    headline.stylize("bold")
    duration = format_duration(rehearsal.started_at, rehearsal.ended_at)
    name = f"{to_one_line(rehearsal.application)} {to_one_line(rehearsal.runbook)}"
    return Text().append_text(headline).append(f"  {name}, after {duration}")


def _build_success_rows(rehearsal: RehearsalResult) -> Iterator[VerdictRow]:
    if rehearsal.passed:
        yield "outcome", Text(describe_pass(rehearsal))
    else:
        yield "outcome", Text(f"the run succeeded, but {describe_problems(rehearsal)}", style="failed")
    yield from build_also_failed_rows(rehearsal, None)
    yield from build_broken_invariant_rows(rehearsal)
    yield from build_next_step_rows(rehearsal)


def _build_measure_rows(rehearsal: RehearsalResult, bar_width: int, glyphs: Glyphs) -> Iterator[VerdictRow]:
    yield "RTO", _format_objective(rehearsal.rto, bar_width, glyphs)
    yield "RPO", _format_objective(rehearsal.rpo, bar_width, glyphs)
    if rehearsal.writes is not None:
        yield "writes", _format_writes(rehearsal.writes)
    yield "seen", Text(_describe_clients(rehearsal.clients))
    for earlier in rehearsal.prerequisites:
        yield "before", Text(to_one_line(earlier.text), style="" if earlier.passed else "failed")


def _describe_clients(clients: ClientsReport) -> str:
    if clients.downtime_seconds is None or not clients.requests:
        return "downtime not measured: no user sent a request"
    downtime = durations.format_duration(clients.downtime_seconds)
    seen = f"{downtime} of downtime" if clients.downtime_seconds else "no downtime"
    failed, requests = format_number(clients.failed), format_number(clients.requests)
    seen += f"; {failed} of {requests} requests failed ({clients.failed / clients.requests:.0%})"
    if clients.moved is not None and clients.clients is not None:
        seen += f"; {clients.moved} of {clients.clients} users served as expected at the end"
    return seen


def _format_writes(writes: WritesReport) -> Text:
    parts = [f"{format_number(writes.acknowledged)} of {format_number(writes.sent)} acknowledged"]
    if writes.lost:
        parts.append(
            f"{len(writes.lost)} lost with the Region: number {_join_numbers([w.number for w in writes.lost])}"
        )
    else:
        parts.append("none lost")
    parts.append(f"duplicated: {_join_numbers(writes.duplicated)}" if writes.duplicated else "none duplicated")
    if writes.diverged:
        parts.append(f"different in the two Regions: {_join_numbers(writes.diverged)}")
    return Text("; ".join(parts), style="failed" if writes.duplicated else "")


def _join_numbers(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - _MAX_LISTED} more" if len(numbers) > _MAX_LISTED else ""
    return ", ".join(map(str, numbers[:_MAX_LISTED])) + more


def _format_objective(objective: RehearsalObjective, width: int, glyphs: Glyphs) -> Text:
    limit = durations.format_duration(objective.objective_seconds)
    if objective.measured_seconds is None:
        word, style = ("missed", "failed") if objective.missed else ("not measured", "warning")
        return Text(f"{word} ({limit}): {to_one_line(objective.reason)}", style=style)
    word, style = ("met", "done") if objective.met else ("missed", "failed")
    measured = f"{durations.format_duration(objective.measured_seconds)} of {limit}"
    line = Text(f"{measured:<18}  ").append(f"{word:<6}  ", style=style)
    line.append_text(draw_objective_bar(objective.measured_seconds, objective.objective_seconds, width, glyphs))
    if objective.basis is None:
        return line
    reason = f": {to_one_line(objective.reason)}" if objective.reason else ""
    return line.append(f"  by {objective.basis}{reason}", style="quiet")

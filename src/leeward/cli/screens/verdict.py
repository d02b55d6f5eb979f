"""The verdict: whether it passed, why not, what to do next, and the measures against the objectives.

Its frame is printed last. A terminal shows the end of what was printed, so what failed, why, and what to do next stand
right above the prompt, without scrolling; the steps and the evidence come before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from leeward.cli.screens.bars import objective_bar
from leeward.cli.screens.failure import Row, also_failed, broken, failure, what_next
from leeward.cli.screens.glyphs import Glyphs
from leeward.cli.screens.words import number, one_line, span
from leeward.common import durations
from leeward.twin.report import Objective, Outcome, Rehearsal, WritesReport

_ROOMY = 90
_MOST_LISTED = 20


def verdict(rehearsal: Rehearsal, *, width: int, signs: Glyphs) -> Panel:
    """The framed verdict."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="quiet", no_wrap=True)
    table.add_column(overflow="fold")
    measures = _measures(rehearsal, 24 if width >= _ROOMY else 14, signs)
    succeeded = rehearsal.outcome is Outcome.SUCCEEDED
    # Of a failure, where and why and what next come last: nearest to the prompt, whatever has scrolled away.
    rows = (*_success(rehearsal), *measures) if succeeded else (*measures, *failure(rehearsal))
    for label, value in rows:
        table.add_row(label, value)
    style = "done" if rehearsal.passed else "failed"
    return Panel(table, title=_title(rehearsal, style), title_align="left", border_style=style, box=box.ROUNDED)


def _title(rehearsal: Rehearsal, style: str) -> Text:
    word = str(rehearsal.outcome).replace("_", " ").upper()
    if rehearsal.outcome is Outcome.SUCCEEDED:
        word = "PASSED" if rehearsal.passed else "NOT PASSED"
    headline = Text(word, style=style)
    headline.stylize("bold")
    took = span(rehearsal.started_at, rehearsal.ended_at)
    name = f"{one_line(rehearsal.application)} {one_line(rehearsal.runbook)}"
    return Text().append_text(headline).append(f"  {name}, after {took}")


def _success(rehearsal: Rehearsal) -> Iterator[Row]:
    if rehearsal.passed:
        yield "outcome", Text("the run succeeded, every objective was met, every invariant held")
    else:
        yield "outcome", Text(f"the run succeeded, but {_missed(rehearsal)}", style="failed")
    yield from also_failed(rehearsal, None)
    yield from broken(rehearsal)
    yield from what_next(rehearsal)


def _missed(rehearsal: Rehearsal) -> str:
    missed = [name for name, o in (("the RTO", rehearsal.rto), ("the RPO", rehearsal.rpo)) if not o.met]
    broken = sum(not i.held for i in rehearsal.invariants)
    parts = [f"missed {' and '.join(missed)}"] if missed else []
    if broken:
        parts.append(f"broke {broken} of {len(rehearsal.invariants)} invariants")
    return " and ".join(parts)


def _measures(rehearsal: Rehearsal, bar: int, signs: Glyphs) -> Iterator[Row]:
    yield "RTO", _objective(rehearsal.rto, "the target did not serve every user", bar, signs)
    yield "RPO", _objective(rehearsal.rpo, "not every server was recovered", bar, signs)
    if rehearsal.writes is not None:
        yield "writes", _writes(rehearsal.writes)
    clients = rehearsal.clients
    share = f" ({clients.failed / clients.requests:.0%})" if clients.requests else ""
    down = durations.show(clients.downtime_seconds)
    seen = f"{down} of downtime" if clients.downtime_seconds else "no downtime"
    yield "seen", Text(f"{seen}; {number(clients.failed)} of {number(clients.requests)} requests failed{share}")


def _writes(writes: WritesReport) -> Text:
    told = [f"{number(writes.acknowledged)} of {number(writes.sent)} acknowledged"]
    if writes.lost:
        told.append(f"{len(writes.lost)} lost with the Region: number {_listed([w.number for w in writes.lost])}")
    else:
        told.append("none lost")
    told.append(f"twice there: {_listed(writes.duplicated)}" if writes.duplicated else "none twice")
    if writes.diverged:
        told.append(f"not the same in both Regions: {_listed(writes.diverged)}")
    return Text("; ".join(told), style="failed" if writes.duplicated else "")


def _listed(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - _MOST_LISTED} more" if len(numbers) > _MOST_LISTED else ""
    return ", ".join(map(str, numbers[:_MOST_LISTED])) + more


def _objective(objective: Objective, nothing: str, width: int, signs: Glyphs) -> Text:
    limit = durations.show(objective.objective_seconds)
    if objective.measured_seconds is None:
        return Text(f"missed ({limit}): {nothing}", style="failed")
    word, style = ("met", "done") if objective.met else ("missed", "failed")
    measured = f"{durations.show(objective.measured_seconds)} of {limit}"
    line = Text(f"{measured:<18}  ").append(f"{word:<6}  ", style=style)
    return line.append_text(objective_bar(objective.measured_seconds, objective.objective_seconds, width, signs))

"""Several rounds there and back: a line for each run, what each round left, and what differs from the beginning."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leeward.cli.screens.glyphs import glyphs
from leeward.cli.screens.words import one_line
from leeward.common import durations
from leeward.twin.report import Objective, Rehearsal, RoundReport, Rounds, StepStatus


def show_rounds(console: Console, rounds: Rounds) -> None:
    """Print the table, then everything that kept a round from passing, then the verdict."""
    signs = glyphs(console)
    table = Table(box=None, pad_edge=False, title=None, header_style="quiet")
    for heading in ("", "round", "runbook", "took", "RTO", "RPO", "downtime", "as it was"):
        table.add_column(heading, no_wrap=True, min_width=len(heading))
    for each in rounds.rounds:
        for run in each.runs:
            sign, style = signs.of(StepStatus.DONE if run.passed else StepStatus.FAILED)
            last = run is each.runs[-1]
            table.add_row(
                Text(sign, style=style),
                str(each.number),
                one_line(run.runbook),
                durations.show(run.ended_at - run.started_at),
                _measured(run.rto),
                _measured(run.rpo),
                durations.show(run.clients.downtime_seconds),
                _left(each) if last else "",
            )
    console.print(table)
    console.print()
    for each in rounds.rounds[-1:]:
        for region, dollars in each.dollars_a_month.items():
            console.print(Text(f"left in {region}: ${dollars:,.2f} a month at list prices", style="quiet"))
    for each in rounds.rounds:
        for line in _amiss(each):
            console.print(Text(line, style="failed"), soft_wrap=True)
    console.print()
    passed = sum(each.passed for each in rounds.rounds)
    verdict = "PASSED" if rounds.passed else "FAILED"
    style = "done" if rounds.passed else "failed"
    words = f"  {passed} of {rounds.asked} rounds: failed over, came back, and left everything as it was"
    console.print(Text(verdict, style=style).append(words, style="default"), soft_wrap=True)


def _measured(objective: Objective) -> Text:
    if objective.measured_seconds is None:
        return Text("none", style="failed")
    return Text(durations.show(objective.measured_seconds), style="default" if objective.met else "failed")


def _left(each: RoundReport) -> Text:
    if each.differences:
        return Text(f"no: {len(each.differences)}", style="failed")
    return Text("yes")


def _amiss(each: RoundReport) -> list[str]:
    lines = [f"round {each.number}: {one_line(difference)}" for difference in each.differences]
    for run in each.runs:
        lines += [f"round {each.number} {run.runbook}: {line}" for line in _why(run)]
    return lines


def _why(run: Rehearsal) -> list[str]:
    if run.passed:
        return []
    broken = [f"{i.name}: {i.detail}" for i in run.invariants if not i.held]
    missed = [
        f"{name} not met"
        for name, objective in (("RTO", run.rto), ("RPO", run.rpo))
        if run.cause is None and not objective.met
    ]
    return [*(run.cause or "").splitlines(), *broken, *missed]

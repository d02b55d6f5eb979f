"""Show the result of several failover and failback rounds."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leeward.base import durations
from leeward.cli.rendering.glyphs import choose_glyphs
from leeward.cli.rendering.text_format import to_one_line
from leeward.cli.screens.rehearsal_failure.outcome_words import describe_unmet_step
from leeward.rehearsal.results.objectives import RehearsalObjective
from leeward.rehearsal.results.result_models import (
    RehearsalResult,
    RoundReport,
    RoundsResult,
    RunStepStatus,
)


def show_rounds(console: Console, rounds: RoundsResult) -> None:
    """Print a row for each run, the remaining costs, every failure, and the verdict."""
    glyphs = choose_glyphs(console)
    table = Table(box=None, pad_edge=False, title=None, header_style="quiet")
    for heading in ("", "round", "runbook", "took", "RTO", "RPO", "downtime", "restored"):
        table.add_column(heading, no_wrap=True, min_width=len(heading))
    for each in rounds.rounds:
        for run in each.runs:
            glyph, style = glyphs.get_status_glyph(RunStepStatus.DONE if run.passed else RunStepStatus.FAILED)
            last = run is each.runs[-1]
            table.add_row(
                Text(glyph, style=style),
                str(each.number),
                to_one_line(run.runbook),
                durations.format_duration(run.ended_at - run.started_at),
                _format_measurement(run.rto),
                _format_measurement(run.rpo),
                _format_downtime(run.clients.downtime_seconds),
                _format_differences(each) if last else "",
            )
    console.print(table)
    console.print()
    for each in rounds.rounds[-1:]:
        for region, dollars in each.dollars_a_month.items():
            console.print(Text(f"remaining in {region}: ${dollars:,.2f} per month at list prices", style="quiet"))
    for each in rounds.rounds:
        for line in _list_failures(each):
            console.print(Text(line, style="failed"), soft_wrap=True)
    console.print()
    passed = sum(each.passed for each in rounds.rounds)
    verdict = "PASSED" if rounds.passed else "FAILED"
    style = "done" if rounds.passed else "failed"
    words = f"  {passed} of {rounds.asked} rounds failed over, failed back, and restored the initial state"
    console.print(Text(verdict, style=style).append(words, style="default"), soft_wrap=True)


def _format_measurement(objective: RehearsalObjective) -> Text:
    if objective.measured_seconds is None:
        return Text("never", style="failed") if objective.missed else Text("not measured", style="warning")
    return Text(durations.format_duration(objective.measured_seconds), style="default" if objective.met else "failed")


def _format_downtime(seconds: float | None) -> Text:
    return Text("not measured", style="warning") if seconds is None else Text(durations.format_duration(seconds))


def _format_differences(round_report: RoundReport) -> Text:
    if round_report.stopped:
        return Text("not compared", style="failed")
    if round_report.differences:
        return Text(f"no: {len(round_report.differences)}", style="failed")
    return Text("yes")


def _list_failures(round_report: RoundReport) -> list[str]:
    lines = [f"round {round_report.number}: {to_one_line(difference)}" for difference in round_report.differences]
    if round_report.stopped:
        lines.append(f"round {round_report.number}: {to_one_line(round_report.stopped)}")
    for run in round_report.runs:
        lines += [f"round {round_report.number} {run.runbook}: {line}" for line in _list_run_failures(run)]
    return lines


def _list_run_failures(run: RehearsalResult) -> list[str]:
    if run.passed:
        return []
    broken = [f"{i.name}: {i.detail}" for i in run.invariants if i.violated]
    missed = [
        f"{name} not met"
        for name, objective in (("RTO", run.rto), ("RPO", run.rpo))
        if run.cause is None and objective.missed
    ]
    unmet = [f"{describe_unmet_step(step)}: {step.detail}" for step in run.unmet_steps if run.cause is None]
    return [*(run.cause or "").splitlines(), *broken, *missed, *unmet]

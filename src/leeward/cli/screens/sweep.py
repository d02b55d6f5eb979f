"""A sweep's figures: one line per class of faults, and each failure with the command that replays it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leeward.cli.rendering.glyphs import choose_glyphs
from leeward.rehearsal.results.result_models import RunStepStatus
from leeward.rehearsal.sweep.sweep_report import FailedTrialReport, SweepReport

_MAX_SHOWN = 20


def show_sweep(console: Console, report: SweepReport) -> None:
    """All of one runbook."""
    clean = report.clean
    console.print(Text(f"{report.application} {report.runbook}", style="bold"))
    console.print(
        f"clean run: {clean.calls:,} AWS calls, {clean.invocations} Lambda invocations, {clean.states} states entered, "
        f"{clean.steps} steps; {report.possible:,} single faults in them",
        soft_wrap=True,
    )
    console.print()
    console.print(_build_fault_table(report))
    console.print()
    for failure in report.failures[:_MAX_SHOWN]:
        _show_failure(console, failure)
    if len(report.failures) > _MAX_SHOWN:
        console.print(f"and {len(report.failures) - _MAX_SHOWN} more; --json lists all of them")
    console.print(Text(_format_verdict(report), style="bold green" if report.passed else "bold red"), soft_wrap=True)
    console.print()


def show_total(console: Console, reports: Sequence[SweepReport]) -> None:
    """Several runbooks together: one line each, and their sum."""
    names = ("single faults", "runs", "succeeded", "went on", "did not end well", "runs a minute")
    table = _create_table("runbook", names)
    rows = [(f"{r.application} {r.runbook}", _sum_reports([r])) for r in reports]
    for name, figures in (*rows, ("together", _sum_reports(reports))):
        *counts, rate = figures
        cells = [f"{count:,}" for count in counts]
        table.add_row(name, *cells, f"{rate:,.0f}" if rate else "", style="red" if counts[-1] else "")
    console.print(table)


def _sum_reports(reports: Sequence[SweepReport]) -> tuple[int, int, int, int, int, float]:
    ran, seconds = sum(r.ran for r in reports), sum(r.seconds for r in reports)
    return (
        sum(r.possible for r in reports),
        sum(r.runs for r in reports),
        sum(r.succeeded for r in reports),
        sum(r.converged for r in reports),
        sum(r.violations for r in reports),
        60 * ran / seconds if seconds else 0.0,
    )


def _create_table(first: str, names: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(first)
    for name in names:
        table.add_column(name, justify="right")
    return table


def _build_fault_table(report: SweepReport) -> Table:
    table = _create_table("what was broken", ("runs", "succeeded", "went on", "did not end well"))
    for each in report.classes:
        style = "red" if each.problems else ""
        cells = (each.runs, each.succeeded, each.converged, each.problems)
        table.add_row(each.label, *(f"{cell:,}" for cell in cells), style=style)
    return table


def _show_failure(console: Console, failure: FailedTrialReport) -> None:
    sign, _ = choose_glyphs(console).get_status_glyph(RunStepStatus.FAILED)
    console.print(Text(f"{sign} {failure.fault}: {failure.outcome or 'no outcome'}", style="red"), soft_wrap=True)
    for problem in failure.problems:
        console.print(Text(f"    {problem}"), soft_wrap=True)
    console.print(Text(f"    {failure.replay}", style="cyan"), soft_wrap=True)


def _format_verdict(report: SweepReport) -> str:
    took = f"{report.seconds:,.0f} s, {report.runs_per_minute:,.0f} runs a minute"
    if report.passed:
        spared = report.runs - report.struck
        told = [
            *([f"{spared:,} had nothing that could be broken so"] if spared else []),
            *([f"{report.met:,} went on as another did, from an instant on"] if report.met else []),
        ]
        but = f" ({'; '.join(told)})" if told else ""
        return f"{report.runs:,} broken runs, every one ended well{but}; {took}"
    return f"{report.violations:,} of {report.runs:,} broken runs did not end well; {took}"

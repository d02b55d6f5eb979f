"""Show the result of a sweep: the trials of each fault class, and each failed trial with its replay command."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leeward.base import durations
from leeward.cli.rendering.glyphs import choose_glyphs
from leeward.rehearsal.results.result_models import RunStepStatus
from leeward.rehearsal.sweep.counts.objective_counts import ObjectiveCounts
from leeward.rehearsal.sweep.sweep_report import FailedTrialReport, SweepReport

_MAX_SHOWN = 20
_MAX_NAMED_STOPS = 5
# The most faults without effect that are named for one reason. `--json` lists all.
_MAX_EXAMPLES = 3
_NOTHING = "no fault took effect, so nothing was tested"


def show_sweep(console: Console, report: SweepReport) -> None:
    """Print the sweep of one runbook."""
    baseline = report.clean
    console.print(Text(f"{report.application} {report.runbook}", style="bold"))
    console.print(
        f"baseline: {baseline.calls:,} AWS calls, {baseline.invocations} Lambda invocations, "
        f"{baseline.states} states entered, {baseline.steps} steps; {report.possible:,} possible single faults",
        soft_wrap=True,
    )
    console.print()
    console.print(_build_fault_table(report))
    console.print()
    for objective in report.objectives:
        console.print(Text(_format_objective(objective)), soft_wrap=True)
    if report.with_person:
        style = "yellow" if report.needless_stops else ""
        console.print(Text(_format_stops(report.with_person, report.needless_stops), style=style), soft_wrap=True)
    if report.strata:
        console.print(f"strata (fault class x kind of step): {report.strata_tried:,} of {report.strata:,} tried")
    console.print()
    _show_without_effect(console, report)
    for failure in sorted(report.failures, key=lambda each: bool(each.known))[:_MAX_SHOWN]:
        _show_failure(console, failure)
    if len(report.failures) > _MAX_SHOWN:
        console.print(f"and {len(report.failures) - _MAX_SHOWN} more. To list all of them, use --json")
    console.print(Text(_format_verdict(report), style="bold green" if report.passed else "bold red"), soft_wrap=True)
    console.print()


def show_total(console: Console, reports: Sequence[SweepReport]) -> None:
    """Print a row for each runbook and the total."""
    names = ("single faults", "trials", "distinct", "succeeded", "recovered", "failed", "trials/minute")
    table = _create_table("runbook", names)
    rows = [(f"{r.application} {r.runbook}", _sum_reports([r])) for r in reports]
    for name, sums in (*rows, ("total", _sum_reports(reports))):
        *counts, rate = sums
        cells = [f"{count:,}" for count in counts]
        table.add_row(name, *cells, f"{rate:,.0f}" if rate else "", style="red" if counts[-1] else "")
    console.print(table)


def _sum_reports(reports: Sequence[SweepReport]) -> tuple[int, int, int, int, int, int, float]:
    ran, seconds = sum(r.ran for r in reports), sum(r.seconds for r in reports)
    return (
        sum(r.possible for r in reports),
        sum(r.runs for r in reports),
        sum(r.distinct for r in reports),
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
    table = _create_table(
        "fault class", ("trials", "succeeded", "recovered", "failed", "with a person", "needlessly", "no effect")
    )
    for each in report.classes:
        style = "red" if each.problems else ""
        ends = (each.runs, each.succeeded, each.converged, each.problems)
        cells = (*ends, each.with_person, each.needless_stops, each.without_effect)
        table.add_row(each.label, *(f"{cell:,}" for cell in cells), style=style)
    return table


def _show_without_effect(console: Console, report: SweepReport) -> None:
    """Print the faults that changed nothing, by the reason."""
    by_reason: dict[str, list[str]] = {}
    for each in report.without_effect:
        by_reason.setdefault(each.reason, []).append(each.fault)
    for reason, faults in by_reason.items():
        shown = ", ".join(faults[:_MAX_EXAMPLES])
        more = f" and {len(faults) - _MAX_EXAMPLES} more" if len(faults) > _MAX_EXAMPLES else ""
        console.print(Text(f"no effect, because {reason}: {shown}{more}", style="dim"), soft_wrap=True)
    if by_reason:
        console.print()


def _show_failure(console: Console, failure: FailedTrialReport) -> None:
    glyph, _ = choose_glyphs(console).get_status_glyph(RunStepStatus.FAILED)
    style = "yellow" if failure.known else "red"
    location = f" ({failure.location})" if failure.location else ""
    line = f"{glyph} {failure.fault}{location}: {failure.outcome or 'no outcome'}"
    console.print(Text(line, style=style), soft_wrap=True)
    if failure.known:
        console.print(Text(f"    known: {failure.known}", style=style), soft_wrap=True)
    for problem in failure.problems:
        console.print(Text(f"    {problem}"), soft_wrap=True)
    console.print(Text(f"    {failure.replay}", style="cyan"), soft_wrap=True)


def _format_objective(objective: ObjectiveCounts) -> str:
    """Return one line, such as `RTO of 30m: missed in 12 of 400 trials; p50 8m, max 41m, without faults 8m`."""
    limit = durations.format_duration(objective.objective_seconds)
    values = (
        ("p50", objective.p50_seconds),
        ("max", objective.max_seconds),
        ("without faults", objective.clean_seconds),
    )
    times = ", ".join(
        f"{name} {'not measured' if seconds is None else durations.format_duration(round(seconds))}"
        for name, seconds in values
    )
    return f"{objective.name} of {limit}: missed in {objective.missed:,} of {objective.trials:,} trials; {times}"


def _format_stops(with_person: int, needless: Sequence[str]) -> str:
    """Return one line, such as `9 runs stopped or asked an operator: 8 needed one, 1 needed only a retry (call:17)`."""
    needed = f"{with_person - len(needless):,} needed one"
    start = f"{with_person:,} runs stopped or asked an operator: {needed}"
    if not needless:
        return start
    more = f", and {len(needless) - _MAX_NAMED_STOPS:,} more" if len(needless) > _MAX_NAMED_STOPS else ""
    return f"{start}, {len(needless):,} needed only a retry ({', '.join(needless[:_MAX_NAMED_STOPS])}{more})"


def _format_verdict(report: SweepReport) -> str:
    pace = f"{report.seconds:,.0f} s, {report.runs_per_minute:,.0f} trials per minute"
    if not report.violations:
        without_effect = len(report.without_effect)
        others = [
            *([f"{report.met:,} trials were equal to one of them"] if report.met else []),
            *([f"{without_effect:,} had no effect"] if without_effect else []),
        ]
        details = f" ({', '.join(others)})" if others else ""
        passed = f"all {report.distinct:,} distinct faults that took effect passed" if report.distinct else _NOTHING
        return f"{passed}{details}; {pace}"
    known = f", {report.known:,} of them in a known way" if report.known else ""
    return f"{report.violations:,} of {report.runs:,} trials failed{known}; {pace}"

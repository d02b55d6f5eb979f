"""Show the draws of a rehearsal: the percentiles, a histogram of each figure, the objectives, and failed draws."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leeward.base import durations
from leeward.cli.rendering.bars import draw_histogram
from leeward.cli.rendering.glyphs import Glyphs, choose_glyphs
from leeward.cli.rendering.text_format import format_number, to_one_line, wrap_to_width
from leeward.evidence.draws.draw_results import Draw, DrawsReport, ObjectiveReport, ObjectiveVerdict
from leeward.evidence.draws.figures import Distribution, Figure, FigureStatus, is_duration

_MAX_SHOWN = 20
_HISTOGRAM_WIDTH = 10
_MAX_PROBLEM_LINES = 3
_VERDICT_STYLES = {
    ObjectiveVerdict.HOLDS: "done",
    ObjectiveVerdict.MISSED: "failed",
    ObjectiveVerdict.NOT_MEASURED: "warning",
}


def show_draws(console: Console, report: DrawsReport) -> None:
    """Print the distributions, the objectives, the draws with problems, and the verdict."""
    glyphs = choose_glyphs(console)
    console.print(_build_distribution_table(report, glyphs))
    console.print()
    for objective in report.objectives:
        console.print(_format_objective(objective, report.distributions[objective.name]), soft_wrap=True)
    problems = report.problem_draws
    if problems:
        console.print()
    for draw in problems[:_MAX_SHOWN]:
        for line in _format_problem(draw, console.width):
            console.print(line, soft_wrap=True)
    if len(problems) > _MAX_SHOWN:
        console.print(f"and {len(problems) - _MAX_SHOWN} more. To list all of them, use --json")
    console.print()
    console.print(_format_verdict(report), soft_wrap=True)


def add_distribution_columns(table: Table) -> None:
    """Add the columns of `distribution_cells`."""
    for heading in ("p50", "p95", "max"):
        table.add_column(heading, justify="right", no_wrap=True)


def distribution_cells(distribution: Distribution, *, seconds: bool = True) -> list[Text]:
    """Return p50, p95, and the maximum."""
    return [_format_figure(each, seconds=seconds) for each in (distribution.p50, distribution.p95, distribution.max)]


def _build_distribution_table(report: DrawsReport, glyphs: Glyphs) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet")
    table.add_column("", no_wrap=True)
    add_distribution_columns(table)
    table.add_column("distribution", no_wrap=True)
    for name, distribution in report.distributions.items():
        seconds = is_duration(name)
        table.add_row(
            name.value,
            *distribution_cells(distribution, seconds=seconds),
            _format_histogram(distribution, glyphs, seconds=seconds),
        )
    return table


def _format_figure(figure: Figure, *, seconds: bool) -> Text:
    if figure.status is FigureStatus.NEVER_REACHED:
        return Text(figure.status.value, style="failed")
    return Text("-" if figure.value is None else _format_value(figure.value, seconds=seconds))


def _format_value(value: float, *, seconds: bool) -> str:
    return durations.format_duration(value) if seconds else format_number(value)


def _format_histogram(distribution: Distribution, glyphs: Glyphs, *, seconds: bool) -> Text:
    values = distribution.values
    if not values:
        return Text("" if distribution.count(FigureStatus.NEVER_REACHED) else "not measured", style="quiet")
    low, high = (_format_value(value, seconds=seconds) for value in (min(values), max(values)))
    columns = draw_histogram(values, _HISTOGRAM_WIDTH, glyphs)
    return Text(f"{low} ", style="quiet").append(columns, style="running").append(f" {high}" if high != low else "")


def _format_objective(objective: ObjectiveReport, distribution: Distribution) -> Text:
    limit = durations.format_duration(objective.objective_seconds)
    counts = f"{objective.reached} of {objective.draws} draws reached the objective"
    never, unmeasured = (
        distribution.count(FigureStatus.NEVER_REACHED),
        distribution.count(FigureStatus.NOT_MEASURED),
    )
    details = [f"{never} never reached it"] if never else []
    details += [f"{unmeasured} did not measure it"] if unmeasured else []
    line = Text(f"{objective.name.value} {limit}: ", style="name").append(counts, style="default")
    line.append(f" ({', '.join(details)})" if details else "", style="default")
    return line.append(f": {objective.verdict}", style=_VERDICT_STYLES[objective.verdict])


def _format_problem(draw: Draw, width: int) -> Iterator[Text]:
    """Yield the seed with its cause, the broken invariants, and the command to repeat the draw."""
    texts = [draw.problem] if draw.problem else []
    texts += [f"broke the invariant {broken}" for broken in draw.broken_invariants]
    texts += [f"step not done: {step}" for step in draw.unmet_steps]
    for text in texts:
        yield from wrap_to_width(f"seed {draw.seed}: {to_one_line(text)}", width, _MAX_PROBLEM_LINES, "failed")
    # Not wrapped, so that users can copy it.
    yield Text("again  ", style="quiet").append(draw.repeat)


def _format_verdict(report: DrawsReport) -> Text:
    last_seed = report.first_seed + report.asked - 1
    subject = (
        f"{report.application} {report.runbook}, scenario {report.scenario}: {len(report.draws)} of {report.asked} "
        f"draws, seeds {report.first_seed} to {last_seed}"
    )
    pace = f"{report.processor_seconds:,.0f} s of processor time"
    if report.was_interrupted:
        return Text("INTERRUPTED", style="failed").append(f"  {to_one_line(subject)}; {pace}", style="default")
    word, style = ("PASSED", "done") if report.passed else ("NOT PASSED", "failed")
    return Text(word, style=style).append(f"  {to_one_line(subject)}; {pace}", style="default")

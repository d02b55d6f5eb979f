"""Show the routing variants over many draws: the percentiles of each variant, and whether its bound holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from leeward.base import durations
from leeward.cli.rendering.text_format import to_one_line
from leeward.cli.screens.draws import add_distribution_columns, distribution_cells

if TYPE_CHECKING:
    from rich.console import Console

    from leeward.rehearsal.draws.variant_draws import VariantDistribution, VariantDraws

_MAX_SEEDS = 10


def show_variant_draws(console: Console, result: VariantDraws) -> None:
    """Print a table of the time until users left and one of the downtime, the exceeded bounds, and the verdict."""
    leave = _create_table("until the last user left")
    leave.add_column("bound", justify="right", no_wrap=True)
    leave.add_column("", no_wrap=True)
    downtime = _create_table("downtime")
    for each in result.variants:
        names = (to_one_line(each.scenario), to_one_line(each.variant))
        leave.add_row(
            *names, *distribution_cells(each.leave), durations.format_duration(each.bound_seconds), _judge(each)
        )
        downtime.add_row(*names, *distribution_cells(each.downtime))
    for table in (leave, downtime):
        console.print(table)
        console.print()
    for each in result.variants:
        if each.seeds_beyond_bound:
            console.print(Text(_describe_exceeded(each), style="failed"), soft_wrap=True)
    for failed in result.unplayed:
        console.print(Text(f"seed {failed.seed}: {to_one_line(failed.problem)}", style="failed"), soft_wrap=True)
    console.print(_format_verdict(result), soft_wrap=True)


def _create_table(title: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="quiet", title=title)
    table.title_justify, table.title_style = "left", "name"
    for heading in ("incident", "routing"):
        table.add_column(heading, no_wrap=True)
    add_distribution_columns(table)
    return table


def _judge(variant: VariantDistribution) -> Text:
    return Text("exceeded", style="failed") if variant.seeds_beyond_bound else Text("holds", style="done")


def _describe_exceeded(variant: VariantDistribution) -> str:
    seeds = variant.seeds_beyond_bound
    more = f" and {len(seeds) - _MAX_SEEDS} more" if len(seeds) > _MAX_SEEDS else ""
    return (
        f"{to_one_line(variant.scenario)}, {to_one_line(variant.variant)}: beyond the bound of time or writes with "
        f"seed {', '.join(map(str, seeds[:_MAX_SEEDS]))}{more}"
    )


def _format_verdict(result: VariantDraws) -> Text:
    last_seed = result.first_seed + result.asked - 1
    subject = (
        f"  {len(result.seeds)} of {result.asked} draws, seeds {result.first_seed} to {last_seed}, "
        f"{result.users} users. No runbook is started"
    )
    if result.was_interrupted:
        return Text("INTERRUPTED", style="failed").append(subject, style="default")
    word, style = ("PASSED", "done") if result.passed else ("NOT PASSED", "failed")
    return Text(word, style=style).append(subject, style="default")

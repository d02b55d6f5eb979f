"""Show the routing variants of an application: measured user impact and the bound of each variant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from leeward.base import durations

if TYPE_CHECKING:
    from rich.console import Console

    from leeward.rehearsal.runner.routing_comparison import VariantComparison, VariantReport

_COLUMNS = ("incident", "routing", "bound", "measured", "failed", "lost", "duplicated")


def show_variants(console: Console, result: VariantComparison) -> None:
    """Print the table and the meaning of its columns."""
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for heading in _COLUMNS:
        table.add_column(heading)
    for variant in result.variants:
        cells = format_row(variant)
        style = "done" if variant.is_within_bound else "failed"
        table.add_row(*cells[:3], Text(cells[3], style=style), *cells[4:])
    console.print(table)
    console.print(explain_columns(result), style="quiet")


def explain_columns(result: VariantComparison) -> str:
    """Return the meaning of the table's columns."""
    bounds = {variant.bound_seconds: _format_bound_sum(variant) for variant in result.variants}
    return (
        f"{result.users} users, seed {result.seed}. No runbook is started. "
        "Bound: detection + TTL + longer caching + open connection + timeout + retry, each at its longest: "
        f"{'; '.join(bounds.values())}. "
        "Measured: from the incident until the last user left the failed Region. Failed: failed user requests. "
        "Lost: numbers of the lost acknowledged writes. Duplicated: numbers of the duplicated writes."
    )


def format_row(variant: VariantReport) -> tuple[str, ...]:
    """Return the cells of one variant in one incident."""
    return (
        variant.scenario,
        variant.variant,
        durations.format_duration(variant.bound_seconds),
        durations.format_duration(variant.measured_seconds),
        f"{variant.failed} of {variant.requests}",
        _join_numbers([lost.number for lost in variant.writes.lost]),
        _join_numbers(variant.writes.duplicated),
    )


def _format_bound_sum(variant: VariantReport) -> str:
    return (
        f"{' + '.join(durations.format_duration(part) for part in variant.bound_parts)} = "
        f"{durations.format_duration(variant.bound_seconds)}"
    )


def _join_numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"

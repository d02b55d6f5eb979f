"""The variants of an application's routing side by side: what users saw, held against each one's bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from leeward.base import durations

if TYPE_CHECKING:
    from rich.console import Console

    from leeward.rehearsal.runner.routing_comparison import VariantComparison, VariantReport

_COLUMNS = ("incident", "routing", "bound", "measured", "failed", "lost", "twice")


def show_variants(console: Console, result: VariantComparison) -> None:
    """The table, and what each number is."""
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for head in _COLUMNS:
        table.add_column(head)
    for variant in result.variants:
        cells = format_row(variant)
        style = "done" if variant.is_within_bound else "failed"
        table.add_row(*cells[:3], Text(cells[3], style=style), *cells[4:])
    console.print(table)
    console.print(explain_columns(result), style="quiet")


def explain_columns(result: VariantComparison) -> str:
    """What each number of the table is."""
    bounds = {variant.bound_seconds: _format_bound_sum(variant) for variant in result.variants}
    return (
        f"{result.users} users, seed {result.seed}. Nobody starts a runbook. "
        f"Bound, of interval x threshold, TTL and one retry: {'; '.join(bounds.values())}. "
        "Measured: from the incident until the last user had left the struck Region. Failed: of the users' requests. "
        "Lost: acknowledged writes, by number. Twice: writes that became two."
    )


def format_row(variant: VariantReport) -> tuple[str, ...]:
    """The cells of one variant in one incident."""
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
    parts = (variant.detection_seconds, variant.ttl_seconds, variant.retry_seconds)
    return (
        f"{' + '.join(durations.format_duration(part) for part in parts)} = "
        f"{durations.format_duration(variant.bound_seconds)}"
    )


def _join_numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"

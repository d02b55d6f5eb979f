"""The variants of an application's routing side by side: what users saw, held against each one's bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from leeward.common import durations

if TYPE_CHECKING:
    from rich.console import Console

    from leeward.twin.variants import VariantReport, Variants

_HEADS = ("incident", "routing", "bound", "measured", "failed", "lost", "twice")


def show_variants(console: Console, result: Variants) -> None:
    """The table, and what each number is."""
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for head in _HEADS:
        table.add_column(head)
    for variant in result.variants:
        cells = row(variant)
        style = "done" if variant.held else "failed"
        table.add_row(*cells[:3], Text(cells[3], style=style), *cells[4:])
    console.print(table)
    console.print(explained(result), style="quiet")


def explained(result: Variants) -> str:
    """What each number of the table is."""
    bounds = {variant.bound_seconds: _sum(variant) for variant in result.variants}
    return (
        f"{result.users} users, seed {result.seed}. Nobody starts a runbook. "
        f"Bound, of interval x threshold, TTL and one retry: {'; '.join(bounds.values())}. "
        "Measured: from the incident until the last user had left the struck Region. Failed: of the users' requests. "
        "Lost: acknowledged writes, by number. Twice: writes that became two."
    )


def row(variant: VariantReport) -> tuple[str, ...]:
    """The cells of one variant in one incident."""
    return (
        variant.scenario,
        variant.variant,
        durations.show(variant.bound_seconds),
        durations.show(variant.measured_seconds),
        f"{variant.failed} of {variant.requests}",
        _numbers([lost.number for lost in variant.writes.lost]),
        _numbers(variant.writes.duplicated),
    )


def markdown(result: Variants) -> str:
    """The same table for a document."""
    lines = [" | ".join(_HEADS), " | ".join("---" for _ in _HEADS)]
    lines += [" | ".join(row(variant)) for variant in result.variants]
    return "\n".join(f"| {line} |" for line in lines)


def _sum(variant: VariantReport) -> str:
    parts = (variant.detection_seconds, variant.ttl_seconds, variant.retry_seconds)
    return f"{' + '.join(durations.show(part) for part in parts)} = {durations.show(variant.bound_seconds)}"


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"

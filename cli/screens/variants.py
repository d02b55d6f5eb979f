"""The variants of an application's routing side by side: what users saw, held against each one's bound."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from common import durations

if TYPE_CHECKING:
    from rich.console import Console

    from twin.variants import VariantReport, Variants

_HEADS = ("routing", "interval x threshold", "TTL", "one retry", "bound", "measured", "failed", "lost", "twice")


def show_variants(console: Console, result: Variants) -> None:
    """The table, and what each number is."""
    table = Table(box=None, pad_edge=False, header_style="quiet")
    for head in _HEADS:
        table.add_column(head)
    for variant in result.variants:
        cells = row(variant)
        style = "done" if variant.held else "failed"
        table.add_row(cells[0], *cells[1:5], Text(cells[5], style=style), *cells[6:])
    console.print(table)
    console.print(
        f"{result.users} users, scenario {result.scenario}, seed {result.seed}. Nobody starts a runbook. "
        "Measured: from the incident until the last user was served again. Lost: acknowledged writes, by number.",
        style="quiet",
    )


def row(variant: VariantReport) -> tuple[str, ...]:
    """The cells of one variant."""
    seconds = (variant.detection_seconds, variant.ttl_seconds, variant.retry_seconds, variant.bound_seconds)
    return (
        variant.variant,
        *(durations.show(value) for value in seconds),
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


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"

"""What the verdict rests on: the invariants, what the run would have used on AWS, and where the whole history is."""

from __future__ import annotations

from pathlib import Path

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from leeward.cli.root import shown
from leeward.cli.screens.glyphs import Glyphs
from leeward.cli.screens.words import clean, number, one_line
from leeward.twin.report import Rehearsal, StepStatus, Usage

_CALLS_NAMED = 4


def evidence(rehearsal: Rehearsal, *, root: Path, log: Path | None, signs: Glyphs) -> Group:
    """The invariants' table, the usage and the path of the history, which is relative to the project's `root`."""
    held = sum(i.held for i in rehearsal.invariants)
    facts = Table.grid(padding=(0, 2, 0, 0))
    facts.add_column(style="quiet", no_wrap=True)
    facts.add_column(overflow="fold")
    facts.add_row("usage", Text(_usage(rehearsal.usage)))
    facts.add_row("history", Text(clean(shown(root / rehearsal.history))))
    if log is not None:
        facts.add_row("log", Text(clean(shown(log))))
    return Group(
        Text(f"invariants  {held} of {len(rehearsal.invariants)} held", style="quiet"),
        Padding(_invariants(rehearsal, signs), (0, 0, 1, 2)),
        facts,
    )


def _invariants(rehearsal: Rehearsal, signs: Glyphs) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for invariant in rehearsal.invariants:
        sign, style = signs.of(StepStatus.DONE if invariant.held else StepStatus.FAILED)
        loud = "" if invariant.held else style
        word = "" if invariant.held else "BROKEN: "
        table.add_row(
            Text(sign, style=style),
            Text(one_line(invariant.name), style=loud),
            Text(f"{word}{one_line(invariant.detail)}", style=loud),
        )
    return table


def _usage(usage: Usage) -> str:
    calls = sorted(usage.api_calls.items(), key=lambda call: (-call[1], call[0]))
    named = ", ".join(f"{name} {number(n)}" for name, n in calls[:_CALLS_NAMED])
    return (
        f"{number(usage.state_transitions)} state transitions, {number(usage.lambda_invocations)} Lambda invocations, "
        f"{number(sum(n for _, n in calls))} AWS calls" + (f" (most: {named})" if named else "")
    )

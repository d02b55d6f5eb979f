"""What `leeward compile` wrote, and what has drifted."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leeward.cli.drift import FileState, GeneratedFile, States
from leeward.cli.root import shown
from leeward.cli.screens.words import clean

_DIFF_HEAD = 14
_DONE = {
    FileState.UNCHANGED: ("unchanged", "quiet"),
    FileState.MISSING: ("written, new", "done"),
    FileState.CHANGED: ("written", "done"),
    FileState.LEFT_OVER: ("removed", "warning"),
}
_FOUND = {
    FileState.MISSING: "is missing",
    FileState.CHANGED: "is not what the documents compile to",
    FileState.LEFT_OVER: "stands for no runbook any more",
}
_LINES = {"+": "green", "-": "red", "@": "cyan"}


def show_written(console: Console, states: States) -> None:
    """A row per file: written, unchanged or removed."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for file in states.files:
        word, style = _DONE[file.state]
        table.add_row(Text(word, style=style), Text(shown(file.path), style="quiet" if style == "quiet" else ""))
    console.print(table)
    written = sum(f.state in (FileState.MISSING, FileState.CHANGED) for f in states.files)
    removed = sum(f.state is FileState.LEFT_OVER for f in states.files)
    unchanged = len(states.files) - written - removed
    console.print(Text(f"{written} written, {removed} removed, {unchanged} unchanged"))
    if states.drifted:
        console.print(Text("Review the difference and commit it.", style="quiet"))


def show_drift(console: Console, states: States) -> None:
    """The drifted files, the head of each difference, and the mend; or that there is none."""
    if not states.drifted:
        console.print(Text(f"{len(states.files)} generated files are what the documents compile to", style="done"))
        return
    for file in states.drifted:
        line = Text().append(shown(file.path), style="name").append(f"  {_FOUND[file.state]}", style="failed")
        console.print(line, soft_wrap=True)
        _show_diff(console, file)
    counted = f"{len(states.drifted)} of {len(states.files)} generated files have drifted."
    console.print(Text().append(counted, style="failed"))
    console.print(Text("Run leeward compile, review the difference and commit it."))


def _show_diff(console: Console, file: GeneratedFile) -> None:
    for line in file.diff[:_DIFF_HEAD]:
        console.print(Text(f"    {clean(line)}", style=_LINES.get(line[:1], "")), soft_wrap=True)
    if len(file.diff) > _DIFF_HEAD:
        console.print(Text(f"    ... {len(file.diff) - _DIFF_HEAD} more lines", style="quiet"))
    console.print()

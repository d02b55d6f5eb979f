"""Show the files that `leeward compile` wrote, and the files that have drifted."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from leeward.cli.project.generated_files import FileState, GeneratedFile, GeneratedFiles
from leeward.cli.project.project_root import format_path
from leeward.cli.rendering.text_format import strip_control_characters, to_one_line

_MAX_DIFF_LINES = 14
_WRITTEN_WORDS = {
    FileState.UNCHANGED: ("unchanged", "quiet"),
    FileState.MISSING: ("written, new", "done"),
    FileState.CHANGED: ("written", "done"),
    FileState.LEFT_OVER: ("removed", "warning"),
}
_DRIFT_WORDS = {
    FileState.MISSING: "is missing",
    FileState.CHANGED: "is out of date",
    FileState.LEFT_OVER: "belongs to no runbook",
}
_DIFF_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def show_written(console: Console, generated: GeneratedFiles) -> None:
    """Print each file with its state (written, removed, or unchanged), and the totals."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for file in generated.files:
        word, style = _WRITTEN_WORDS[file.state]
        table.add_row(Text(word, style=style), Text(format_path(file.path), style="quiet" if style == "quiet" else ""))
    console.print(table)
    written = sum(f.state in (FileState.MISSING, FileState.CHANGED) for f in generated.files)
    removed = sum(f.state is FileState.LEFT_OVER for f in generated.files)
    unchanged = len(generated.files) - written - removed
    console.print(Text(f"{written} written, {removed} removed, {unchanged} unchanged"))
    if generated.drifted:
        console.print(Text("Review the differences and commit them.", style="quiet"))


def show_drift(console: Console, generated: GeneratedFiles) -> None:
    """Print each drifted file with the first lines of its diff and the fix, or that no file has drifted."""
    if not generated.drifted:
        console.print(Text(f"{len(generated.files)} generated files are up to date", style="done"))
        return
    for file in generated.drifted:
        line = (
            Text().append(format_path(file.path), style="name").append(f"  {_DRIFT_WORDS[file.state]}", style="failed")
        )
        console.print(line, soft_wrap=True)
        for finding in file.findings:
            console.print(Text(f"    {to_one_line(finding)}", style="failed"), soft_wrap=True)
        _show_diff(console, file)
    total = f"{len(generated.drifted)} of {len(generated.files)} generated files have drifted."
    console.print(Text().append(total, style="failed"))
    console.print(Text("Run leeward compile, review the differences, and commit them."))


def _show_diff(console: Console, file: GeneratedFile) -> None:
    for line in file.diff[:_MAX_DIFF_LINES]:
        console.print(
            Text(f"    {strip_control_characters(line)}", style=_DIFF_STYLES.get(line[:1], "")), soft_wrap=True
        )
    if len(file.diff) > _MAX_DIFF_LINES:
        console.print(Text(f"    ... {len(file.diff) - _MAX_DIFF_LINES} more lines", style="quiet"))
    console.print()

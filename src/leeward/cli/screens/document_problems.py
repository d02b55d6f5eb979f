"""Show problems in documents with their place, source line, expected values, and hint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from leeward.cli.project.project_root import format_path
from leeward.cli.rendering.text_format import strip_control_characters, to_one_line, wrap_to_width
from leeward.state_machines.diagnostics.problems import DocumentProblem, Severity

_STYLES = {Severity.ERROR: "failed", Severity.WARNING: "warning"}
_MAX_LINES = 12


def show_problems(console: Console, problems: Sequence[DocumentProblem]) -> None:
    """Print every problem. Each starts with `file:line:column`, which editors and terminals can open."""
    sources: dict[Path, list[str]] = {}
    for problem in problems:
        if problem.path not in sources:
            sources[problem.path] = _read_lines(problem.path)
        for line in format_problem(problem, sources[problem.path], console.width):
            console.print(line, soft_wrap=True)
        console.print()


def format_problem(problem: DocumentProblem, source: Sequence[str], width: int) -> list[Text]:
    """Return the lines that show one problem. `source` contains the lines of its file."""
    word = "" if problem.severity is Severity.ERROR else f"{problem.severity}: "
    head = Text().append(f"{format_path(problem.path)}:{problem.line}:{problem.column}", style="name")
    head.append(f"  {word}{to_one_line(problem.message)}", style=_STYLES[problem.severity])
    lines = [head, *_format_excerpt(problem, source, width)]
    for label, text in (("expected", problem.expected), ("hint", problem.hint)):
        for i, words in enumerate(wrap_to_width(text, max(20, width - 15), _MAX_LINES)):
            lines.append(Text().append(f"    {label if i == 0 else '':<8}  ", style="quiet").append_text(words))
    return lines


def format_tally(problems: Iterable[DocumentProblem], documents: int) -> Text:
    """Return the totals, such as `3 errors and 1 warning in 2 files; 5 documents checked`."""
    listed = list(problems)
    count = {s: sum(p.severity is s for p in listed) for s in Severity}
    checked = _format_count(documents, "document")
    if not listed:
        return Text(f"{checked} checked, no problems", style="done")
    parts = [_format_count(n, str(s)) for s, n in count.items() if n]
    files = len({p.path for p in listed})
    style = _STYLES[Severity.ERROR if count[Severity.ERROR] else Severity.WARNING]
    return Text(f"{' and '.join(parts)} in {_format_count(files, 'file')}; {checked} checked", style=style)


def _format_count(n: int, noun: str) -> str:
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _format_excerpt(problem: DocumentProblem, source: Sequence[str], width: int) -> list[Text]:
    """Return the source line, cut around the column to fit the terminal, and a caret below it."""
    if not 1 <= problem.line <= len(source):
        return []
    gutter = f"{problem.line:>5} | "
    line = source[problem.line - 1]
    at = min(max(problem.column - 1, 0), len(line))
    before, after = strip_control_characters(line[:at]), strip_control_characters(line[at:])
    room = max(10, width - len(gutter) - 1)
    lead = ""
    if cell_len(before) > room * 2 // 3:
        keep = room // 3
        while cell_len(before) > keep:
            before = before[1:]
        lead = "..."
    text = lead + before + after
    if cell_len(text) > room:
        text = set_cell_size(text, room - 3).rstrip() + "..."
    caret = " " * cell_len(lead + before) + "^"
    return [
        Text().append(gutter, style="quiet").append(text),
        Text().append(" " * 6 + "| ", style="quiet").append(caret, style=_STYLES[problem.severity]),
    ]

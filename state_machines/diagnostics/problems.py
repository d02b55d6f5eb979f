"""What is wrong with a document, and where: the one shape in which load and validate speak."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Severity(StrEnum):
    """An error keeps the runbook from being compiled; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """One thing to mend. `line` and `column` count from 1. `expected` and `hint` may be empty."""

    path: Path
    line: int
    column: int
    message: str
    expected: str = ""
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        text = f"{self.path}:{self.line}:{self.column}: {self.severity}: {self.message}"
        if self.expected:
            text += f"; expected {self.expected}"
        text = f"{text} ({self.hint})" if self.hint else text
        # Words of the document are quoted in messages: whatever they hold, this stays one line and harmless to show.
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def sort_problems(problems: Iterable[DocumentProblem]) -> tuple[DocumentProblem, ...]:
    """Sorted by place, each said once."""
    return tuple(sorted(set(problems), key=lambda p: (str(p.path), p.line, p.column, p.message)))


def did_you_mean(word: object, candidates: Iterable[str]) -> str:
    """`did you mean "targets"?`, or nothing when no valid word is near."""
    if not isinstance(word, str):
        return ""
    words = sorted(set(candidates))
    lowered = {w.lower().replace("_", "-"): w for w in reversed(words)}
    near = difflib.get_close_matches(word.lower().replace("_", "-"), lowered, n=1, cutoff=0.6)
    return f'did you mean "{lowered[near[0]]}"?' if near else ""


def format_alternatives(words: Iterable[str]) -> str:
    """`a, b or c`, for `expected`."""
    listed = list(words)
    if not listed:
        return "nothing"
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"

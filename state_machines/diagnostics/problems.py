"""A problem in a document with its location, as reported by load and validate."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Severity(StrEnum):
    """An error prevents the runbook from being compiled. A warning doesn't."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """A problem to fix. `line` and `column` count from 1. `expected` and `hint` may be empty."""

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
        # Messages quote text from the document. Escaping keeps them on one line and safe to print.
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def sort_problems(problems: Iterable[DocumentProblem]) -> tuple[DocumentProblem, ...]:
    """Return the problems sorted by location, without duplicates."""
    return tuple(sorted(set(problems), key=lambda p: (str(p.path), p.line, p.column, p.message)))


def did_you_mean(word: object, candidates: Iterable[str]) -> str:
    """Return a hint such as `did you mean "targets"?`, or an empty string when no candidate is similar."""
    if not isinstance(word, str):
        return ""
    words = sorted(set(candidates))
    lowered = {w.lower().replace("_", "-"): w for w in reversed(words)}
    near = difflib.get_close_matches(word.lower().replace("_", "-"), lowered, n=1, cutoff=0.6)
    return f'did you mean "{lowered[near[0]]}"?' if near else ""


def format_alternatives(words: Iterable[str]) -> str:
    """Return the words as `a, b or c`, for `expected`."""
    listed = list(words)
    if not listed:
        return "nothing"
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} or {listed[-1]}"

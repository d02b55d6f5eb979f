"""Places in a document: what turns `("steps", 2, "timeout")` into a line and a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from leeward.state_machines.diagnostics.problems import DocumentProblem, Severity

DocumentPath: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class TextPosition:
    """A line and a column, from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """A document's file and where each of its values, and each of its keys, stands."""

    path: Path
    value_positions: Mapping[DocumentPath, TextPosition] = field(default_factory=dict)
    key_positions: Mapping[DocumentPath, TextPosition] = field(default_factory=dict)

    def position_of(self, document_path: DocumentPath, *, key: bool = False) -> TextPosition:
        """Where `loc` stands; for something absent, where the nearest thing around it stands."""
        while document_path:
            found = (self.key_positions if key else self.value_positions).get(
                document_path
            ) or self.value_positions.get(document_path)
            if found is not None:
                return found
            document_path = document_path[:-1]
        return self.value_positions.get((), TextPosition())


@dataclass(frozen=True, slots=True)
class DocumentLocation:
    """One value of one document."""

    source: DocumentSource
    document_path: DocumentPath = ()

    def child(self, *parts: str | int) -> DocumentLocation:
        """A place inside this one."""
        return DocumentLocation(self.source, (*self.document_path, *parts))

    def problem(
        self,
        message: str,
        *,
        expected: str = "",
        hint: str = "",
        key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> DocumentProblem:
        """A problem here; `key=True` points at the key rather than at its value."""
        mark = self.source.position_of(self.document_path, key=key)
        return DocumentProblem(self.source.path, mark.line, mark.column, message, expected, hint, severity)

    def warning(self, message: str, *, hint: str = "") -> DocumentProblem:
        """Something to know that keeps nothing from being compiled."""
        return self.problem(message, hint=hint, severity=Severity.WARNING)

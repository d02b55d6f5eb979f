"""Locations in a document: maps a path such as `("steps", 2, "timeout")` to a line and a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from leeward.state_machines.diagnostics.problems import DocumentProblem, Severity

DocumentPath: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class TextPosition:
    """A line and a column, counted from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """A document's file, and the positions of its values and keys."""

    path: Path
    value_positions: Mapping[DocumentPath, TextPosition] = field(default_factory=dict)
    key_positions: Mapping[DocumentPath, TextPosition] = field(default_factory=dict)

    def position_of(self, document_path: DocumentPath, *, key: bool = False) -> TextPosition:
        """Return the position of `document_path`. For a missing value, return the position of the nearest enclosing
        value.
        """
        while document_path:
            position = (self.key_positions if key else self.value_positions).get(
                document_path
            ) or self.value_positions.get(document_path)
            if position is not None:
                return position
            document_path = document_path[:-1]
        return self.value_positions.get((), TextPosition())


@dataclass(frozen=True, slots=True)
class DocumentLocation:
    """The location of one value in a document."""

    source: DocumentSource
    document_path: DocumentPath = ()

    def child(self, *parts: str | int) -> DocumentLocation:
        """Return a location inside this one."""
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
        """Return a problem at this location. With `key=True`, it points at the key instead of the value."""
        mark = self.source.position_of(self.document_path, key=key)
        return DocumentProblem(self.source.path, mark.line, mark.column, message, expected, hint, severity)

    def warning(self, message: str, *, hint: str = "") -> DocumentProblem:
        """Return a warning at this location. A warning doesn't prevent compiling."""
        return self.problem(message, hint=hint, severity=Severity.WARNING)

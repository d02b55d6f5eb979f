"""Places in a document: what turns `("steps", 2, "timeout")` into a line and a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from leeward.state_machines.problems import Problem, Severity

Loc: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A line and a column, from 1."""

    line: int = 1
    column: int = 1


@dataclass(frozen=True, slots=True)
class Source:
    """A document's file and where each of its values, and each of its keys, stands."""

    path: Path
    values: Mapping[Loc, Mark] = field(default_factory=dict)
    keys: Mapping[Loc, Mark] = field(default_factory=dict)

    def mark(self, loc: Loc, *, key: bool = False) -> Mark:
        """Where `loc` stands; for something absent, where the nearest thing around it stands."""
        while loc:
            found = (self.keys if key else self.values).get(loc) or self.values.get(loc)
            if found is not None:
                return found
            loc = loc[:-1]
        return self.values.get((), Mark())


@dataclass(frozen=True, slots=True)
class Place:
    """One value of one document."""

    source: Source
    loc: Loc = ()

    def at(self, *more: str | int) -> Place:
        """A place inside this one."""
        return Place(self.source, (*self.loc, *more))

    def problem(
        self,
        message: str,
        *,
        expected: str = "",
        hint: str = "",
        key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """A problem here; `key=True` points at the key rather than at its value."""
        mark = self.source.mark(self.loc, key=key)
        return Problem(self.source.path, mark.line, mark.column, message, expected, hint, severity)

    def warning(self, message: str, *, hint: str = "") -> Problem:
        """Something to know that keeps nothing from being compiled."""
        return self.problem(message, hint=hint, severity=Severity.WARNING)

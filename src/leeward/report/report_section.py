"""A section of the report that a plug-in adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A section: its title, and rows of texts of equal length. The first row is the head. The page escapes all text.

    Raises ValueError for rows that are no table.
    """

    title: str
    rows: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        if not self.rows or len({len(row) for row in self.rows}) != 1:
            raise ValueError(f"the section {self.title!r} needs a head, and rows of its length")
        if not all(isinstance(cell, str) for row in self.rows for cell in row):
            raise ValueError(f"the section {self.title!r} has a cell that is not a text")

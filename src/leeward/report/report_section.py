"""A section of the report that a plug-in adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportSection:
    """A section: its title, and rows of text. The first row is the table's head. The page escapes all text."""

    title: str
    rows: Sequence[Sequence[str]]

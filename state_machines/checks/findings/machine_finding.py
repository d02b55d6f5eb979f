"""A finding of a machine check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MachineFinding:
    """A state that fails a check, and the reason."""

    check: str
    state: str
    text: str

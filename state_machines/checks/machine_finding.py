"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MachineFinding:
    """A state that is not as the check wants it, and why that matters."""

    check: str
    state: str
    text: str

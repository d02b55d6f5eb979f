"""What an invariant is: a promise that every rehearsal and every sweep trial is checked against."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport


@dataclass(frozen=True, slots=True)
class Invariant:
    """An invariant: its name, its promise in one line for docs/safety.md, and the function that checks it."""

    name: str
    promise: str
    check: Callable[[RunRecord], InvariantReport]

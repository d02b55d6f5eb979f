"""Whether and how a run has ended, read from its journal. A resumed run has not ended until it ends again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from leeward.common.errors import SurprisingAnswer
from leeward.control.journal.run_journal import JournalEntry, JournalEvent

# A policy that starts a rollback, as written in the runbook (state_machines/fields/failure_policy.py).
_UNDO_POLICY = re.compile(r"(?:retry (?P<retry>\d+), then )?undo")
_LOCK_EVENTS = (JournalEvent.LOCK_TAKEN, JournalEvent.LOCK_TAKEN_OVER, JournalEvent.LOCK_WAIVED)


def first_entry(entries: Sequence[JournalEntry]) -> JournalEntry:
    """Return the run's `run.began` entry. Raises SurprisingAnswer when it is missing."""
    for entry in entries:
        if entry.event is JournalEvent.RUN_BEGAN:
            return entry
    raise SurprisingAnswer(f"the journal has {len(entries)} entries, but none of them records the start of the run")


def end_entry(entries: Sequence[JournalEntry]) -> JournalEntry | None:
    """Return the entry of the run's current end. None if the run continues or its end was never recorded."""
    end = None
    for entry in entries:
        if entry.event is JournalEvent.RUN_ENDED:
            end = entry
        elif entry.event is JournalEvent.RUN_RESUMED:
            end = None
    return end


def count_ends(entries: Sequence[JournalEntry]) -> int:
    """Return how often the run has recorded an end."""
    return sum(1 for entry in entries if entry.event is JournalEvent.RUN_ENDED)


def had_lock(entries: Sequence[JournalEntry]) -> bool:
    """Return whether the run ever acquired the lock, or continued without it because its input waived the lock."""
    return any(entry.event in _LOCK_EVENTS for entry in entries)


def was_undone(entries: Sequence[JournalEntry]) -> bool:
    """Return whether the run rolled back its steps, or started to.

    The steps before the failed one may then be undone, even if the rollback failed, so the run must not continue there.
    """
    return any(
        _starts_undo(entry) or (entry.event is JournalEvent.STEP_DONE and entry.facts.get("undone"))
        for entry in entries
    )


def failed_undos(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """Return the failures during rollback, of steps whose changes remain completely or partly."""
    start = next((number for number, entry in enumerate(entries) if _starts_undo(entry)), len(entries))
    return [
        entry for entry in entries[start + 1 :] if entry.event is JournalEvent.STEP_FAILED and "policy" in entry.facts
    ]


def _starts_undo(entry: JournalEntry) -> bool:
    """Return whether a rollback follows this failure, and not a retry."""
    policy = _UNDO_POLICY.fullmatch(str(entry.facts.get("policy"))) if entry.event is JournalEvent.STEP_FAILED else None
    return policy is not None and (entry.attempt or 1) > int(policy["retry"] or 0)

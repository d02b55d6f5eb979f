"""The end of a run, as its journal tells it: a run that was resumed has not ended until it ends again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from leeward.common.errors import SurprisingAnswer
from leeward.control.journal.run_journal import JournalEntry, JournalEvent

# A policy that leads to the way back, in the words of the document (state_machines/fields/failure_policy.py).
_UNDO_POLICY = re.compile(r"(?:retry (?P<retry>\d+), then )?undo")
_LOCK_EVENTS = (JournalEvent.LOCK_TAKEN, JournalEvent.LOCK_TAKEN_OVER, JournalEvent.LOCK_WAIVED)


def first_entry(entries: Sequence[JournalEntry]) -> JournalEntry:
    """The run's first entry. Raises SurprisingAnswer where it is missing: whoever acts for a run has begun it."""
    for entry in entries:
        if entry.event is JournalEvent.RUN_BEGAN:
            return entry
    raise SurprisingAnswer(
        f"the journal was read, and {len(entries)} entries came without the one of the run's beginning"
    )


def end_entry(entries: Sequence[JournalEntry]) -> JournalEntry | None:
    """The entry of the end that stands; None for a run that goes on, or that never told of its end."""
    found = None
    for entry in entries:
        if entry.event is JournalEvent.RUN_ENDED:
            found = entry
        elif entry.event is JournalEvent.RUN_RESUMED:
            found = None
    return found


def count_ends(entries: Sequence[JournalEntry]) -> int:
    """How often the run has told of an end."""
    return sum(1 for entry in entries if entry.event is JournalEvent.RUN_ENDED)


def had_lock(entries: Sequence[JournalEntry]) -> bool:
    """Whether the run ever took the lock, or went on without it on a person's word."""
    return any(entry.event in _LOCK_EVENTS for entry in entries)


def was_undone(entries: Sequence[JournalEntry]) -> bool:
    """Whether the run took back what its steps had done, or set out to: the steps before the failed one are no longer
    known to be done, so that it must not go on there. That holds, too, where taking back failed in its turn."""
    return any(
        _starts_undo(entry) or (entry.event is JournalEvent.STEP_DONE and entry.facts.get("undone"))
        for entry in entries
    )


def failed_undos(entries: Sequence[JournalEntry]) -> list[JournalEntry]:
    """The failures on the way back, of steps whose work is there still, or half of it."""
    set_out = next((number for number, entry in enumerate(entries) if _starts_undo(entry)), len(entries))
    return [
        entry for entry in entries[set_out + 1 :] if entry.event is JournalEvent.STEP_FAILED and "policy" in entry.facts
    ]


def _starts_undo(entry: JournalEntry) -> bool:
    """Whether what follows this failure is the way back, and not another try."""
    policy = _UNDO_POLICY.fullmatch(str(entry.facts.get("policy"))) if entry.event is JournalEvent.STEP_FAILED else None
    return policy is not None and (entry.attempt or 1) > int(policy["retry"] or 0)

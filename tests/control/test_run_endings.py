"""The end of a run, as its journal tells it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome.run_end_state import count_ends, end_entry, failed_undos, had_lock, was_undone
from leeward.state_machines.fields.failure_policy import FailurePolicy, OnFailure

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def entry(event: JournalEvent, **facts: object) -> JournalEntry:
    return JournalEntry(AT, event, str(event), "recover", 1, facts)


ENDED, RESUMED = entry(JournalEvent.RUN_ENDED), entry(JournalEvent.RUN_RESUMED)


def test_resumed_run_has_no_end_until_it_ends_again() -> None:
    again = entry(JournalEvent.RUN_ENDED, outcome="succeeded")
    assert end_entry([ENDED]) is ENDED
    assert end_entry([ENDED, RESUMED]) is None
    assert end_entry([ENDED, RESUMED, again]) is again
    assert (count_ends([]), count_ends([ENDED, RESUMED, again])) == (0, 2)


@pytest.mark.parametrize("event", [JournalEvent.LOCK_TAKEN, JournalEvent.LOCK_TAKEN_OVER, JournalEvent.LOCK_WAIVED])
def test_lock_was_held_after_acquire_or_takeover(event: JournalEvent) -> None:
    assert had_lock([entry(event)])
    assert not had_lock([entry(JournalEvent.STEP_DONE), entry(JournalEvent.LOCK_RELEASED)])


def test_run_is_undone_only_after_step_undo() -> None:
    assert was_undone([entry(JournalEvent.STEP_DONE, undone=True)])
    assert not was_undone([entry(JournalEvent.STEP_DONE), entry(JournalEvent.RUN_BEGAN, undone=True)])


def failed(policy: FailurePolicy | str, attempt: int = 1) -> JournalEntry:
    return JournalEntry(AT, JournalEvent.STEP_FAILED, "failed", "recover", attempt, {"policy": str(policy)})


RETRY_TWICE_THEN_UNDO = FailurePolicy(retry=2, then=OnFailure.UNDO)


def test_policy_of_last_attempt_decides_whether_undo_began() -> None:
    assert was_undone([failed("stop"), failed(FailurePolicy(then=OnFailure.UNDO, retry=0))])
    assert was_undone([failed(RETRY_TWICE_THEN_UNDO, attempt) for attempt in (1, 2, 3)])
    assert was_undone([failed(RETRY_TWICE_THEN_UNDO, 4)]), "resumed, it is tried once"
    assert not was_undone([failed(RETRY_TWICE_THEN_UNDO), failed(RETRY_TWICE_THEN_UNDO, 2)]), "tried again"
    assert not was_undone([failed(RETRY_TWICE_THEN_UNDO), failed("stop")]), "tried again, and done"
    assert not was_undone([entry(JournalEvent.STEP_FAILED)])


@pytest.mark.parametrize("stuck", ["stop", "leave"])
def test_failed_undo_is_reported(stuck: str) -> None:
    """What was opened may be closed by then: the run must not go on as if it were not."""
    assert was_undone([failed("undo"), failed(stuck)])
    assert failed_undos([failed("stop"), failed("undo"), failed(stuck)]) == [failed(stuck)]
    assert failed_undos([failed("stop"), failed("undo")]) == []

"""The end of a run, as its journal tells it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from leeward.control.ends import end_of, ends_told, had_the_lock, not_taken_back, was_undone
from leeward.control.journal import Entry, Event
from leeward.state_machines.documents.policy import FailurePolicy, OnFailure

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def entry(event: Event, **facts: object) -> Entry:
    return Entry(AT, event, str(event), "recover", 1, facts)


ENDED, RESUMED = entry(Event.RUN_ENDED), entry(Event.RUN_RESUMED)


def test_a_run_that_was_resumed_has_not_ended_until_it_ends_again() -> None:
    again = entry(Event.RUN_ENDED, outcome="succeeded")
    assert end_of([ENDED]) is ENDED
    assert end_of([ENDED, RESUMED]) is None
    assert end_of([ENDED, RESUMED, again]) is again
    assert (ends_told([]), ends_told([ENDED, RESUMED, again])) == (0, 2)


@pytest.mark.parametrize("event", [Event.LOCK_TAKEN, Event.LOCK_TAKEN_OVER, Event.LOCK_WAIVED])
def test_a_run_had_the_lock_whichever_way_it_came_to_it(event: Event) -> None:
    assert had_the_lock([entry(event)])
    assert not had_the_lock([entry(Event.STEP_DONE), entry(Event.LOCK_RELEASED)])


def test_only_a_step_that_took_something_back_makes_it_undone() -> None:
    assert was_undone([entry(Event.STEP_DONE, undone=True)])
    assert not was_undone([entry(Event.STEP_DONE), entry(Event.RUN_BEGAN, undone=True)])


def failed(policy: FailurePolicy | str, attempt: int = 1) -> Entry:
    return Entry(AT, Event.STEP_FAILED, "failed", "recover", attempt, {"policy": str(policy)})


TWICE = FailurePolicy(retry=2, then=OnFailure.UNDO)


def test_the_policy_of_the_last_try_says_whether_it_set_out_to() -> None:
    assert was_undone([failed("stop"), failed(FailurePolicy(then=OnFailure.UNDO, retry=0))])
    assert was_undone([failed(TWICE, attempt) for attempt in (1, 2, 3)])
    assert was_undone([failed(TWICE, 4)]), "resumed, it is tried once"
    assert not was_undone([failed(TWICE), failed(TWICE, 2)]), "tried again"
    assert not was_undone([failed(TWICE), failed("stop")]), "tried again, and done"
    assert not was_undone([entry(Event.STEP_FAILED)])


@pytest.mark.parametrize("stuck", ["stop", "leave"])
def test_taking_back_may_fail_in_its_turn(stuck: str) -> None:
    """What was opened may be closed by then: the run must not go on as if it were not."""
    assert was_undone([failed("undo"), failed(stuck)])
    assert not_taken_back([failed("stop"), failed("undo"), failed(stuck)]) == [failed(stuck)]
    assert not_taken_back([failed("stop"), failed("undo")]) == []

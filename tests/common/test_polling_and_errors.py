"""The waiting construct's answers, and the names that a state machine matches."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.common import errors
from leeward.common.claims.types.run_claims import Notified
from leeward.common.polling import MAX_CALL_SECONDS, PollProgress, PollResult, PollState, PollStatus
from tests.support.nonempty import nonempty

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
POLL = PollState(first_seconds=10, longest_seconds=60, timeout_seconds=600)
WAITING = PollResult(False, "launching", memo="one job")
DONE = PollResult.reached(Notified(message="told"))


def next_poll(progress: PollProgress) -> PollState:
    """Return what the state machine passes to the next call."""
    members = ("attempt", "waited_seconds", "started_at", "news", "memo")
    return POLL.model_copy(update={name: getattr(progress, name) for name in members})


def test_poll_interval_grows_to_maximum() -> None:
    waits = [POLL.model_copy(update={"attempt": n}).next_interval(0) for n in range(7)]
    assert waits == [10, 15, 22, 34, 51, 60, 60]


def test_last_poll_is_at_timeout() -> None:
    assert POLL.model_copy(update={"attempt": 9}).next_interval(elapsed_seconds=583) == 17


@pytest.mark.parametrize(("pause", "wait"), [(None, 10), (3.0, 10), (16.2, 17), (9_999.0, 600)])
def test_poll_waits_as_long_as_aws_asks(pause: float | None, wait: int) -> None:
    progress = PollProgress.from_poll(POLL, START, WAITING, pause_seconds=pause)
    assert progress.wait_seconds == wait


@pytest.mark.parametrize(("pause", "wait"), [(None, 1), (3.5, 4)])
def test_call_that_left_work_is_followed_at_once_and_is_no_poll(pause: float | None, wait: int) -> None:
    poll = next_poll(PollProgress.from_poll(POLL, START, WAITING))
    at = START + timedelta(seconds=40)
    progress = PollProgress.from_poll(poll, at, WAITING, pause_seconds=pause, has_left_work=True)
    assert (progress.wait_seconds, progress.attempt, progress.elapsed_seconds) == (wait, 1, 40)
    assert progress.waited_seconds == 10 + wait + MAX_CALL_SECONDS, "the step's time ends even if each call leaves work"


@given(st.integers(0, 10_000), st.integers(0, 10_000_000))
def test_poll_interval_stays_within_bounds(attempt: int, elapsed: int) -> None:
    assert 1 <= POLL.model_copy(update={"attempt": attempt}).next_interval(elapsed) <= 60


def test_first_progress_sets_start_time_and_later_ones_keep_it() -> None:
    first = PollProgress.from_poll(POLL, START, WAITING)
    assert (first.status, first.attempt, first.started_at, first.wait_seconds) == (PollStatus.WAITING, 1, START, 10)
    again = next_poll(first)
    later = PollProgress.from_poll(again, START + timedelta(seconds=70), DONE)
    assert (later.status, later.elapsed_seconds, later.wait_seconds) == (PollStatus.DONE, 70, 0)


@given(st.lists(st.integers(0, MAX_CALL_SECONDS), max_size=30), st.integers(0, 30), st.integers(1, 100_000))
def test_stopped_time_does_not_count_as_waiting(calls: list[int], idle_after: int, idle: int) -> None:
    """Each call as long as it may be; between two of them a person had stopped the run."""
    poll, now, worked = POLL, START, 0
    for number, seconds in enumerate(calls):
        now += timedelta(seconds=seconds)
        worked += seconds if number else 0
        if number == idle_after and number:
            now += timedelta(seconds=idle)
        progress = PollProgress.from_poll(poll, now, WAITING)
        if number < idle_after:
            assert progress.elapsed_seconds == worked
        else:
            at_most = poll.waited_seconds + MAX_CALL_SECONDS * (number + 1)
            assert worked <= progress.elapsed_seconds <= min(at_most, worked + idle)
        poll = next_poll(progress)
        now += timedelta(seconds=progress.wait_seconds)
        worked += progress.wait_seconds


def test_run_stopped_for_an_hour_keeps_remaining_step_time() -> None:
    poll = next_poll(PollProgress.from_poll(POLL, START, WAITING))
    resumed = START + timedelta(hours=1)
    progress = PollProgress.from_poll(poll, resumed, WAITING)
    assert progress.elapsed_seconds == 10 + 2 * MAX_CALL_SECONDS
    later = next_poll(progress)
    assert later.elapsed_seconds(resumed + timedelta(seconds=17)) == 10 + 2 * MAX_CALL_SECONDS + 17


def test_every_error_is_transient_permanent_or_halting() -> None:
    retry, decide = set(errors.leaf_error_names(errors.Transient)), set(errors.leaf_error_names(errors.Permanent))
    assert retry == {"Throttled", "ServiceUnavailable", "AnswerLost", "CredentialsExpired", "Busy"}
    assert not retry & decide
    halt = set(errors.leaf_error_names(errors.Halting))
    assert halt == {"LockLost", "UnexpectedError", "EndUntold"}
    assert set(errors.leaf_error_names()) == retry | decide | halt


def test_error_tree_in_docstring_is_complete() -> None:
    drawn = errors.__doc__ or ""
    for name in nonempty(errors.leaf_error_names()):
        assert f"── {name} " in drawn, name

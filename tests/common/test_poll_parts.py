"""Several parts of one poll: when the step is done, waits, or fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from leeward.common.claims.types.run_claims import Notified
from leeward.common.errors import LaunchFailed, LeewardError, LockLost, NotReady, ServiceUnavailable, Throttled
from leeward.common.polling import PollResult
from leeward.common.task_calls.poll_parts import PolledParts

WAITING = PollResult(False, "launching", (Notified(message="one job"),))


def done(text: str) -> PollResult:
    return PollResult.reached(Notified(message=text))


def raising(error: Exception) -> Callable[[], PollResult]:
    def work() -> PollResult:
        raise error

    return work


def polled(**outcomes: PollResult | LeewardError) -> PolledParts:
    """Return the parts after a poll in which each had this outcome."""
    parts = PolledParts()
    for name, outcome in outcomes.items():
        parts.poll(name, raising(outcome) if isinstance(outcome, LeewardError) else lambda result=outcome: result)
    return parts


def messages(claims: tuple[object, ...]) -> list[str]:
    return [claim.message for claim in claims if isinstance(claim, Notified)]


def test_parts_are_done_with_claims_of_all() -> None:
    parts = polled(web=done("web is up"), mail=done("mail is up"))
    result = parts.combine()
    assert (parts.is_done, result.done) == (True, True)
    assert messages(result.claims) == ["web is up", "mail is up"]


def test_one_waiting_part_keeps_all_waiting() -> None:
    result = polled(web=done("web is up"), mail=WAITING).combine()
    assert not result.done
    assert result.detail.endswith("; launching")
    assert messages(result.claims) == ["web is up", "one job"]


def test_poll_returns_result_or_none() -> None:
    parts = PolledParts()
    assert parts.poll("web", lambda: WAITING) is WAITING
    assert parts.poll("mail", raising(LaunchFailed("no capacity"))) is None


@pytest.mark.parametrize("other", [WAITING, Throttled("rate exceeded")])
def test_failure_waits_for_other_parts(other: PollResult | LeewardError) -> None:
    parts = polled(web=LaunchFailed("no capacity"), mail=other)
    assert "web: no capacity" in parts.combine().detail
    assert not parts.is_done
    with pytest.raises(LaunchFailed, match=r"^no capacity$"):
        parts.combine(is_last=True)


def test_failure_is_raised_when_other_parts_have_ended() -> None:
    parts = polled(web=LaunchFailed("no capacity", claims=[Notified(message="web-1 is up")]), mail=done("mail is up"))
    with pytest.raises(LaunchFailed, match=r"^no capacity$") as failed:
        parts.combine()
    assert messages(failed.value.claims) == ["mail is up", "web-1 is up"]


def test_failures_of_several_parts_have_class_of_first() -> None:
    first = NotReady("a live instance", claims=[Notified(message="web-1")])
    with pytest.raises(NotReady, match=r"^a live instance; no capacity$") as failed:
        polled(web=first, mail=LaunchFailed("no capacity", claims=[Notified(message="mail-1")])).combine()
    assert messages(failed.value.claims) == ["web-1", "mail-1"]


def test_only_failure_is_raised_unchanged() -> None:
    error = LaunchFailed("no capacity")
    with pytest.raises(LaunchFailed) as failed:
        polled(web=error).combine()
    assert failed.value is error


def test_transient_error_of_one_part_does_not_stop_others() -> None:
    result = polled(web=Throttled("rate exceeded"), mail=done("mail is up")).combine()
    assert not result.done
    assert "web: Throttled: rate exceeded; will be tried again" in result.detail
    assert messages(result.claims) == ["mail is up"]


def test_transient_error_is_raised_if_no_part_was_polled() -> None:
    first = Throttled("rate exceeded", retry_after_seconds=9)
    with pytest.raises(Throttled) as missed:
        polled(web=first, mail=ServiceUnavailable("503")).combine()
    assert missed.value is first


@pytest.mark.parametrize("error", [LockLost("run-2 holds the lock"), KeyError("a defect")])
def test_halting_and_unexpected_errors_end_the_poll(error: Exception) -> None:
    with pytest.raises(type(error)):
        PolledParts().poll("web", raising(error))

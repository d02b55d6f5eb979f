"""Several parts of one poll: when the step is done, waits, or fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from leeward.common.claims.types.run_claims import Notified
from leeward.common.errors import LaunchFailed, LeewardError, LockLost, NotReady, ServiceUnavailable, Throttled
from leeward.common.polling import PollResult
from leeward.common.task_calls.call_time import measure_call
from leeward.common.task_calls.poll_parts import PolledParts
from tests.support.task_world import TaskWorld, open_task_world

WAITING = PollResult(False, "launching", (Notified(message="one job"),))


@pytest.fixture
def world() -> Iterator[TaskWorld]:
    """For its virtual time."""
    with open_task_world() as made:
        yield made


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


def test_only_failure_is_raised_with_its_claims_and_part() -> None:
    error = LaunchFailed("no capacity", claims=[Notified(message="web-1 is up")])
    with pytest.raises(LaunchFailed, match=r"^no capacity$") as failed:
        polled(web=error).combine()
    assert messages(failed.value.claims) == ["web-1 is up"]
    (part,) = failed.value.parts
    assert (part.name, part.state, part.detail) == ("web", "failed", "no capacity")


def test_progress_names_state_of_each_part() -> None:
    parts = polled(web=done("web is up"), mail=WAITING, files=Throttled("rate exceeded"), data=LaunchFailed("no room"))
    states = {"web": "done", "mail": "waiting", "files": "waiting", "data": "failed"}
    result = parts.combine()
    assert {part.name: part.state for part in result.parts} == states
    assert {part.name: part.state for part in polled(web=done("web is up")).combine().parts} == {"web": "done"}


@pytest.mark.parametrize(("seconds", "polled_parts"), [(14, ["web", "mail", "files"]), (16, ["web"])])
def test_part_after_missed_one_is_skipped_when_slice_is_over(
    world: TaskWorld, seconds: float, polled_parts: list[str]
) -> None:
    """The service that does not respond took all the time of the call."""
    parts, seen = PolledParts(), []

    def work(part: str) -> PollResult:
        seen.append(part)
        world.advance(seconds if part == "web" else 0)
        raise ServiceUnavailable("503")

    with measure_call():
        for part in ("web", "mail", "files"):
            parts.poll(part, lambda part=part: work(part))  # type: ignore[misc]
    assert seen == polled_parts
    assert list(parts.missed) == ["web", "mail", "files"]


def test_part_after_slow_one_that_responded_is_polled(world: TaskWorld) -> None:
    parts = PolledParts()

    def slow() -> PollResult:
        world.advance(20)
        return WAITING

    with measure_call():
        assert parts.poll("web", slow) is not None
        assert parts.poll("mail", lambda: WAITING) is not None


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

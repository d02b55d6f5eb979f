"""The truthful end: from a journal to what people read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.control.failure import Failure
from leeward.control.journal import Entry, Event
from leeward.control.outcome import Fate, Users, cause, step_ends, users
from leeward.control.run import RunRef, StepName
from tests.lambdas.world import run_ref

RUN = RunRef.model_validate(run_ref())
AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STEPS = [
    StepName(id="lock", name="Take the lock", kind="lock"),
    StepName(id="approve", name="Ask for approval", kind="approval.request"),
    StepName(id="recover", name="Recover the servers", kind="drs.recover"),
    StepName(id="route", name="Send the users", kind="arc.route"),
    StepName(id="tell", name="Tell the team", kind="notify"),
]


def log(*events: tuple[str, Event, Mapping[str, object]] | tuple[str, Event], attempt: int = 1) -> list[Entry]:
    """Entries a second apart: (step, event, facts)."""
    return [
        Entry(AT + timedelta(seconds=n), given[1], f"{given[0]} {given[1]}", given[0], attempt, dict(*given[2:]))
        for n, given in enumerate(events)
    ]


S, W, D, F = Event.STEP_STARTED, Event.STEP_WAITING, Event.STEP_DONE, Event.STEP_FAILED
LOCKED = log(("lock", S), ("lock", Event.LOCK_TAKEN), ("lock", D))


def fates(*entries: Entry, succeeded: bool = False) -> dict[str, Fate]:
    return {end.step.id: end.fate for end in step_ends(STEPS, entries, succeeded=succeeded)}


def test_what_no_one_began_was_not_reached() -> None:
    assert set(fates().values()) == {Fate.NOT_REACHED}


def test_a_silent_step_is_done_when_a_later_one_was_reached() -> None:
    assert fates(*LOCKED)["approve"] is Fate.NOT_REACHED
    assert fates(*LOCKED, *log(("recover", S)))["approve"] is Fate.DONE


def test_a_silent_step_is_done_when_the_run_failed_at_a_later_one_that_left_no_trace() -> None:
    """The journal could not be written by then."""
    ends = step_ends(STEPS, LOCKED, succeeded=False, failed="recover")
    assert {end.step.id: end.fate for end in ends}["approve"] is Fate.DONE
    text = cause(RUN, STEPS, LOCKED, FAILURE, keep_lock=True)
    assert "Done: Take the lock, Ask for approval." in text


def test_a_step_of_parts_is_done_when_all_are() -> None:
    a, b = {"part": "a"}, {"part": "b"}
    begun = log(("recover", S, a), ("recover", S, b), ("recover", D, a))
    assert fates(*begun)["recover"] is Fate.UNFINISHED
    assert fates(*begun, *log(("recover", D, b)))["recover"] is Fate.DONE
    assert fates(*begun, *log(("recover", F, b)))["recover"] is Fate.FAILED


def test_a_retry_that_succeeds_forgets_the_failure() -> None:
    failed = log(("recover", S, {"part": "a"}), ("recover", F, {"part": "a"}), ("recover", F, {"policy": "retry"}))
    again = log(("recover", S, {"part": "a"}), ("recover", D, {"part": "a"}), attempt=2)
    assert fates(*failed)["recover"] is Fate.FAILED
    assert fates(*failed, *again)["recover"] is Fate.DONE


@pytest.mark.parametrize(
    ("last", "fate"),
    [
        (("recover", Event.QUESTION_ANSWERED, {"decision": "skip"}), Fate.PASSED_OVER),
        (("recover", F, {"policy": "continue"}), Fate.PASSED_OVER),
        (("recover", D, {"undone": True}), Fate.UNDONE),
    ],
)
def test_what_was_passed_over_or_undone_is_not_called_done(
    last: tuple[str, Event, dict[str, object]], fate: Fate
) -> None:
    assert fates(*log(("recover", S), ("recover", F), last))["recover"] is fate


TO_WEST, TO_EAST = {"traffic": ["west"]}, {"traffic": ["east"]}


@pytest.mark.parametrize(
    ("entries", "where"),
    [
        ([], Users.NOT_MOVED),
        ([("recover", D)], Users.NOT_MOVED),
        ([("route", S)], Users.UNKNOWN),
        ([("route", S), ("route", F, {"error": "SafetyRuleBlocked"})], Users.NOT_MOVED),
        ([("route", S), ("route", F, {"error": "AccessDenied"})], Users.NOT_MOVED),
        ([("route", S), ("route", F, {"error": "RouteUnconfirmed"})], Users.UNKNOWN),
        ([("route", S), ("route", F, {"error": "States.Timeout"})], Users.UNKNOWN),
        ([("route", S), ("route", D, TO_WEST)], Users.MOVED),
        ([("route", S), ("route", D, TO_WEST), ("route", S), ("route", D, TO_EAST)], Users.MOVED_BACK),
        ([("route", S), ("route", D, TO_WEST), ("route", S)], Users.UNKNOWN),
    ],
)
def test_whether_the_users_were_moved(entries: list[tuple[str, Event]], where: Users) -> None:
    assert users(STEPS, log(*entries))[0] is where


FAILURE = Failure(step="recover", error="LaunchFailed", cause="1 of 2 servers did not launch: s-1: no capacity")


def test_the_end_of_a_failed_run_says_everything() -> None:
    entries = [*LOCKED, *log(("recover", S), ("recover", F, {"error": "LaunchFailed"}))]
    assert cause(RUN, STEPS, entries, FAILURE, keep_lock=False).splitlines() == [
        "Run website.failover.run-1 (us-east-1 -> us-west-2) failed.",
        "Failed: Recover the servers: LaunchFailed: 1 of 2 servers did not launch: s-1: no capacity",
        "Done: Take the lock, Ask for approval.",
        "Not done: Send the users, Tell the team.",
        "Users: were not moved (no step that moves them was carried out).",
        "Lock: released.",
        "Now: mend the cause; `leeward resume website.failover.run-1` goes on at the step that failed; or start "
        'failover of website again with {"take_over": "website.failover.run-1"}; '
        "servers that this run has launched are kept, not launched twice.",
    ]


def test_a_kept_lock_is_told_with_the_way_on() -> None:
    text = cause(RUN, STEPS, LOCKED, FAILURE, keep_lock=True)
    assert "Lock: still held by this run, of website." in text
    assert '{"take_over": "website.failover.run-1"}' in text
    assert "no other run starts until then" in text


def test_what_was_said_of_the_incident_is_to_be_said_again() -> None:
    """Without it the next run reckons its data loss from its own start, and is refused for it."""
    said = {"incident_at": AT, "point_in_time": AT - timedelta(hours=1), "accept_data_loss": True}
    text = cause(RUN.model_copy(update=said), STEPS, LOCKED, FAILURE, keep_lock=True)
    again = json.JSONDecoder().raw_decode(text[text.index("again with ") + len("again with ") :])[0]
    assert again == {
        "take_over": "website.failover.run-1",
        "incident_at": "2026-03-01T09:00:00+00:00",
        "point_in_time": "2026-03-01T08:00:00+00:00",
        "accept_data_loss": True,
    }


def test_a_lock_that_was_never_held_is_not_called_released() -> None:
    text = cause(RUN, STEPS, [], Failure(step="lock", error="LockHeld", cause="x"), keep_lock=False)
    assert "Lock: this run did not hold it." in text


def test_unknown_traffic_comes_first_in_the_advice() -> None:
    entries = log(("route", S), ("route", F, {"error": "RouteUnconfirmed"}))
    text = cause(RUN, STEPS, entries, Failure(step="route", error="RouteUnconfirmed", cause="x"), keep_lock=True)
    assert "Users: may or may not have been sent to us-west-2" in text
    assert "Now: find out where the users are sent before anything else" in text


def test_what_retires_its_origin_is_only_resumed() -> None:
    """Started anew it would ask for servers that are gone."""
    steps = [*STEPS, StepName(id="retire", name="Retire", kind="drs.retire")]
    failure = Failure(step="retire", error="AccessDenied", cause="x")
    before = cause(RUN, steps, LOCKED, failure, keep_lock=True)
    assert "or start failover of website again with" in before
    text = cause(RUN, steps, [*LOCKED, *log(("retire", S), ("retire", F))], failure, keep_lock=True)
    assert "`leeward resume website.failover.run-1` goes on at the step that failed; started anew, failover" in text
    assert "again with" not in text


def test_a_success_says_what_was_passed_over() -> None:
    entries = [*LOCKED, *log(("recover", D), ("route", D, TO_WEST), ("tell", F, {"policy": "continue"}))]
    text = cause(RUN, STEPS, entries, None, keep_lock=False)
    assert text.splitlines()[0].endswith("succeeded.")
    assert "Passed over: Tell the team" in text
    assert "Users: were sent to us-west-2" in text


EVENTS = st.sampled_from([e for e in Event if e not in (Event.RUN_BEGAN, Event.RUN_ENDED)])
FACTS = st.dictionaries(
    st.sampled_from(["part", "error", "policy", "decision", "undone", "traffic"]), st.sampled_from(["a", "skip", "b"])
)
ENTRY = st.tuples(st.sampled_from([s.id for s in STEPS]), EVENTS, FACTS)


@given(st.lists(ENTRY, max_size=12), st.booleans())
def test_every_journal_has_an_end_that_names_every_step(
    given: list[tuple[str, Event, dict[str, object]]], keep: bool
) -> None:
    entries = log(*given)
    text = cause(RUN, STEPS, entries, FAILURE, keep_lock=keep)
    assert all(step.name in text for step in STEPS)
    done = next((line for line in text.splitlines() if line.startswith("Done: ")), "")
    for step in STEPS:
        if step.kind not in ("approval.request",) and step.name in done:
            assert any(e.step == step.id and e.event in (D, Event.QUESTION_ANSWERED) for e in entries)


def test_where_users_were_moved_is_told_in_the_words_of_the_last_move() -> None:
    there, back = log(("route", D, TO_WEST), ("route", D, TO_EAST))
    back = replace(back, detail="back in us-east-1")
    assert users(STEPS, [there]) == (Users.MOVED, there.detail)
    assert users(STEPS, [there, back]) == (Users.MOVED_BACK, "back in us-east-1")

"""The truthful end: from a journal to what people read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome.run_summary import (
    StepOutcome,
    TrafficOutcome,
    assess_traffic,
    summarize_run,
    summarize_steps,
)
from leeward.control.outcome.step_failure import StepFailure
from leeward.control.run.run_reference import RunbookStep, RunRef
from tests.lambdas.world import run_ref

RUN = RunRef.model_validate(run_ref())
AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STEPS = [
    RunbookStep(id="lock", name="Take the lock", kind="lock"),
    RunbookStep(id="approve", name="Ask for approval", kind="approval.request"),
    RunbookStep(id="recover", name="Recover the servers", kind="drs.recover"),
    RunbookStep(id="route", name="Send the users", kind="arc.route"),
    RunbookStep(id="tell", name="Tell the team", kind="notify"),
]


def log(
    *events: tuple[str, JournalEvent, Mapping[str, object]] | tuple[str, JournalEvent], attempt: int = 1
) -> list[JournalEntry]:
    """Entries a second apart: (step, event, facts)."""
    return [
        JournalEntry(AT + timedelta(seconds=n), given[1], f"{given[0]} {given[1]}", given[0], attempt, dict(*given[2:]))
        for n, given in enumerate(events)
    ]


S, W, D, F = JournalEvent.STEP_STARTED, JournalEvent.STEP_WAITING, JournalEvent.STEP_DONE, JournalEvent.STEP_FAILED
LOCKED = log(("lock", S), ("lock", JournalEvent.LOCK_TAKEN), ("lock", D))


def fates(*entries: JournalEntry, succeeded: bool = False) -> dict[str, StepOutcome]:
    return {end.step.id: end.outcome for end in summarize_steps(STEPS, entries, succeeded=succeeded)}


def test_what_no_one_began_was_not_reached() -> None:
    assert set(fates().values()) == {StepOutcome.NOT_REACHED}


def test_a_silent_step_is_done_when_a_later_one_was_reached() -> None:
    assert fates(*LOCKED)["approve"] is StepOutcome.NOT_REACHED
    assert fates(*LOCKED, *log(("recover", S)))["approve"] is StepOutcome.DONE


def test_a_silent_step_is_done_when_the_run_failed_at_a_later_one_that_left_no_trace() -> None:
    """The journal could not be written by then."""
    ends = summarize_steps(STEPS, LOCKED, succeeded=False, failed="recover")
    assert {end.step.id: end.outcome for end in ends}["approve"] is StepOutcome.DONE
    text = summarize_run(RUN, STEPS, LOCKED, FAILURE, keep_lock=True)
    assert "Done: Take the lock, Ask for approval." in text


def test_a_step_of_parts_is_done_when_all_are() -> None:
    a, b = {"part": "a"}, {"part": "b"}
    begun = log(("recover", S, a), ("recover", S, b), ("recover", D, a))
    assert fates(*begun)["recover"] is StepOutcome.UNFINISHED
    assert fates(*begun, *log(("recover", D, b)))["recover"] is StepOutcome.DONE
    assert fates(*begun, *log(("recover", F, b)))["recover"] is StepOutcome.FAILED


def test_a_retry_that_succeeds_forgets_the_failure() -> None:
    failed = log(("recover", S, {"part": "a"}), ("recover", F, {"part": "a"}), ("recover", F, {"policy": "retry"}))
    again = log(("recover", S, {"part": "a"}), ("recover", D, {"part": "a"}), attempt=2)
    assert fates(*failed)["recover"] is StepOutcome.FAILED
    assert fates(*failed, *again)["recover"] is StepOutcome.DONE


@pytest.mark.parametrize(
    ("last", "fate"),
    [
        (("recover", JournalEvent.QUESTION_ANSWERED, {"decision": "skip"}), StepOutcome.SKIPPED),
        (("recover", F, {"policy": "continue"}), StepOutcome.SKIPPED),
        (("recover", D, {"undone": True}), StepOutcome.UNDONE),
    ],
)
def test_what_was_passed_over_or_undone_is_not_called_done(
    last: tuple[str, JournalEvent, dict[str, object]], fate: StepOutcome
) -> None:
    assert fates(*log(("recover", S), ("recover", F), last))["recover"] is fate


TO_WEST, TO_EAST = {"traffic": ["west"]}, {"traffic": ["east"]}


@pytest.mark.parametrize(
    ("entries", "where"),
    [
        ([], TrafficOutcome.NOT_MOVED),
        ([("recover", D)], TrafficOutcome.NOT_MOVED),
        ([("route", S)], TrafficOutcome.UNKNOWN),
        ([("route", S), ("route", F, {"error": "SafetyRuleBlocked"})], TrafficOutcome.NOT_MOVED),
        ([("route", S), ("route", F, {"error": "AccessDenied"})], TrafficOutcome.NOT_MOVED),
        ([("route", S), ("route", F, {"error": "RouteUnconfirmed"})], TrafficOutcome.UNKNOWN),
        ([("route", S), ("route", F, {"error": "States.Timeout"})], TrafficOutcome.UNKNOWN),
        ([("route", S), ("route", D, TO_WEST)], TrafficOutcome.MOVED),
        ([("route", S), ("route", D, TO_WEST), ("route", S), ("route", D, TO_EAST)], TrafficOutcome.MOVED_BACK),
        ([("route", S), ("route", D, TO_WEST), ("route", S)], TrafficOutcome.UNKNOWN),
    ],
)
def test_whether_the_users_were_moved(entries: list[tuple[str, JournalEvent]], where: TrafficOutcome) -> None:
    assert assess_traffic(STEPS, log(*entries))[0] is where


FAILURE = StepFailure(step="recover", error="LaunchFailed", cause="1 of 2 servers did not launch: s-1: no capacity")


def test_the_end_of_a_failed_run_says_everything() -> None:
    entries = [*LOCKED, *log(("recover", S), ("recover", F, {"error": "LaunchFailed"}))]
    assert summarize_run(RUN, STEPS, entries, FAILURE, keep_lock=False).splitlines() == [
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
    text = summarize_run(RUN, STEPS, LOCKED, FAILURE, keep_lock=True)
    assert "Lock: still held by this run, of website." in text
    assert '{"take_over": "website.failover.run-1"}' in text
    assert "no other run starts until then" in text


def test_what_was_said_of_the_incident_is_to_be_said_again() -> None:
    """Without it the next run reckons its data loss from its own start, and is refused for it."""
    said = {"incident_at": AT, "point_in_time": AT - timedelta(hours=1), "accept_data_loss": True}
    text = summarize_run(RUN.model_copy(update=said), STEPS, LOCKED, FAILURE, keep_lock=True)
    again = json.JSONDecoder().raw_decode(text[text.index("again with ") + len("again with ") :])[0]
    assert again == {
        "take_over": "website.failover.run-1",
        "incident_at": "2026-03-01T09:00:00+00:00",
        "point_in_time": "2026-03-01T08:00:00+00:00",
        "accept_data_loss": True,
    }


def test_a_lock_that_was_never_held_is_not_called_released() -> None:
    text = summarize_run(RUN, STEPS, [], StepFailure(step="lock", error="LockHeld", cause="x"), keep_lock=False)
    assert "Lock: this run did not hold it." in text


def test_unknown_traffic_comes_first_in_the_advice() -> None:
    entries = log(("route", S), ("route", F, {"error": "RouteUnconfirmed"}))
    text = summarize_run(
        RUN, STEPS, entries, StepFailure(step="route", error="RouteUnconfirmed", cause="x"), keep_lock=True
    )
    assert "Users: may or may not have been sent to us-west-2" in text
    assert "Now: find out where the users are sent before anything else" in text


def test_what_retires_its_origin_is_only_resumed() -> None:
    """Started anew it would ask for servers that are gone."""
    steps = [*STEPS, RunbookStep(id="retire", name="Retire", kind="drs.retire")]
    failure = StepFailure(step="retire", error="AccessDenied", cause="x")
    before = summarize_run(RUN, steps, LOCKED, failure, keep_lock=True)
    assert "or start failover of website again with" in before
    text = summarize_run(RUN, steps, [*LOCKED, *log(("retire", S), ("retire", F))], failure, keep_lock=True)
    assert "`leeward resume website.failover.run-1` goes on at the step that failed; started anew, failover" in text
    assert "again with" not in text


def test_a_success_says_what_was_passed_over() -> None:
    entries = [*LOCKED, *log(("recover", D), ("route", D, TO_WEST), ("tell", F, {"policy": "continue"}))]
    text = summarize_run(RUN, STEPS, entries, None, keep_lock=False)
    assert text.splitlines()[0].endswith("succeeded.")
    assert "Passed over: Tell the team" in text
    assert "Users: were sent to us-west-2" in text


EVENTS = st.sampled_from([e for e in JournalEvent if e not in (JournalEvent.RUN_BEGAN, JournalEvent.RUN_ENDED)])
FACTS = st.dictionaries(
    st.sampled_from(["part", "error", "policy", "decision", "undone", "traffic"]), st.sampled_from(["a", "skip", "b"])
)
ENTRY = st.tuples(st.sampled_from([s.id for s in STEPS]), EVENTS, FACTS)


@given(st.lists(ENTRY, max_size=12), st.booleans())
def test_every_journal_has_an_end_that_names_every_step(
    given: list[tuple[str, JournalEvent, dict[str, object]]], keep: bool
) -> None:
    entries = log(*given)
    text = summarize_run(RUN, STEPS, entries, FAILURE, keep_lock=keep)
    assert all(step.name in text for step in STEPS)
    done = next((line for line in text.splitlines() if line.startswith("Done: ")), "")
    for step in STEPS:
        if step.kind not in ("approval.request",) and step.name in done:
            assert any(e.step == step.id and e.event in (D, JournalEvent.QUESTION_ANSWERED) for e in entries)


def test_where_users_were_moved_is_told_in_the_words_of_the_last_move() -> None:
    there, back = log(("route", D, TO_WEST), ("route", D, TO_EAST))
    back = replace(back, detail="back in us-east-1")
    assert assess_traffic(STEPS, [there]) == (TrafficOutcome.MOVED, there.detail)
    assert assess_traffic(STEPS, [there, back]) == (TrafficOutcome.MOVED_BACK, "back in us-east-1")

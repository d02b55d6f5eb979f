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
from tests.support.task_world import run_reference

RUN = RunRef.model_validate(run_reference())
AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
STEPS = [
    RunbookStep(id="lock", name="Take the lock", kind="lock"),
    RunbookStep(id="approve", name="Ask for approval", kind="approval.request"),
    RunbookStep(id="recover", name="Recover the servers", kind="drs.recover"),
    RunbookStep(id="route", name="Send the users", kind="arc.route"),
    RunbookStep(id="tell", name="Tell the team", kind="notify"),
]


def entries_of(
    *events: tuple[str, JournalEvent, Mapping[str, object]] | tuple[str, JournalEvent], attempt: int = 1
) -> list[JournalEntry]:
    """Entries a second apart: (step, event, facts)."""
    return [
        JournalEntry(AT + timedelta(seconds=n), given[1], f"{given[0]} {given[1]}", given[0], attempt, dict(*given[2:]))
        for n, given in enumerate(events)
    ]


S, W, D, F = JournalEvent.STEP_STARTED, JournalEvent.STEP_WAITING, JournalEvent.STEP_DONE, JournalEvent.STEP_FAILED
LOCKED = entries_of(("lock", S), ("lock", JournalEvent.LOCK_TAKEN), ("lock", D))


def step_fates(*entries: JournalEntry, succeeded: bool = False) -> dict[str, StepOutcome]:
    return {end.step.id: end.outcome for end in summarize_steps(STEPS, entries, succeeded=succeeded)}


def test_unstarted_steps_are_not_reached() -> None:
    assert set(step_fates().values()) == {StepOutcome.NOT_REACHED}


def test_step_without_entries_is_done_when_later_step_started() -> None:
    assert step_fates(*LOCKED)["approve"] is StepOutcome.NOT_REACHED
    assert step_fates(*LOCKED, *entries_of(("recover", S)))["approve"] is StepOutcome.DONE


def test_step_without_entries_is_done_when_run_failed_later() -> None:
    """The journal could not be written by then."""
    ends = summarize_steps(STEPS, LOCKED, succeeded=False, failed="recover")
    assert {end.step.id: end.outcome for end in ends}["approve"] is StepOutcome.DONE
    text = summarize_run(RUN, STEPS, LOCKED, FAILURE, keep_lock=True)
    assert "Done: Take the lock, Ask for approval." in text


def test_step_with_parts_is_done_when_all_parts_are() -> None:
    a, b = {"part": "a"}, {"part": "b"}
    begun = entries_of(("recover", S, a), ("recover", S, b), ("recover", D, a))
    assert step_fates(*begun)["recover"] is StepOutcome.UNFINISHED
    assert step_fates(*begun, *entries_of(("recover", D, b)))["recover"] is StepOutcome.DONE
    assert step_fates(*begun, *entries_of(("recover", F, b)))["recover"] is StepOutcome.FAILED


def test_successful_retry_clears_failure() -> None:
    failed = entries_of(
        ("recover", S, {"part": "a"}), ("recover", F, {"part": "a"}), ("recover", F, {"policy": "retry"})
    )
    again = entries_of(("recover", S, {"part": "a"}), ("recover", D, {"part": "a"}), attempt=2)
    assert step_fates(*failed)["recover"] is StepOutcome.FAILED
    assert step_fates(*failed, *again)["recover"] is StepOutcome.DONE


@pytest.mark.parametrize(
    ("last", "fate"),
    [
        (("recover", JournalEvent.QUESTION_ANSWERED, {"decision": "skip"}), StepOutcome.SKIPPED),
        (("recover", F, {"policy": "continue"}), StepOutcome.SKIPPED),
        (("recover", D, {"undone": True}), StepOutcome.UNDONE),
    ],
)
def test_skipped_or_undone_step_is_not_done(
    last: tuple[str, JournalEvent, dict[str, object]], fate: StepOutcome
) -> None:
    assert step_fates(*entries_of(("recover", S), ("recover", F), last))["recover"] is fate


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
def test_user_location_follows_routing_entries(entries: list[tuple[str, JournalEvent]], where: TrafficOutcome) -> None:
    assert assess_traffic(STEPS, entries_of(*entries))[0] is where


FAILURE = StepFailure(step="recover", error="LaunchFailed", cause="1 of 2 servers did not launch: s-1: no capacity")


def test_failed_run_summary_is_complete() -> None:
    entries = [*LOCKED, *entries_of(("recover", S), ("recover", F, {"error": "LaunchFailed"}))]
    assert summarize_run(RUN, STEPS, entries, FAILURE, keep_lock=False).splitlines() == [
        "Run website.failover.run-1 (us-east-1 -> us-west-2) failed.",
        "Failed: Recover the servers: LaunchFailed: 1 of 2 servers did not launch: s-1: no capacity",
        "Done: Take the lock, Ask for approval.",
        "Not done: Send the users, Tell the team.",
        "Users: were not moved (no step that moves users was done).",
        "Lock: released.",
        "Now: fix the cause; `leeward resume website.failover.run-1` continues at the failed step; or start "
        'failover of website again with {"take_over": "website.failover.run-1"}; '
        "servers that this run launched are kept and not launched again.",
    ]


def test_summary_with_kept_lock_shows_take_over_command() -> None:
    text = summarize_run(RUN, STEPS, LOCKED, FAILURE, keep_lock=True)
    assert "Lock: still held by this run." in text
    assert '{"take_over": "website.failover.run-1"}' in text
    assert "no other run can start until then" in text


def test_summary_repeats_incident_input_for_next_run() -> None:
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


def test_summary_does_not_claim_release_of_unheld_lock() -> None:
    text = summarize_run(RUN, STEPS, [], StepFailure(step="lock", error="LockHeld", cause="x"), keep_lock=False)
    assert "Lock: this run did not hold it." in text


def test_summary_advises_checking_unconfirmed_routing_first() -> None:
    entries = entries_of(("route", S), ("route", F, {"error": "RouteUnconfirmed"}))
    text = summarize_run(
        RUN, STEPS, entries, StepFailure(step="route", error="RouteUnconfirmed", cause="x"), keep_lock=True
    )
    assert "Users: may or may not have been sent to us-west-2" in text
    assert "Now: first find out where users are sent" in text


def test_summary_after_retire_offers_only_resume() -> None:
    """A new run would look for servers that no longer exist."""
    steps = [*STEPS, RunbookStep(id="retire", name="Retire", kind="drs.retire")]
    failure = StepFailure(step="retire", error="AccessDenied", cause="x")
    before = summarize_run(RUN, steps, LOCKED, failure, keep_lock=True)
    assert "or start failover of website again with" in before
    text = summarize_run(RUN, steps, [*LOCKED, *entries_of(("retire", S), ("retire", F))], failure, keep_lock=True)
    assert "`leeward resume website.failover.run-1` continues at the failed step; do not start failover" in text
    assert "again with" not in text


def test_success_summary_lists_continued_failures() -> None:
    entries = [*LOCKED, *entries_of(("recover", D), ("route", D, TO_WEST), ("tell", F, {"policy": "continue"}))]
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
def test_summary_names_every_step_for_any_journal(
    given: list[tuple[str, JournalEvent, dict[str, object]]], keep: bool
) -> None:
    entries = entries_of(*given)
    text = summarize_run(RUN, STEPS, entries, FAILURE, keep_lock=keep)
    assert all(step.name in text for step in STEPS)
    done = next((line for line in text.splitlines() if line.startswith("Done: ")), "")
    for step in STEPS:
        if step.kind not in ("approval.request",) and step.name in done:
            assert any(e.step == step.id and e.event in (D, JournalEvent.QUESTION_ANSWERED) for e in entries)


def test_user_location_uses_detail_of_last_routing_entry() -> None:
    there, back = entries_of(("route", D, TO_WEST), ("route", D, TO_EAST))
    back = replace(back, detail="back in us-east-1")
    assert assess_traffic(STEPS, [there]) == (TrafficOutcome.MOVED, there.detail)
    assert assess_traffic(STEPS, [there, back]) == (TrafficOutcome.MOVED_BACK, "back in us-east-1")


def test_step_without_journal_entry_is_done_when_a_later_one_is_reached() -> None:
    """Step Functions runs a wait itself, and a team's function writes no journal."""
    steps = [RunbookStep(id=kind, name=kind, kind=kind) for kind in ("wait", "lambda.invoke", "arc.route", "notify")]
    summaries = summarize_steps(steps, entries_of(("notify", D)), succeeded=False)
    outcomes = [summary.outcome for summary in summaries]
    assert outcomes == [StepOutcome.DONE, StepOutcome.DONE, StepOutcome.NOT_REACHED, StepOutcome.DONE]


def test_first_step_without_journal_entry_is_not_reached_by_a_run_without_entries() -> None:
    steps = [RunbookStep(id=kind, name=kind, kind=kind) for kind in ("wait", "notify")]
    assert {summary.outcome for summary in summarize_steps(steps, [], succeeded=False)} == {StepOutcome.NOT_REACHED}

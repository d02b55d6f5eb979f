"""What is read from a journal: for each kind of entry, whether it counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leeward.common.errors import SurprisingAnswer
from leeward.control.approvals.approval_summary import summarize_for_approval
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent
from leeward.control.notifications.unsent_messages import list_unsent_messages
from leeward.control.outcome.next_steps import describe_next_steps
from leeward.control.outcome.run_end_state import (
    count_ends,
    end_entry,
    failed_undos,
    first_entry,
    had_lock,
    was_undone,
)
from leeward.control.outcome.run_summary import StepOutcome, summarize_run, summarize_steps
from leeward.control.outcome.step_failure import StepFailure
from leeward.control.run import run_index
from leeward.control.run.run_index import IndexedRun
from leeward.control.run.run_reference import RunbookStep, RunRef
from leeward.control.run.step_durations import measure_steps
from leeward.control.run.takeover_chain import find_predecessors
from tests.support.task_world import TaskWorld, run_reference

RUN = RunRef.model_validate(run_reference())
AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
EVENTS = list(JournalEvent)
LOCK_EVENTS = {JournalEvent.LOCK_TAKEN, JournalEvent.LOCK_TAKEN_OVER, JournalEvent.LOCK_WAIVED}
STEPS = [
    RunbookStep(id="recover", name="Recover", kind="drs.recover"),
    RunbookStep(id="route", name="Route", kind="arc.route"),
]
FAILURE = StepFailure(step="recover", error="LaunchFailed", cause="no capacity")


def entry(event: JournalEvent, step: str | None = None, attempt: int | None = 1, **facts: object) -> JournalEntry:
    return JournalEntry(AT, event, f"detail of {event}", step, attempt, facts)


@pytest.mark.parametrize("event", EVENTS)
def test_each_event_is_read_as_what_it_is(event: JournalEvent) -> None:
    one = entry(event)
    assert count_ends([one, one]) == (2 if event is JournalEvent.RUN_ENDED else 0)
    assert had_lock([one]) is (event in LOCK_EVENTS)
    if event is JournalEvent.RUN_BEGAN:
        assert first_entry([entry(JournalEvent.LOCK_TAKEN), entry(JournalEvent.STEP_DONE), one]) is one
    else:
        with pytest.raises(SurprisingAnswer, match=r"^the journal has 1 entries, but none of them records the start"):
            first_entry([one])


@pytest.mark.parametrize("event", EVENTS)
def test_end_lasts_until_the_run_is_resumed(event: JournalEvent) -> None:
    ended, one = entry(JournalEvent.RUN_ENDED), entry(event)
    assert end_entry([one]) is (one if event is JournalEvent.RUN_ENDED else None)
    expected = {JournalEvent.RUN_ENDED: one, JournalEvent.RUN_RESUMED: None}.get(event, ended)
    assert end_entry([ended, one]) is expected


@pytest.mark.parametrize("event", EVENTS)
def test_only_done_steps_and_undo_policies_show_a_rollback(event: JournalEvent) -> None:
    assert was_undone([entry(event, undone=True)]) is (event is JournalEvent.STEP_DONE)
    assert was_undone([entry(event, policy="undo")]) is (event is JournalEvent.STEP_FAILED)
    assert not was_undone([entry(event)])
    begun = entry(JournalEvent.STEP_FAILED, policy="undo")
    later = entry(event, policy="stop")
    assert failed_undos([later, begun, entry(event), later]) == ([later] if event is JournalEvent.STEP_FAILED else [])
    assert failed_undos([later, later]) == []


@pytest.mark.parametrize(
    ("policy", "attempt", "undone"),
    [
        ("undo", 1, True),
        ("undo", None, True),
        ("retry 2, then undo", 1, False),
        ("retry 2, then undo", 2, False),
        ("retry 2, then undo", 3, True),
        ("retry 1, then undo", None, False),
        ("retry 2, then stop", 3, False),
        ("stop", 1, False),
        ("undo later", 1, False),
    ],
)
def test_rollback_begins_when_no_retry_is_left(policy: str, attempt: int | None, undone: bool) -> None:
    assert was_undone([entry(JournalEvent.STEP_FAILED, attempt=attempt, policy=policy)]) is undone


# -- outcomes of steps ------------------------------------------------------------------------------


def outcome(*entries: JournalEntry, step: int = 0) -> StepOutcome:
    return summarize_steps(STEPS, entries, succeeded=False)[step].outcome


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("facts", [{}, {"decision": "approve"}, {"decision": "skip"}, {"decision": "retry"},
                                   {"kind": "approval"}, {"kind": "failure"}, {"undone": True},
                                   {"policy": "continue"}, {"policy": "abort"}, {"policy": "stop"}])  # fmt: skip
def test_event_and_facts_decide_outcome(event: JournalEvent, facts: dict[str, object]) -> None:
    e, expected = JournalEvent, StepOutcome.NOT_REACHED
    if event in (e.STEP_STARTED, e.STEP_WAITING):
        expected = StepOutcome.UNFINISHED
    elif event is e.STEP_DONE:
        expected = StepOutcome.UNDONE if "undone" in facts else StepOutcome.DONE
    elif event is e.STEP_FAILED:
        expected = StepOutcome.SKIPPED if facts.get("policy") == "continue" else StepOutcome.FAILED
    elif event is e.QUESTION_ANSWERED and facts.get("decision") == "approve":
        expected = StepOutcome.DONE
    elif event in (e.QUESTION_ANSWERED, e.STEP_SKIPPED) and facts.get("decision") == "skip":
        expected = StepOutcome.SKIPPED
    elif event is e.QUESTION_ASKED and facts.get("kind") == "approval":
        expected = StepOutcome.UNFINISHED
    assert outcome(entry(event, "recover", **facts)) is expected
    assert outcome(entry(event, "other", **facts)) is StepOutcome.NOT_REACHED


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (JournalEvent.STEP_FAILED, JournalEvent.STEP_DONE, StepOutcome.FAILED),
        (JournalEvent.STEP_DONE, JournalEvent.STEP_FAILED, StepOutcome.FAILED),
        (JournalEvent.STEP_STARTED, JournalEvent.STEP_FAILED, StepOutcome.FAILED),
        (JournalEvent.STEP_WAITING, JournalEvent.STEP_DONE, StepOutcome.UNFINISHED),
    ],
)
def test_worst_part_of_the_latest_attempt_counts(
    first: JournalEvent, second: JournalEvent, expected: StepOutcome
) -> None:
    parts = [entry(first, "recover", part="a"), entry(second, "recover", part="b")]
    assert outcome(*parts) is expected
    assert outcome(*parts, entry(JournalEvent.STEP_DONE, "recover", 2, part="a")) is StepOutcome.DONE
    assert outcome(*parts, entry(JournalEvent.STEP_STARTED, "recover", 1, part="a")) in (
        StepOutcome.UNFINISHED,
        StepOutcome.FAILED,
    )
    undone = [
        entry(JournalEvent.STEP_DONE, "recover", part="a"),
        entry(JournalEvent.STEP_DONE, "recover", part="b", undone=True),
    ]
    assert outcome(*undone) is StepOutcome.UNDONE


# -- the summary of a run ---------------------------------------------------------------------------


def lines(*entries: JournalEntry, failure: StepFailure | None = FAILURE, **more: Any) -> list[str]:
    given: dict[str, Any] = {"keep_lock": False} | more
    return summarize_run(RUN, STEPS, entries, failure, **given).splitlines()


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("keep", [True, False])
def test_lock_line_follows_from_acquisition(event: JournalEvent, keep: bool) -> None:
    (line,) = [line for line in lines(entry(event), keep_lock=keep) if line.startswith("Lock: ")]
    if event is JournalEvent.LOCK_WAIVED and keep:
        assert line == "Lock: not held, because its Region did not respond; the guard of us-west-2 is kept."
    elif event in (JournalEvent.LOCK_TAKEN, JournalEvent.LOCK_TAKEN_OVER):
        assert line == ("Lock: still held by this run." if keep else "Lock: released.")
    else:
        assert line == "Lock: this run did not hold it."


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "j0."),
        (5, "j0, j1, j2, j3, j4."),
        (6, "j0, j1, j2, j3, j4 and 1 more."),
        (7, "j0, j1, j2, j3, j4 and 2 more."),
        (16, "j0, j1, j2, j3, j4 and 11 more."),
    ],
)
def test_five_unreported_launches_are_listed(count: int, text: str) -> None:
    found = lines(unreported_launches=[f"j{n}" for n in range(count)])
    assert f"Launched, but not recorded by any step: {text}" in found
    assert "Launched" not in "\n".join(lines())


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("error", ["Unforeseen", "LaunchFailed", "Zzz"])
def test_parts_are_listed_when_their_errors_differ(event: JournalEvent, error: str) -> None:
    failure = FAILURE.model_copy(update={"error": error})
    parts = [
        entry(event, "recover", part="b"),
        entry(event, "recover", part="a"),
        entry(event, "recover"),
        entry(event, "route", part="c"),
        entry(event, "a-step", part="d"),
    ]
    listed = [line for line in lines(*parts, failure=failure) if line.startswith("  ")]
    shown = event is JournalEvent.STEP_FAILED and error == "Unforeseen"
    assert listed == ([f"  a: detail of {event}", f"  b: detail of {event}"] if shown else [])


def test_other_failures_and_failed_rollbacks_are_listed() -> None:
    failed = [
        entry(JournalEvent.STEP_FAILED, "recover", policy="undo"),
        entry(JournalEvent.STEP_FAILED, "route"),
        entry(JournalEvent.STEP_FAILED, "recover", policy="stop"),
    ]
    found = [line for line in lines(*failed) if line.startswith("Also failed")]
    assert found == [
        "Also failed: Route: detail of step.failed",
        "Also failed: rollback of Recover: detail of step.failed",
    ]
    without = [line for line in lines(*failed[:2], failure=None) if line.startswith("Also failed")]
    assert without == [f"Also failed: {name}: detail of step.failed" for name in ("Recover", "Route")]


def test_lost_lock_is_described() -> None:
    found = lines(lock_lost_to="run x has it")
    assert found[-2:] == ["Lock: lost: run x has it.", "Now: wait until that run has ended, then start again."]


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("kind", ["drs.retire", "drs.recover"])
def test_run_that_began_to_retire_is_not_started_again(event: JournalEvent, kind: str) -> None:
    steps = [RunbookStep(id="m", name="M", kind=kind)]

    def line(step: str) -> str:
        given = {"traffic_unknown": False, "keep_lock": False, "lock_lost": False}
        return describe_next_steps(RUN, steps, [entry(event, step)], **given)

    retired = event is JournalEvent.STEP_STARTED and kind == "drs.retire"
    assert ("do not start failover again" in line("m")) is retired
    assert "do not start" not in line("other")
    undone = was_undone([entry(event, "m")])
    assert not undone


@pytest.mark.parametrize(("keep", "words"), [(True, "partly rolled back"), (False, "rolled back")])
def test_rolled_back_run_is_started_again(keep: bool, words: str) -> None:
    line = describe_next_steps(
        RUN, STEPS, [entry(JournalEvent.STEP_DONE, undone=True)], traffic_unknown=True, keep_lock=keep, lock_lost=False
    )
    assert line == (
        "Now: first find out where users are sent; fix the cause; start failover of website again with "
        f'{{"take_over": "website.failover.run-1"}}, because this run was {words}'
        f"{'; no other run can start until then' if keep else ''}."
    )


# -- approval ---------------------------------------------------------------------------------------


def runbook(steps: Sequence[RunbookStep] = STEPS) -> dict[str, Any]:
    return {
        "application": "website",
        "runbook": "failover",
        "origin": "us-east-1",
        "target": "us-west-2",
        "rto_seconds": 3600,
        "rpo_seconds": 300,
        "steps": [step.model_dump() for step in steps],
    }


def earlier(name: str, minutes: float | None, *, of: str = "failover", ended: str | None = "succeeded") -> IndexedRun:
    given = {
        "application": "website",
        "run": name,
        "runbook": of,
        "origin": "us-east-1",
        "target": "us-west-2",
        "execution": "arn",
        "began_at": AT,
        "ended_at": None if minutes is None else AT + timedelta(minutes=minutes),
        "outcome": ended,
    }
    return IndexedRun(**given)  # type: ignore[arg-type]


NOT_KNOWN = "not known; no run of failover has succeeded yet"


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([], NOT_KNOWN),
        ([earlier("b", 5, of="drill"), earlier("c", 6, of="website")], NOT_KNOWN),
        ([earlier("b", 5, ended="failed"), earlier("c", 7, ended="zz"), earlier("d", None)], NOT_KNOWN),
        ([earlier("b", 5, of="drill"), earlier("c", 7), earlier("d", 9)], "about 7m, as c did"),
    ],
)
def test_duration_is_that_of_the_last_successful_run(runs: list[IndexedRun], text: str) -> None:
    began = entry(JournalEvent.RUN_BEGAN, runbook=runbook())
    assert f"Takes: {text}; the objective is 1h." in summarize_for_approval(RUN, "x", [began], runs)


@pytest.mark.parametrize("event", EVENTS)
def test_accepted_loss_is_that_of_its_entry(event: JournalEvent) -> None:
    given = entry(event, runbook=runbook()) if event is JournalEvent.RUN_BEGAN else entry(event)
    found = summarize_for_approval(RUN, "x", [given], [])
    lost = f"detail of {event}" if event is JournalEvent.DATA_LOSS_ACCEPTED else "not known; no preflight has run."
    assert f"Lost: {lost}" in found
    assert any(line.startswith("Takes") for line in found) is (event is JournalEvent.RUN_BEGAN)


@pytest.mark.parametrize(
    ("step", "skip", "text"),
    [
        ("recover", {}, "Route"),
        ("route", {}, "no changes"),
        ("unknown", {}, "Recover; Route"),
        ("unknown", {"route": True}, "Recover"),
        ("check", {}, "Recover; Route"),
    ],
)
def test_changes_are_those_of_steps_ahead(step: str, skip: dict[str, bool], text: str) -> None:
    steps = [RunbookStep(id="check", name="Check", kind="preflight"), *STEPS]
    began = entry(JournalEvent.RUN_BEGAN, runbook=runbook(steps))
    found = summarize_for_approval(RUN.model_copy(update={"skip": skip}), step, [began], [])
    assert found[-1] == f"Will be done: {text}."


# -- stored journals --------------------------------------------------------------------------------


@pytest.mark.parametrize("event", EVENTS)
def test_duration_of_step_begins_and_ends_with_its_events(world: TaskWorld, event: JournalEvent) -> None:
    run_index.add_run(world.table, RUN, "arn")
    journal = Journal(world.table, RUN.id, "request")
    e = JournalEvent
    for seconds, each, step in ((0, event, "a"), (10, e.STEP_DONE, "a"), (20, e.STEP_STARTED, "b"), (50, event, "b")):
        journal.write(JournalEntry(AT + timedelta(seconds=seconds), each, "x", step, 1))
    run_index.close_run(world.table, RUN, "arn", ended_at=AT + timedelta(hours=1), outcome="succeeded")
    _, durations = measure_steps(world.table, "website", "failover")
    assert ("a" in durations) is (event in (e.STEP_STARTED, e.QUESTION_ASKED))
    assert ("b" in durations) is (event in (e.STEP_DONE, e.QUESTION_ANSWERED))
    assert durations.get("b", [30.0]) == [30.0]


def test_predecessors_are_followed_to_the_first_run(world: TaskWorld) -> None:
    for run, before in (("c", "b"), ("b", "a"), ("a", None), ("x", "y"), ("y", "x"), ("z", RUN.id)):
        journal = Journal(world.table, run, "request")
        for event in (JournalEvent.LOCK_TAKEN, JournalEvent.RUN_BEGAN, JournalEvent.STEP_DONE):
            facts = {"run": RUN.model_copy(update={"take_over": before}).model_dump(mode="json")}
            journal.write(JournalEntry(AT, event, "x", facts=facts if event is JournalEvent.RUN_BEGAN else {}))

    def predecessors(take_over: str | None) -> tuple[str, ...]:
        return find_predecessors(world.table, RUN.model_copy(update={"take_over": take_over}))

    assert predecessors("c") == ("c", "b", "a")
    assert predecessors(None) == ()
    assert predecessors("unknown") == ("unknown",)
    assert predecessors("x") == ("x", "y")
    assert predecessors("z") == ("z",)
    assert predecessors(RUN.id) == ()


@pytest.mark.parametrize("event", EVENTS)
def test_unsent_messages_are_found_by_their_event(world: TaskWorld, event: JournalEvent) -> None:
    journal = Journal(world.table, "r", "request")
    link = journal.write(JournalEntry(AT, event, "x", "s", 1, {"purpose": "question"}))
    unsent = event is JournalEvent.MESSAGE_UNSENT
    assert [message.seq for message in list_unsent_messages([link])] == ([link.seq] if unsent else [])
    first = journal.write(JournalEntry(AT, JournalEvent.MESSAGE_UNSENT, "x", "s", 1))
    later = journal.write(JournalEntry(AT, event, "x", facts={"unsent": first.seq}))
    sent = event is JournalEvent.MESSAGE_SENT
    assert (first.seq in [message.seq for message in list_unsent_messages([first, later])]) is not sent

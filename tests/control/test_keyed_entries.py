"""Entries with a key: written once, whatever response is lost and however often the task is called."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leeward.common.errors import AnswerLost, Throttled
from leeward.common.polling import PollResult
from leeward.control.journal.hash_chain import ChainPosition, find_breaks
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent, read_chain
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.twin.engine import FaultKind
from tests.lambdas.probe_task import DONE, WAITING, ProbeTask, in_order
from tests.support.task_world import START, TaskFailed, TaskWorld

FENCED_PUT = "dynamodb:TransactWriteItems"
# botocore sends a call twice.
RESPONSES = 2


def entry(number: int) -> JournalEntry:
    return JournalEntry(START + timedelta(seconds=number), JournalEvent.STEP_STARTED, f"entry {number}", "step", 1)


def head_of(world: TaskWorld) -> str:
    return str(ChainPosition.of(read_chain(world.table, world.run["id"])[-1]))


def details(world: TaskWorld) -> list[str]:
    links = read_chain(world.table, world.run["id"])
    assert find_breaks(world.run["id"], links) == []
    return [link.detail for link in links]


@pytest.mark.parametrize("lost", [1, RESPONSES, RESPONSES + 1, 2 * RESPONSES])
def test_done_whose_responses_are_lost_is_journaled_once(world: TaskWorld, lost: int) -> None:
    """Every look finds the goal reached. The write of the first one was stored."""
    rule = world.engine.interceptor.inject_fault(FENCED_PUT, FaultKind.ANSWER_LOST, nth=2, times=lost)
    probe = ProbeTask(world, in_order(DONE))
    progress = probe.call(first_seconds=5)
    if progress["status"] == "waiting":  # the lost responses took all the time of the call
        progress = probe.call(progress)
    assert progress["status"] == "done"
    assert rule.injected_count >= min(lost, RESPONSES)
    assert [entry.event for entry in world.journal] == ["step.started", "step.done"], "no wait follows the end"


def test_call_that_does_not_know_whether_step_is_done_keeps_head_unknown(world: TaskWorld) -> None:
    """Its own entries must not hide from the next call that the step may be done."""
    world.engine.interceptor.inject_fault(FENCED_PUT, FaultKind.ANSWER_LOST, nth=2, times=2)
    probe = ProbeTask(world, in_order(DONE))
    first = probe.call(first_seconds=60, longest_seconds=60)

    def write_and_miss(event: WaitingEvent[Parameters], context: TaskContext) -> PollResult:
        message = JournalEntry(context.now, JournalEvent.MESSAGE_SENT, "message")
        context.journal(event.run.id).write(message)
        raise Throttled("rate exceeded")

    probe.look = write_and_miss
    second = probe.call(first, first_seconds=60, longest_seconds=60)
    assert (first["head"], second["head"]) == (None, None)
    probe.look = in_order(DONE)
    assert probe.call(second)["status"] == "done"
    assert [entry.event for entry in world.journal] == ["step.started", "step.done", "message.sent"]


def test_wait_after_rejected_end_is_journaled(world: TaskWorld) -> None:
    """The end was not stored, and the next look no longer finds the goal reached."""
    world.engine.interceptor.inject_fault(FENCED_PUT, FaultKind.THROTTLED, nth=2, times=2)
    progress = ProbeTask(world, in_order(DONE, WAITING)).call(first_seconds=5)
    assert progress["head"] == head_of(world)
    waits = [entry.detail for entry in world.journal if entry.event is JournalEvent.STEP_WAITING]
    assert waits[-1] == "at work"


def test_lost_response_of_entry_that_is_always_looked_for_keeps_head(world: TaskWorld) -> None:
    """Such as one about protection. The step goes on to journal what it waits for."""
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ANSWER_LOST, times=2)

    def protect(event: WaitingEvent[Parameters], context: TaskContext) -> PollResult:
        lost = JournalEntry(context.now, JournalEvent.PROTECTION_LOST, "no copy")
        context.journal(event.run.id).write_once(lost, "lost")
        return WAITING

    progress = ProbeTask(world, protect).call(first_seconds=1)
    assert progress["head"] == head_of(world)
    events = [entry.event for entry in world.journal]
    assert (events.count(JournalEvent.PROTECTION_LOST), events[-1]) == (1, JournalEvent.STEP_WAITING)


def test_done_of_killed_call_is_journaled_once(world: TaskWorld) -> None:
    probe = ProbeTask(world, in_order(WAITING))
    waiting = probe.call(first_seconds=60, longest_seconds=60)
    world.engine.interceptor.inject_fault(FENCED_PUT, FaultKind.KILLED_AFTER_CALL)
    probe.look = in_order(DONE)
    with pytest.raises(TaskFailed):
        probe.call(waiting)
    progress = probe.call(waiting)
    assert world.event_names() == ["step.started", "step.done"]
    last = read_chain(world.table, world.run["id"])[-1]
    assert progress["head"] == f"{last.seq}:{last.hash}"


@pytest.mark.parametrize("others", [0, 1, 3])
def test_start_of_killed_call_is_journaled_once(world: TaskWorld, others: int) -> None:
    """The next call gets the same head, which may have been out of date already."""
    earlier = Journal(world.table, world.run["id"], "earlier")
    earlier.write(entry(1))
    head = head_of(world)
    for number in range(others):
        earlier.write(JournalEntry(START, JournalEvent.MESSAGE_SENT, f"message {number}"))
    world.engine.interceptor.inject_fault(FENCED_PUT, FaultKind.KILLED_AFTER_CALL, nth=1 if not others else 2)
    probe = ProbeTask(world, in_order(DONE))
    with pytest.raises(TaskFailed):
        probe.call(head=head)
    assert probe.call(head=head)["status"] == "done"
    assert details(world).count("Step: begun") == 1
    assert world.event_names()[-2:] == ["step.started", "step.done"]


def test_start_of_next_attempt_is_another_entry(world: TaskWorld) -> None:
    probe = ProbeTask(world, in_order(DONE))
    probe.call()
    world.attempt = 2
    probe.call()
    assert world.event_names() == ["step.started", "step.done"] * 2


def test_keyed_entry_with_stale_head_is_found_behind_other_entries(world: TaskWorld) -> None:
    first = Journal(world.table, world.run["id"], "first")
    first.write(entry(1))
    head = head_of(world)
    first.write(entry(2))
    first.write(entry(3), key="step#1#started")
    first.write(entry(4))
    again = Journal(world.table, world.run["id"], "again", head=head)
    assert again.write(entry(3), key="step#1#started").seq == 3
    again.write(entry(5))
    assert details(world) == [f"entry {number}" for number in (1, 2, 3, 4, 5)]


def test_journal_forgets_its_head_after_lost_write(world: TaskWorld) -> None:
    mine = Journal(world.table, world.run["id"], "mine")
    mine.write(entry(1))

    class LosingTable:
        """The table, which stores the next item and loses the response."""

        def __getattr__(self, name: str) -> object:
            return getattr(world.table, name)

        def put_if_absent(self, item: dict[str, str | int | None]) -> None:
            world.table.put_if_absent(item)
            raise AnswerLost("dynamodb:PutItem: no response")

    mine._table = LosingTable()  # type: ignore[assignment]
    with pytest.raises(AnswerLost):
        mine.write(entry(2), key="two")
    assert mine.head is None, "another writer may have followed the entry that was stored"
    mine._table = world.table
    Journal(world.table, world.run["id"], "other").write(entry(3))
    assert mine.write(entry(2), key="two").seq == 2
    mine.write(entry(4))
    assert details(world) == [f"entry {number}" for number in (1, 2, 3, 4)]


@pytest.mark.parametrize("has_head", [False, True])
@pytest.mark.parametrize("others", [0, 2])
def test_end_of_call_whose_answer_was_lost_is_journaled_once(world: TaskWorld, *, has_head: bool, others: int) -> None:
    """The state machine calls the task again with the same event, whose head may have been out of date."""
    earlier = Journal(world.table, world.run["id"], "earlier")
    earlier.write(entry(1))
    head = head_of(world) if has_head else None
    for number in range(others):
        earlier.write(JournalEntry(START, JournalEvent.MESSAGE_SENT, f"message {number}"))
    probe = ProbeTask(world, in_order(DONE))
    for _ in range(2):
        assert probe.call(head=head)["status"] == "done"
    assert [entry.event for entry in world.journal].count(JournalEvent.STEP_DONE) == 1


def test_wait_after_end_of_another_call_does_not_hide_it(world: TaskWorld) -> None:
    """Two calls with the same event: one ends the step, and the other one still waits and then ends it too."""
    probe = ProbeTask(world, in_order(WAITING))
    waiting = probe.call(first_seconds=60, longest_seconds=60)
    probe.look = in_order(DONE)
    probe.call(waiting)
    probe.look = in_order(PollResult(False, "nearly done"))
    other = probe.call(waiting, first_seconds=60, longest_seconds=60)
    assert (other["status"], other["head"]) == ("waiting", None)
    probe.look = in_order(DONE)
    assert probe.call(other)["status"] == "done"
    assert [entry.event for entry in world.journal].count(JournalEvent.STEP_DONE) == 1


def test_end_after_unkeyed_entry_of_same_call_is_journaled_once(world: TaskWorld) -> None:
    probe = ProbeTask(world, in_order(WAITING))
    waiting = probe.call(first_seconds=60, longest_seconds=60)
    probe.look = in_order(DONE)
    probe.call(waiting)
    probe.look = in_order(PollResult(False, "nearly done"), DONE)
    assert probe.call(waiting, first_seconds=5)["status"] == "done"
    assert [entry.event for entry in world.journal].count(JournalEvent.STEP_DONE) == 1

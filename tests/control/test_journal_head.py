"""Writers that know the end of the journal's chain, or believe that they do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from leeward.common.aws.clients import client
from leeward.common.aws.tables.state_table import StateTable
from leeward.common.errors import LockLost
from leeward.control.journal.hash_chain import GENESIS_HASH, ChainPosition, find_breaks
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent, read_chain
from leeward.control.locking.application_lock import lock_fence
from leeward.control.locking.lock_records import LOCK_KEY, LockHolder, item_from_holder, lock_partition_key
from leeward.control.run.run_reference import RunRef
from leeward.twin.engine import FaultKind
from tests.support.task_world import START, TARGET, TaskWorld, run_reference

RUN = RunRef.model_validate(run_reference())
QUERY, PUT, FENCED_PUT = "dynamodb:Query", "dynamodb:PutItem", "dynamodb:TransactWriteItems"


def entry(number: int) -> JournalEntry:
    return JournalEntry(START + timedelta(seconds=number), JournalEvent.STEP_WAITING, f"look {number}", "step", 1)


def calls_of(
    world: TaskWorld, work: Callable[[Journal], object], request: str = "request-1", head: str | None = None
) -> list[str]:
    """Let a function write with this head. Return its calls."""

    def handler(_event: Any, _context: Any) -> None:
        table = StateTable(client("dynamodb", TARGET), world.table.name)
        work(Journal(table, RUN.id, request, head=head, fence=lock_fence(table, RUN)))

    function = world.engine.functions.register(TARGET, request, handler)
    made = world.engine.functions.invoke_in_new_task(function, "{}")
    assert not made.has_failed, made.error_message
    return [call.operation for call in world.engine.interceptor.calls if call.caller == request]


def written(world: TaskWorld, *numbers: int) -> str:
    """Write entries, and return the head after them."""
    writer = Journal(world.table, RUN.id, "earlier")
    for number in numbers:
        writer.write(entry(number))
    return str(ChainPosition.of(read_chain(world.table, RUN.id)[-1]))


def details(world: TaskWorld) -> list[str]:
    links = read_chain(world.table, RUN.id)
    assert find_breaks(RUN.id, links) == []
    return [link.detail for link in links]


def write(*numbers: int, fenced: bool = False) -> Callable[[Journal], None]:
    def work(journal: Journal) -> None:
        for number in numbers:
            journal.write(entry(number), fenced=fenced)

    return work


def test_head_names_last_entry_of_chain(world: TaskWorld) -> None:
    assert Journal(world.table, RUN.id, "request-1").head is None
    head = written(world, 1, 2)
    last = read_chain(world.table, RUN.id)[-1]
    assert head == f"2:{last.hash}"
    assert ChainPosition.parse(head) == ChainPosition.of(last)


@pytest.mark.parametrize("text", ["", "7", ":", "7:", "7:5f0c", "x:" + "0" * 64, "7:" + "G" * 64, "0" * 64])
def test_other_text_is_no_position(text: str) -> None:
    with pytest.raises(ValueError, match=r"position in a journal|invalid literal"):
        ChainPosition.parse(text)


@pytest.mark.parametrize(("fenced", "call"), [(False, PUT), (True, FENCED_PUT)])
def test_writer_with_right_head_makes_one_call_per_entry(world: TaskWorld, *, fenced: bool, call: str) -> None:
    head = written(world, 1)
    assert calls_of(world, write(2, 3, fenced=fenced), head=head) == [call, call]
    assert details(world) == ["look 1", "look 2", "look 3"]


@pytest.mark.parametrize(("fenced", "call"), [(False, PUT), (True, FENCED_PUT)])
def test_writer_with_stale_head_makes_two_more_calls(world: TaskWorld, *, fenced: bool, call: str) -> None:
    head = written(world, 1)
    written(world, *range(2, 9))
    assert calls_of(world, write(9, 10, fenced=fenced), head=head) == [call, QUERY, call, call]
    assert details(world) == [f"look {number}" for number in range(1, 11)]


def test_writers_with_same_head_write_each_entry_once(world: TaskWorld) -> None:
    """Parallel lanes of a run get the head from before they began."""
    head = written(world, 0)
    for lane in range(1, 6):
        work = write(lane * 10, lane * 10 + 1, fenced=lane % 2 == 0)
        world.engine.clock.call_later(0, lambda lane=lane, work=work: calls_of(world, work, f"lane-{lane}", head))
    world.advance(60)
    expected = {"look 0"} | {f"look {lane * 10 + number}" for lane in range(1, 6) for number in (0, 1)}
    assert (set(details(world)), len(details(world))) == (expected, len(expected))


@pytest.mark.parametrize("fenced", [False, True])
@pytest.mark.parametrize("is_stale", [False, True])
def test_entry_with_lost_response_is_written_once(world: TaskWorld, *, fenced: bool, is_stale: bool) -> None:
    """botocore sends the call again and is told that the entry exists."""
    head = written(world, 1)
    if is_stale:
        written(world, 2)
    rule = world.engine.interceptor.inject_fault(FENCED_PUT if fenced else PUT, FaultKind.ANSWER_LOST, nth=1 + is_stale)
    calls_of(world, write(3, 4, fenced=fenced), head=head)
    assert rule.injected_count == 1
    assert details(world) == [f"look {number}" for number in (1, 2, 3, 4) if is_stale or number != 2]


def test_fenced_entry_is_not_written_without_lock(world: TaskWorld) -> None:
    head = written(world, 1)
    holder = LockHolder("website.failover.run-2", START, home=TARGET)
    world.table.put(item_from_holder(lock_partition_key(RUN.application), LOCK_KEY, holder))

    def work(journal: Journal) -> None:
        with pytest.raises(LockLost):
            journal.write(entry(2), fenced=True)
        journal.write(entry(3))  # such as the failure of the step

    assert calls_of(world, work, head=head) == [FENCED_PUT, QUERY, PUT]
    assert details(world) == ["look 1", "look 3"]


def test_journal_without_fence_writes_fenced_entry(world: TaskWorld) -> None:
    journal = Journal(world.table, RUN.id, "request-1")
    assert journal.write(entry(1), fenced=True).previous == GENESIS_HASH


def test_keyed_entry_of_replayed_task_leaves_usable_head(world: TaskWorld) -> None:
    """A task that was called again finds its entry in the middle of the chain. Its head is out of date."""
    Journal(world.table, RUN.id, "begin").write_once(entry(1), "begin")
    written(world, 2, 3)
    again = Journal(world.table, RUN.id, "begin-again")
    again.write_once(entry(1), "begin")
    calls_of(world, write(4), head=again.head)
    assert details(world) == ["look 1", "look 2", "look 3", "look 4"]

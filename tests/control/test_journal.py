"""The journal: a chain without gap or fork, whoever writes side by side and whatever answer is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from leeward.common.aws.clients import client
from leeward.common.aws.tables.state_table import StateTable
from leeward.common.errors import Transient
from leeward.control.journal.hash_chain import GENESIS_HASH, find_breaks
from leeward.control.journal.run_journal import Journal, JournalEntry, JournalEvent, read_chain, read_entries
from leeward.twin.engine import FaultKind
from tests.support.task_world import START, TARGET, TaskWorld

RUN = "website.failover.run-1"


def journal(world: TaskWorld, request: str = "request-1") -> Journal:
    return Journal(world.table, RUN, request)


def in_a_function(world: TaskWorld, work: Callable[[Journal], None], request: str = "request-1") -> None:
    """Let a function write: its calls are counted, and struck by faults."""

    def handler(event: Any, context: Any) -> None:
        work(Journal(StateTable(client("dynamodb", TARGET), world.table.name), RUN, request))

    made = world.engine.functions.invoke_in_new_task(world.engine.functions.register(TARGET, request, handler), "{}")
    assert not made.has_failed, made.error_message


def entry(look: int = 1, /, **facts: object) -> JournalEntry:
    return JournalEntry(START + timedelta(seconds=look), JournalEvent.STEP_WAITING, f"look {look}", "step", 1, facts)


def test_entries_are_chained_from_the_first(world: TaskWorld) -> None:
    writer = journal(world)
    for number in (1, 2, 3):
        writer.write(entry(number, number=number))
    first, second, third = read_chain(world.table, RUN)
    assert [link.seq for link in (first, second, third)] == [1, 2, 3]
    assert first.previous == GENESIS_HASH
    assert (second.previous, third.previous) == (first.hash, second.hash)
    assert find_breaks(RUN, [first, second, third]) == []


def test_written_entry_is_read_back(world: TaskWorld) -> None:
    output = entry(7, servers=["web-1", "ünïcode 🙂"], seconds=1.5, none=None, deep={"a": [1, True]})
    journal(world).write(output)
    assert read_entries(world.table, RUN) == [output]


def test_writer_uses_one_query_and_one_put_per_entry(world: TaskWorld) -> None:
    in_a_function(world, lambda writer: [writer.write(entry(number)) for number in (1, 2, 3)] and None)
    made = [call.operation for call in world.engine.interceptor.calls]
    assert made == ["dynamodb:Query", *["dynamodb:PutItem"] * 3]


def test_alternating_writers_make_one_chain(world: TaskWorld) -> None:
    one, other = journal(world, "one"), journal(world, "other")
    for number in range(6):
        (one, other)[number % 2].write(entry(number))
    links = read_chain(world.table, RUN)
    assert [link.detail for link in links] == [f"look {number}" for number in range(6)]
    assert find_breaks(RUN, links) == []


def test_outdated_writer_skips_to_end_of_chain(world: TaskWorld) -> None:
    def write(late: Journal) -> None:
        late.write(entry(0))
        busy = journal(world, "busy")
        for number in range(1, 60):
            busy.write(entry(number))
        late.write(entry(99))

    in_a_function(world, write)
    assert sum(1 for call in world.engine.interceptor.calls if call.caller == "request-1") < 12 + 60
    assert world.count_calls("dynamodb:PutItem") < 60 + 10
    assert find_breaks(RUN, read_chain(world.table, RUN)) == []


@pytest.mark.parametrize("nth", [1, 2, 3, 4, 5, 8])
def test_concurrent_writes_with_lost_responses_are_written_once(world: TaskWorld, nth: int) -> None:
    """Twenty functions at once, four entries each; some answers never come, and botocore sends the call again."""
    world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ANSWER_LOST, nth=nth, times=2)

    def write(writer: int) -> Callable[[Journal], None]:
        def four(mine: Journal) -> None:
            for number in range(4):
                mine.write(entry(writer * 10 + number, writer=writer))

        return four

    for writer in range(20):
        world.engine.clock.call_later(0, lambda w=writer: in_a_function(world, write(w), f"request-{w}"))
    world.advance(120)
    links = read_chain(world.table, RUN)
    assert find_breaks(RUN, links) == []
    assert len({link.id for link in links}) == len(links) == 80
    for writer in range(20):
        assert [x.facts["writer"] for x in links].count(writer) == 4


def test_entry_with_lost_responses_is_not_confused_with_next(world: TaskWorld) -> None:
    """Every answer was lost: the entry is there, but its writer can't know. What it writes next is written too."""

    def write(writer: Journal) -> None:
        writer.write(entry(1))
        world.engine.interceptor.inject_fault("dynamodb:PutItem", FaultKind.ANSWER_LOST, times=3)
        with pytest.raises(Transient):
            writer.write(entry(2))
        writer.write(entry(3))

    in_a_function(world, write)
    links = read_chain(world.table, RUN)
    assert [link.detail for link in links] == ["look 1", "look 2", "look 3"]
    assert find_breaks(RUN, links) == []


def test_keyed_entry_is_written_once(world: TaskWorld) -> None:
    for request in ("one", "two", "three"):
        writer = journal(world, request)
        writer.write_once(entry(1), "begin")
        writer.write(entry(2))
    assert [link.id for link in read_chain(world.table, RUN)].count("begin") == 1
    assert find_breaks(RUN, read_chain(world.table, RUN)) == []


def test_concurrent_keyed_entry_is_written_once(world: TaskWorld) -> None:
    def begin(writer: Journal) -> None:
        writer.write_once(entry(1), "begin")

    for request in ("one", "two", "three"):
        world.engine.clock.call_later(0, lambda r=request: in_a_function(world, begin, r))
    world.advance(10)
    assert [link.id for link in read_chain(world.table, RUN)] == ["begin"]


def test_facts_of_300_servers_fit_item_limit(world: TaskWorld) -> None:
    """About half a megabyte, more than an item may have."""
    servers = {
        f"s-{n:017x}": {"name": "n" * 255, "instance": f"i-{n:017x}", "reason": "why " * 250} for n in range(300)
    }
    journal(world).write(entry(1, servers=servers))
    journal(world).write(entry(2))
    links = read_chain(world.table, RUN)
    assert links[0].facts == {"servers": servers}
    assert find_breaks(RUN, links) == []
    items = world.client("dynamodb").scan(TableName=world.table.name)["Items"]
    assert max(len(str(item)) for item in items) < 70_000


def test_long_detail_is_kept_in_facts(world: TaskWorld) -> None:
    journal(world).write(JournalEntry(START, JournalEvent.STEP_FAILED, "why " * 5_000))
    (read_back,) = read_entries(world.table, RUN)
    assert len(read_back.detail) == 8_000
    assert read_back.facts["detail"] == "why " * 5_000

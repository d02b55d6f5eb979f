"""Whatever is done to a chain is found, and said where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from leeward.control.journal.hash_chain import GENESIS_HASH, ChainedEntry, find_breaks
from tests.support.task_world import START

RUN = "website.failover.run-1"


def intact_chain(count: int = 6) -> list[ChainedEntry]:
    links: list[ChainedEntry] = []
    for number in range(1, count + 1):
        links.append(
            ChainedEntry(
                run=RUN,
                seq=number,
                id=f"request#{number}",
                at=START + timedelta(seconds=number),
                event="step.done",
                detail=f"look {number}",
                facts={"number": number},
                previous=links[-1].hash if links else GENESIS_HASH,
            ).with_hash()
        )
    return links


def break_messages(links: list[ChainedEntry]) -> str:
    return "; ".join(each.what for each in find_breaks(RUN, links))


def test_intact_chain_has_no_breaks() -> None:
    assert find_breaks(RUN, intact_chain()) == []
    assert find_breaks(RUN, []) == []


ALTERED: dict[str, dict[str, object]] = {
    "detail": {"detail": "nothing happened"},
    "facts": {"facts": {"number": 99}},
    "time": {"at": START},
    "event": {"event": "step.failed"},
    "step": {"step": "another"},
    "attempt": {"attempt": 2},
    "writer": {"id": "somebody else"},
}


@pytest.mark.parametrize("change", ALTERED.values(), ids=ALTERED)
@pytest.mark.parametrize("place", [0, 2, 5])
def test_altered_entry_is_detected(change: dict[str, object], place: int) -> None:
    links = intact_chain()
    links[place] = links[place].model_copy(update=change)
    (found,) = find_breaks(RUN, links)
    assert found.seq == place + 1
    assert "was altered" in found.what


@pytest.mark.parametrize("place", [0, 2, 4])
def test_altered_entry_with_new_hash_breaks_next_link(place: int) -> None:
    links = intact_chain()
    links[place] = links[place].model_copy(update={"detail": "nothing happened"}).with_hash()
    (found,) = find_breaks(RUN, links)
    assert found.seq == place + 2
    assert "does not follow the entry before it" in found.what


def swapped(links: list[ChainedEntry]) -> list[ChainedEntry]:
    return [links[0], links[2], links[1], *links[3:]]


def doubled(links: list[ChainedEntry]) -> list[ChainedEntry]:
    return [*links[:3], links[2], *links[3:]]


def renumbered(links: list[ChainedEntry]) -> list[ChainedEntry]:
    """One entry is cut out, and the others are renumbered and hashed again."""
    kept = [*links[:2], *links[3:]]
    return [link.model_copy(update={"seq": n}).with_hash() for n, link in enumerate(kept, start=1)]


CHANGES: dict[str, tuple[Callable[[list[ChainedEntry]], list[ChainedEntry]], str]] = {
    "cut out of the middle": (lambda links: [*links[:2], *links[3:]], "entry 3 is missing before entry 4"),
    "cut off the beginning": (lambda links: links[2:], "entries 1 to 2 are missing before entry 3"),
    "reordered": (swapped, "is at position 3: the order was changed"),
    "doubled": (doubled, "entry 3 (step.done, 2026-03-01 09:00:03 UTC) occurs twice, at positions 3 and 4"),
    "renumbered": (renumbered, "entry 3 (step.done, 2026-03-01 09:00:04 UTC) does not follow"),
}


@pytest.mark.parametrize(("change", "words"), CHANGES.values(), ids=CHANGES)
def test_break_message_describes_change(change: Callable[[list[ChainedEntry]], list[ChainedEntry]], words: str) -> None:
    assert words in break_messages(change(intact_chain()))


def test_entry_of_another_run_is_detected() -> None:
    links = intact_chain()
    links[3] = links[3].model_copy(update={"run": "website.failover.run-2"}).with_hash()
    assert "belongs to another run" in break_messages(links)


def test_genesis_value_has_hash_length() -> None:
    assert GENESIS_HASH == "0" * 64

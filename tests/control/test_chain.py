"""Whatever is done to a chain is found, and said where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from leeward.control.chain import GENESIS, Link, breaks
from tests.lambdas.world import START

RUN = "website.failover.run-1"


def whole(count: int = 6) -> list[Link]:
    links: list[Link] = []
    for number in range(1, count + 1):
        links.append(
            Link(
                run=RUN,
                seq=number,
                id=f"request#{number}",
                at=START + timedelta(seconds=number),
                event="step.done",
                detail=f"look {number}",
                facts={"number": number},
                previous=links[-1].hash if links else GENESIS,
            ).sealed()
        )
    return links


def told(links: list[Link]) -> str:
    return "; ".join(each.what for each in breaks(RUN, links))


def test_a_whole_chain_has_nothing_wrong() -> None:
    assert breaks(RUN, whole()) == []
    assert breaks(RUN, []) == []


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
def test_an_altered_entry_is_found(change: dict[str, object], place: int) -> None:
    links = whole()
    links[place] = links[place].model_copy(update=change)
    (found,) = breaks(RUN, links)
    assert found.seq == place + 1
    assert "was altered" in found.what


@pytest.mark.parametrize("place", [0, 2, 4])
def test_an_altered_entry_with_a_hash_of_its_own_breaks_the_link_after_it(place: int) -> None:
    links = whole()
    links[place] = links[place].model_copy(update={"detail": "nothing happened"}).sealed()
    (found,) = breaks(RUN, links)
    assert found.seq == place + 2
    assert "does not follow the entry before it" in found.what


def swapped(links: list[Link]) -> list[Link]:
    return [links[0], links[2], links[1], *links[3:]]


def doubled(links: list[Link]) -> list[Link]:
    return [*links[:3], links[2], *links[3:]]


def renumbered(links: list[Link]) -> list[Link]:
    """One is cut out, and the rest are numbered anew, each with a hash of its own."""
    kept = [*links[:2], *links[3:]]
    return [link.model_copy(update={"seq": n}).sealed() for n, link in enumerate(kept, start=1)]


DONE: dict[str, tuple[Callable[[list[Link]], list[Link]], str]] = {
    "cut out of the middle": (lambda links: [*links[:2], *links[3:]], "entry 3 is missing before entry 4"),
    "cut off the beginning": (lambda links: links[2:], "entries 1 to 2 are missing before entry 3"),
    "reordered": (swapped, "stands in place 3: the order was changed"),
    "doubled": (doubled, "entry 3 (step.done, 2026-03-01 09:00:03 UTC) is there twice, in places 3 and 4"),
    "renumbered": (renumbered, "entry 3 (step.done, 2026-03-01 09:00:04 UTC) does not follow"),
}


@pytest.mark.parametrize(("change", "words"), DONE.values(), ids=DONE)
def test_what_was_done_to_it_is_said(change: Callable[[list[Link]], list[Link]], words: str) -> None:
    assert words in told(change(whole()))


def test_an_entry_of_another_run_is_found() -> None:
    links = whole()
    links[3] = links[3].model_copy(update={"run": "website.failover.run-2"}).sealed()
    assert "belongs to another run" in told(links)


def test_what_stands_before_the_first_entry_is_as_long_as_a_hash() -> None:
    assert GENESIS == "0" * 64

"""Leftovers of a run that went wrong: changes of one resource in one Region, drawn by a seed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from leeward.rehearsal.session.rehearsal_session import RehearsalSession

THIRD_REGIONS = ("eu-north-1", "sa-east-1", "ca-central-1")
HOME = "home"
"""A Region of the application that has the resources which the leftover changes."""
ANY = "any"
"""Any Region, also one that the application doesn't use."""
GLOBAL = "us-east-1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a leftover is left. `name` is unique, for new resources."""

    session: RehearsalSession
    region: str
    name: str

    def client(self, service: str) -> Any:
        """Return a client in the Region."""
        return self.session.engine.client(service, self.region)


Leave = Callable[[Place], object]


@dataclass(frozen=True, slots=True)
class Leftover:
    """A kind of leftover. `where` is HOME, ANY, or a Region."""

    name: str
    where: str
    leave: Leave


@dataclass(frozen=True, slots=True)
class DrawnLeftover:
    """A leftover with its Region."""

    kind: Leftover
    region: str
    number: int

    def leave(self, session: RehearsalSession) -> None:
        """Leave it in the session's world."""
        self.kind.leave(Place(session, self.region, f"left-{self.number}"))

    def __str__(self) -> str:
        return f"{self.kind.name} in {self.region}"


def draw_leftovers(
    kinds: Sequence[Leftover], seed: str, count: int, regions: Mapping[str, Sequence[str]]
) -> Iterator[DrawnLeftover]:
    """Yield `count` leftovers: every kind once in a drawn order, then again. `regions` lists the Regions of a place."""
    random = Random(seed)
    order: list[Leftover] = []
    for number in range(count):
        order = order or random.sample(kinds, len(kinds))
        kind = order.pop()
        yield DrawnLeftover(kind, random.choice(regions.get(kind.where, [kind.where])), number)

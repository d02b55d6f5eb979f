"""Which way a run goes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self, TypeAlias

from leeward.state_machines.application.application_document import Regions


class RunDirection(StrEnum):
    """`failover` leaves the primary Region for the standby; `failback` goes the other way."""

    FAILOVER = "failover"
    FAILBACK = "failback"


# Of which of a run's two Regions a step speaks: `in: origin` or `in: target`.
Side: TypeAlias = Literal["origin", "target"]


def opposite(side: Side) -> Side:
    """The other one."""
    return "target" if side == "origin" else "origin"


@dataclass(frozen=True, slots=True)
class RunRegions:
    """The Region being left and the Region being entered."""

    origin: str
    target: str

    def region(self, side: Side) -> str:
        """The Region on `side`."""
        return self.origin if side == "origin" else self.target

    @classmethod
    def from_direction(cls, regions: Regions, direction: RunDirection) -> Self:
        """The way that `direction` goes between `regions`."""
        if direction is RunDirection.FAILOVER:
            return cls(origin=regions.primary, target=regions.standby)
        return cls(origin=regions.standby, target=regions.primary)

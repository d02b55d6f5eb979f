"""The direction of a run, and its origin and target Regions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, Self, TypeAlias

from leeward.state_machines.application.application_document import Regions


class RunDirection(StrEnum):
    """`failover` goes from the primary to the standby Region. `failback` goes from the standby to the primary
    Region.
    """

    FAILOVER = "failover"
    FAILBACK = "failback"


# Which of a run's two Regions a step acts in: `in: origin` or `in: target`.
Side: TypeAlias = Literal["origin", "target"]


def opposite(side: Side) -> Side:
    """Return the other side."""
    return "target" if side == "origin" else "origin"


@dataclass(frozen=True, slots=True)
class RunRegions:
    """The origin Region, which the run leaves, and the target Region, which takes over."""

    origin: str
    target: str

    def region(self, side: Side) -> str:
        """Return the Region on `side`."""
        return self.origin if side == "origin" else self.target

    @classmethod
    def from_direction(cls, regions: Regions, direction: RunDirection) -> Self:
        """Return the origin and target Regions for a direction."""
        if direction is RunDirection.FAILOVER:
            return cls(origin=regions.primary, target=regions.standby)
        return cls(origin=regions.standby, target=regions.primary)

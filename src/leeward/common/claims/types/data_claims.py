"""Claims about data: who may write, what has arrived, what a table is like."""

from __future__ import annotations

from typing import Literal

from leeward.common.claims.types.claim import Claim
from leeward.common.claims.types.traffic_claims import switch_text


class Fenced(Claim):
    """A Region's API may not write, or may again. `deferred_for` is a Region that did not respond."""

    claim: Literal["fenced"] = "fenced"
    region: str
    writes: str
    deferred_for: str | None = None
    copies_in: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return whether the Region may write."""
        return switch_text(self.region, self.writes, self.deferred_for, self.copies_in)


class Arrived(Claim):
    """All writes of one Region up to now are in the other."""

    claim: Literal["arrived"] = "arrived"
    from_region: str
    region: str
    markers: int
    within_seconds: float

    @property
    def text(self) -> str:
        """Return how long the last write took."""
        last = f"the last within {self.within_seconds:.0f} s"
        return f"all {self.markers} markers of {self.from_region} are in {self.region}, {last}"


class ReplicasReady(Claim):
    """A table's replicas are as the run needs them. `details` are what was found, in the order of the look-up."""

    claim: Literal["replicas ready"] = "replicas ready"
    table: str
    details: tuple[str, ...]

    @property
    def text(self) -> str:
        """Return what was found."""
        return "; ".join(self.details)

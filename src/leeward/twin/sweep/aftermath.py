"""What follows a fault: each call that the broken run still makes, broken in its turn.

A run that fails takes back what it did, records its end and tells of it, which no clean run does. So what can be broken
there is read off the run with the first fault, and each case is a pair.
"""

from __future__ import annotations

from leeward.twin.sweep.breaking import Unbroken
from leeward.twin.sweep.faults import CallMode, Fault, NoSuchFault
from leeward.twin.sweep.survey import Survey
from leeward.twin.sweep.trial import START


class Begin(Unbroken):
    """A run in which these faults begin, where the first of them strikes; what a person does, with the run."""

    def __init__(self, *faults: Fault) -> None:
        self._faults = faults

    def at(self, point: str) -> tuple[Fault, ...] | None:  # type: ignore[override]
        """From here on, if this is the place."""
        first = START if self._faults[0].kind == "operator" else self._faults[0].point
        return self._faults if point == first else None


def cases_after(first: Fault, broken: Survey) -> list[tuple[Fault, ...]]:
    """The pairs of `first` and each way in which each later call of `broken`, the run with it, can go wrong. Raises
    NoSuchFault where there is none."""
    if first.kind != "call":
        raise NoSuchFault(f"{first.id}: what follows is known of a call alone, such as call:17:denied")
    later = range(first.number + 1, len(broken.calls) + 1)
    if not later:
        raise NoSuchFault(f"nothing follows {first.id}: the run with it makes {len(broken.calls)} calls")
    return [(first, Fault("call", str(number), mode)) for number in later for mode in CallMode]

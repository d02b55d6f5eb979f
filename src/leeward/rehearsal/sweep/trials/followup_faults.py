"""What follows a fault: each call that the broken run still makes, broken in its turn.

A run that fails takes back what it did, records its end and tells of it, which no clean run does. So what can be broken
there is read off the run with the first fault, and each case is a pair.
"""

from __future__ import annotations

from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.faults.injector import NoFaultPlan
from leeward.rehearsal.sweep.faults.planned_faults import CALL_FAULT_MODES, NoSuchFault, PlannedFault
from leeward.rehearsal.sweep.trials.trial import START_POINT


class FixedFaultPlan(NoFaultPlan):
    """A run in which these faults begin, where the first of them strikes; what a person does, with the run."""

    def __init__(self, *faults: PlannedFault) -> None:
        self._faults = faults

    def faults_at(self, point: str) -> tuple[PlannedFault, ...] | None:  # type: ignore[override]
        """From here on, if this is the place."""
        first = START_POINT if self._faults[0].point_kind == "operator" else self._faults[0].point
        return self._faults if point == first else None


def followup_fault_sets(first: PlannedFault, faulty_run: Baseline) -> list[tuple[PlannedFault, ...]]:
    """The pairs of `first` and each way in which each later call of `broken`, the run with it, can go wrong. Raises
    NoSuchFault where there is none."""
    if first.point_kind != "call":
        raise NoSuchFault(f"{first.id}: what follows is known of a call alone, such as call:17:denied")
    later = range(first.number + 1, len(faulty_run.calls) + 1)
    if not later:
        raise NoSuchFault(f"nothing follows {first.id}: the run with it makes {len(faulty_run.calls)} calls")
    return [(first, PlannedFault("call", str(number), mode)) for number in later for mode in CALL_FAULT_MODES]

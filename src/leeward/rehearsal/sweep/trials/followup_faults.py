"""Lists follow-up faults: faults in each call that a run makes after its first fault.

A failed run undoes its steps, records its end, and notifies the operators. The baseline run doesn't make these calls.
So the follow-up faults come from the run with the first fault, and each fault set is a pair.
"""

from __future__ import annotations

from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.faults.planned_faults import CALL_FAULT_MODES, NoSuchFault, PlannedFault
from leeward.rehearsal.sweep.injection.injector import NoFaultPlan
from leeward.rehearsal.sweep.trials.trial import START_POINT


class FixedFaultPlan(NoFaultPlan):
    """The plan of a run with these faults, starting at the first fault's point. Operator faults start with the run."""

    def __init__(self, *faults: PlannedFault) -> None:
        self._faults = faults

    def faults_at(self, point: str) -> tuple[PlannedFault, ...] | None:  # type: ignore[override]
        """Return the faults if `point` is where the first of them starts."""
        first = START_POINT if self._faults[0].point_kind == "operator" else self._faults[0].point
        return self._faults if point == first else None


def followup_fault_sets(first: PlannedFault, faulty_run: Baseline) -> list[tuple[PlannedFault, ...]]:
    """Return the pairs of `first` and each fault in each later call of `faulty_run`, which is the run with `first`.

    Raises NoSuchFault when `first` isn't a call fault or no call follows it.
    """
    if first.point_kind != "call":
        raise NoSuchFault(
            f"{first.id} is not a call fault. Only a call fault, such as call:17:denied, has follow-up faults"
        )
    later = range(first.number + 1, len(faulty_run.calls) + 1)
    if not later:
        raise NoSuchFault(f"no call follows {first.id}: the run with this fault makes {len(faulty_run.calls)} calls")
    return [(first, PlannedFault("call", str(number), mode)) for number in later for mode in CALL_FAULT_MODES]

"""Draws the outages of services and the invocation errors that a sweep tries.

Every service can fail from every call on, and every invocation can end with about 90 errors. These are more trials than
all others together, and most of them are alike. A sweep tries:

- Outages of a service: each kind of outage, from each function's first call to the service in a Region.
- Outages of Lambda: each kind of outage, from each function's first invocation.
- Invocation errors: one drawn error of each class for each invocation, and each error at least once.

Each draw has its own key, so another error or invocation doesn't change the other draws.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from random import Random

from leeward.rehearsal.sweep.faults.baseline import Baseline, fault_location, possible_faults
from leeward.rehearsal.sweep.faults.planned_faults import INVOCATION_ERROR_MODES, PlannedFault

_SERVICE_POINTS = frozenset({"service", "lambda-service"})
FaultParts = tuple[list[PlannedFault], list[PlannedFault], list[PlannedFault]]


def is_drawn(fault: PlannedFault) -> bool:
    """Return whether a sweep tries only a draw of the faults of this kind."""
    return fault.point_kind in _SERVICE_POINTS or fault.mode in INVOCATION_ERROR_MODES


def draw_aws_faults(baseline: Baseline, seed: int) -> FaultParts:
    """Return the drawn faults in three parts.

    1. All outages, and each class of invocation errors for each function.
    2. Each invocation error that the first part lacks.
    3. Each class of invocation errors for the remaining invocations.
    """
    faults = [fault for fault in possible_faults(baseline) if is_drawn(fault)]
    errors = [fault for fault in faults if fault.mode in INVOCATION_ERROR_MODES]
    outages = [fault for fault in faults if fault.point_kind in _SERVICE_POINTS]
    by_invocation = _draw_for_each(errors, lambda fault: f"{fault.class_label}|{fault.point_id}", seed)
    shuffled = _shuffle(by_invocation, f"{seed}|invocations")
    first_errors = _first_at_each_location(baseline, shuffled)
    drawn_modes = {fault.mode for fault in first_errors}
    by_mode = _draw_for_each(
        [fault for fault in errors if fault.mode not in drawn_modes], lambda fault: fault.mode, seed
    )
    selected = {*first_errors, *by_mode}
    rest = [fault for fault in shuffled if fault not in selected]
    return (
        _shuffle([*_first_at_each_location(baseline, outages), *first_errors], f"{seed}|aws"),
        _shuffle(by_mode, f"{seed}|errors"),
        rest,
    )


def _first_at_each_location(baseline: Baseline, faults: Iterable[PlannedFault]) -> list[PlannedFault]:
    """Return the first fault of each class at each location."""
    first: dict[tuple[str, str], PlannedFault] = {}
    for fault in faults:
        first.setdefault((fault.class_label, fault_location(baseline, fault)), fault)
    return list(first.values())


def _draw_for_each(
    faults: Iterable[PlannedFault], key_of: Callable[[PlannedFault], str], seed: int
) -> list[PlannedFault]:
    """Return one drawn fault for each key."""
    groups: dict[str, list[PlannedFault]] = {}
    for fault in faults:
        groups.setdefault(key_of(fault), []).append(fault)
    return [Random(f"{seed}|{key}").choice(group) for key, group in groups.items()]  # noqa: S311 - reproducible on purpose


def _shuffle(faults: Iterable[PlannedFault], key: str) -> list[PlannedFault]:
    shuffled = list(faults)
    Random(key).shuffle(shuffled)  # noqa: S311 - reproducible on purpose
    return shuffled

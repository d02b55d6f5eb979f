"""The order of a sweep's trials, and the draw of the faults that are too many to try each of them."""

from __future__ import annotations

from random import Random

from leeward.rehearsal.sweep.faults.aws_fault_draw import draw_aws_faults, is_drawn
from leeward.rehearsal.sweep.faults.baseline import Baseline, fault_location, possible_faults
from leeward.rehearsal.sweep.faults.planned_faults import (
    CALL_FAULT_MODES,
    SDK_RETRIED_MODES,
    THROTTLED_LONG,
    OperatorFaultMode,
    PlannedFault,
)
from leeward.twin.interception import FaultKind

# The modes that usually make a step fail. Within this number of calls after the failure, the run usually has undone its
# steps, recorded its end, and ended.
_STEP_FAILING_MODES = (FaultKind.ACCESS_DENIED, FaultKind.CREDENTIALS_EXPIRED, FaultKind.MISSING_FIELD, THROTTLED_LONG)
_FOLLOWUP_CALLS = 48


def order_faults(baseline: Baseline, seed: int) -> tuple[list[PlannedFault], list[PlannedFault], list[PlannedFault]]:
    """Return the single faults to try in three parts, so that an interrupted sweep has covered as much as possible.

    1. Each fault class at each location. If several faults are equal, one of them is drawn. The part starts with one
       fault of every class.
    2. Each fault class at each call site in the code.
    3. All other faults. These are the repeated calls of steps that wait.

    In the second and third parts, faults that the SDK retries come last. Outages of services and invocation errors are
    drawn, see aws_fault_draw.py. All other faults are tried.
    """
    rng = Random(f"{seed}|order")  # noqa: S311 - reproducible on purpose
    drawn_first, drawn_second, drawn_rest = draw_aws_faults(baseline, seed)
    faults = [fault for fault in possible_faults(baseline) if not is_drawn(fault)]
    rng.shuffle(faults)
    by_location = {(fault.class_label, fault_location(baseline, fault)): fault for fault in faults}
    by_class: dict[str, PlannedFault] = {}
    for fault in (*by_location.values(), *drawn_first):
        by_class.setdefault(fault.class_label, fault)
    first = list(dict.fromkeys([*by_class.values(), *by_location.values(), *drawn_first]))
    by_site = {
        (fault.class_label, fault_location(baseline, fault), _call_site(baseline, fault)): fault
        for fault in [*faults, *first]
        if not is_drawn(fault)
    }
    selected = set(first)
    second = [fault for fault in (*by_site.values(), *drawn_second) if fault not in selected]
    selected.update(second)
    rest = [fault for fault in (*faults, *drawn_rest) if fault not in selected]
    return first, sorted(second, key=_is_retried_by_sdk), sorted(rest, key=_is_retried_by_sdk)


def _is_retried_by_sdk(fault: PlannedFault) -> bool:
    return fault.point_kind == "call" and fault.mode in SDK_RETRIED_MODES


def _call_site(baseline: Baseline, fault: PlannedFault) -> str:
    return baseline.call_sites[fault.number - 1] if fault.point_kind == "call" else ""


def draw_fault_pairs(baseline: Baseline, seed: int, count: int) -> list[tuple[PlannedFault, ...]]:
    """Draw pairs of faults.

    A quarter of the pairs are a failure and the operator's answer to it. Half of them are a failure and a fault in a
    later call, which only the run with the failure makes. The last quarter are any two faults. Outages of services and
    invocation errors are tried only alone.
    """
    rng = Random(f"{seed}|pairs")  # noqa: S311
    singles = [
        fault
        for fault in possible_faults(baseline)
        if fault.point_kind in ("call", "lambda", "step") and not is_drawn(fault)
    ]
    failures = [fault for fault in singles if fault.mode in _STEP_FAILING_MODES]
    answers = [
        PlannedFault("operator", "", mode)
        for mode in (OperatorFaultMode.RETRIES, OperatorFaultMode.SKIPS, OperatorFaultMode.SILENT)
    ]
    pairs: list[tuple[PlannedFault, ...]] = []
    for number in range(count):
        first, second = rng.sample(singles, 2)
        if number % 4 == 0 and failures:
            first, second = rng.choice(failures), rng.choice(answers)
        elif number % 4 in (1, 2) and failures:
            first = rng.choice(failures)
            second = PlannedFault(
                "call", str(first.number + rng.randint(1, _FOLLOWUP_CALLS)), rng.choice(CALL_FAULT_MODES)
            )
        pairs.append((first, second))
    return list(dict.fromkeys(pairs))

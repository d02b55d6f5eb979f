"""The clean run: what a runbook does when nothing is broken, and so what can be broken in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import chain
from random import Random
from typing import Any

from leeward.rehearsal.sweep.faults.planned_faults import (
    CALL_FAULT_MODES,
    OUTAGE_MODE,
    SDK_RETRIED_MODES,
    STOPPED_MODE,
    THROTTLED_LONG,
    InvocationFaultMode,
    OperatorFaultMode,
    PlannedFault,
)
from leeward.twin.interception import FaultKind

# What a step mostly fails of. Within so many calls after it, mostly, the run has taken back what it takes back, has
# recorded its end and ended.
_STEP_FAILING_MODES = (FaultKind.ACCESS_DENIED, FaultKind.CREDENTIALS_EXPIRED, FaultKind.MISSING_FIELD, THROTTLED_LONG)
_FOLLOWUP_CALLS = 48


@dataclass(slots=True)
class Baseline:
    """`calls` are `function service:Operation region`, `sites` where each of them stands in the code (state, function,
    which call of the invocation), `invocations` functions, `states` and `steps` names and ids; `goal` is how the run
    leaves the world."""

    outcome: str = ""
    problems: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    call_sites: list[str] = field(default_factory=list)
    invocations: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    questions: int = 0
    regions: list[str] = field(default_factory=list)
    final_snapshot: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)

    @property
    def fingerprint(self) -> str:
        """Two clean runs with the same fingerprint can be broken in the same ways."""
        told = "\n".join(chain(self.calls, self.invocations, self.states))
        return hashlib.sha256(told.encode()).hexdigest()[:12]


def possible_faults(baseline: Baseline) -> list[PlannedFault]:
    """Every single fault, in the order of the run."""
    return [
        *_call_faults(baseline),
        *_invocation_faults(baseline),
        *_stop_faults(baseline),
        *_region_outage_faults(baseline),
        *_operator_faults(baseline),
    ]


def _call_faults(baseline: Baseline) -> Iterator[PlannedFault]:
    for number, _ in enumerate(baseline.calls, start=1):
        for mode in CALL_FAULT_MODES:
            yield PlannedFault("call", str(number), mode)


def _invocation_faults(baseline: Baseline) -> Iterator[PlannedFault]:
    for number, _ in enumerate(baseline.invocations, start=1):
        for mode in InvocationFaultMode:
            yield PlannedFault("lambda", str(number), mode)


def _stop_faults(baseline: Baseline) -> Iterator[PlannedFault]:
    for number, _ in enumerate(baseline.states, start=1):
        yield PlannedFault("state", str(number), STOPPED_MODE)


def _region_outage_faults(baseline: Baseline) -> Iterator[PlannedFault]:
    for step in baseline.steps:
        for region in baseline.regions:
            yield PlannedFault("step", step, OUTAGE_MODE, region)


def _operator_faults(baseline: Baseline) -> Iterator[PlannedFault]:
    if baseline.questions:
        yield PlannedFault("operator", "", OperatorFaultMode.REJECTS)
        yield PlannedFault("operator", "", OperatorFaultMode.SILENT)


def fault_location(baseline: Baseline, fault: PlannedFault) -> str:
    """Where a fault strikes, in words: the function and the call, the state, the step."""
    lists = {"call": baseline.calls, "lambda": baseline.invocations, "state": baseline.states}
    if fault.point_kind not in lists:
        return fault.point_id
    known = lists[fault.point_kind]
    return known[fault.number - 1] if fault.number <= len(known) else f"{fault.point_kind} {fault.number}"


def order_faults(baseline: Baseline, seed: int) -> tuple[list[PlannedFault], list[PlannedFault], list[PlannedFault]]:
    """Every single fault, in three parts, so that a sweep that is cut short has seen as much as it could.

    First each class of faults at each place, one of several equal ones, drawn; then at each site, where it stands in
    the code; then what is left, which is what a step that waits does again and again. In the first, every class comes
    before any comes twice; in the others, what the SDK mends by itself comes last.
    """
    draw = Random(f"{seed}|order")  # noqa: S311 - reproducible on purpose
    faults = possible_faults(baseline)
    draw.shuffle(faults)
    by_place = {(fault.class_label, fault_location(baseline, fault)): fault for fault in faults}
    by_class: dict[str, PlannedFault] = {}
    for fault in by_place.values():
        by_class.setdefault(fault.class_label, fault)
    first = list(dict.fromkeys([*by_class.values(), *by_place.values()]))
    sites = {
        (fault.class_label, fault_location(baseline, fault), _call_site(baseline, fault)): fault
        for fault in [*faults, *first]
    }
    second = [fault for fault in dict.fromkeys(sites.values()) if fault not in set(first)]
    seen = {*first, *second}
    rest = [fault for fault in faults if fault not in seen]
    return first, sorted(second, key=_is_retried_by_sdk), sorted(rest, key=_is_retried_by_sdk)


def _is_retried_by_sdk(fault: PlannedFault) -> bool:
    return fault.mode in SDK_RETRIED_MODES


def _call_site(baseline: Baseline, fault: PlannedFault) -> str:
    return baseline.call_sites[fault.number - 1] if fault.point_kind == "call" else ""


def draw_fault_pairs(baseline: Baseline, seed: int, count: int) -> list[tuple[PlannedFault, ...]]:
    """Pairs of faults, drawn: a failure and what a person answers to it; twice as many in which a failure is followed
    by one in what it has set going, which no clean run does; and as many of any two faults."""
    draw = Random(f"{seed}|pairs")  # noqa: S311
    singles = [fault for fault in possible_faults(baseline) if fault.point_kind in ("call", "lambda", "step")]
    failures = [fault for fault in singles if fault.mode in _STEP_FAILING_MODES]
    answers = [
        PlannedFault("operator", "", mode)
        for mode in (OperatorFaultMode.RETRIES, OperatorFaultMode.SKIPS, OperatorFaultMode.SILENT)
    ]
    pairs: list[tuple[PlannedFault, ...]] = []
    for number in range(count):
        first, second = draw.sample(singles, 2)
        if number % 4 == 0 and failures:
            first, second = draw.choice(failures), draw.choice(answers)
        elif number % 4 in (1, 2) and failures:
            first = draw.choice(failures)
            second = PlannedFault(
                "call", str(first.number + draw.randint(1, _FOLLOWUP_CALLS)), draw.choice(CALL_FAULT_MODES)
            )
        pairs.append((first, second))
    return list(dict.fromkeys(pairs))

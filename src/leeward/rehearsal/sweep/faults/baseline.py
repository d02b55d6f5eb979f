"""The baseline: the record of a run without faults, and the possible faults that follow from it."""

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

# The modes that usually make a step fail. Within this number of calls after the failure, the run usually has undone its
# steps, recorded its end, and ended.
_STEP_FAILING_MODES = (FaultKind.ACCESS_DENIED, FaultKind.CREDENTIALS_EXPIRED, FaultKind.MISSING_FIELD, THROTTLED_LONG)
_FOLLOWUP_CALLS = 48


@dataclass(slots=True)
class Baseline:
    """The record of a run.

    - `calls`: each AWS call, as `function service:Operation region`.
    - `call_sites`: the state, the function, and the number of the call within its invocation, for each call.
    - `invocations`: each invocation, as `function region`.
    - `states`, `steps`: the names of the entered states, and the IDs of the entered steps.
    - `final_snapshot`: the state of the world after the run.
    """

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
        """Return the record as a JSON object."""
        return asdict(self)

    @property
    def fingerprint(self) -> str:
        """Return a digest of calls, invocations, and states. Runs with the same fingerprint have the same faults."""
        text = "\n".join(chain(self.calls, self.invocations, self.states))
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def possible_faults(baseline: Baseline) -> list[PlannedFault]:
    """Return every possible single fault, in the order of the run."""
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
    """Return where a fault is injected, as text: the function and the call, the state, or the step."""
    lists = {"call": baseline.calls, "lambda": baseline.invocations, "state": baseline.states}
    if fault.point_kind not in lists:
        return fault.point_id
    points = lists[fault.point_kind]
    return points[fault.number - 1] if fault.number <= len(points) else f"{fault.point_kind} {fault.number}"


def order_faults(baseline: Baseline, seed: int) -> tuple[list[PlannedFault], list[PlannedFault], list[PlannedFault]]:
    """Return all single faults in three parts, so that an interrupted sweep has covered as much as possible.

    1. Each fault class at each location. If several faults are equal, one of them is drawn. The part starts with one
       fault of every class.
    2. Each fault class at each call site in the code.
    3. All other faults. These are the repeated calls of steps that wait.

    In the second and third parts, faults that the SDK retries come last.
    """
    rng = Random(f"{seed}|order")  # noqa: S311 - reproducible on purpose
    faults = possible_faults(baseline)
    rng.shuffle(faults)
    by_location = {(fault.class_label, fault_location(baseline, fault)): fault for fault in faults}
    by_class: dict[str, PlannedFault] = {}
    for fault in by_location.values():
        by_class.setdefault(fault.class_label, fault)
    first = list(dict.fromkeys([*by_class.values(), *by_location.values()]))
    by_site = {
        (fault.class_label, fault_location(baseline, fault), _call_site(baseline, fault)): fault
        for fault in [*faults, *first]
    }
    second = [fault for fault in dict.fromkeys(by_site.values()) if fault not in set(first)]
    selected = {*first, *second}
    rest = [fault for fault in faults if fault not in selected]
    return first, sorted(second, key=_is_retried_by_sdk), sorted(rest, key=_is_retried_by_sdk)


def _is_retried_by_sdk(fault: PlannedFault) -> bool:
    return fault.mode in SDK_RETRIED_MODES


def _call_site(baseline: Baseline, fault: PlannedFault) -> str:
    return baseline.call_sites[fault.number - 1] if fault.point_kind == "call" else ""


def draw_fault_pairs(baseline: Baseline, seed: int, count: int) -> list[tuple[PlannedFault, ...]]:
    """Draw pairs of faults.

    A quarter of the pairs are a failure and the operator's answer to it. Half of them are a failure and a fault in a
    later call, which only the run with the failure makes. The last quarter are any two faults.
    """
    rng = Random(f"{seed}|pairs")  # noqa: S311
    singles = [fault for fault in possible_faults(baseline) if fault.point_kind in ("call", "lambda", "step")]
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

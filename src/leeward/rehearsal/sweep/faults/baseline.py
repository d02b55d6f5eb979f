"""The baseline: the record of a run without faults, and the possible faults that follow from it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

from leeward.rehearsal.end_state.trial_goal import EndState
from leeward.rehearsal.results.objectives import Objectives
from leeward.rehearsal.sweep.faults.planned_faults import (
    CALL_FAULT_MODES,
    INVOCATION_ERROR_MODES,
    OUTAGE_MODE,
    STOPPED_MODE,
    InvocationFaultMode,
    OperatorFaultMode,
    PlannedFault,
)
from leeward.twin.interception import SERVICE_FAULTS

# The operation in a call such as `leeward-drs-recover drs:DescribeJobs us-west-2`.
_OPERATION = re.compile(r":\S+")


@dataclass(slots=True)
class Baseline:
    """The record of a run.

    - `calls`: each AWS call, as `function service:Operation region`.
    - `call_sites`: the state, the function, and the number of the call within its invocation, for each call.
    - `invocations`: each invocation, as `function region`.
    - `call_states`, `invocation_states`: the state in which each call, and each invocation, was made.
    - `states`, `steps`: the names of the entered states, and the IDs of the entered steps.
    - `kinds_by_state`, `kinds_by_step`: the kind of step to which a state, or the ID of a step, belongs.
    - `end_state`: the state of the world after the run. None until then.
    - `objectives`: its RTO and RPO.
    """

    outcome: str = ""
    problems: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    call_sites: list[str] = field(default_factory=list)
    invocations: list[str] = field(default_factory=list)
    call_states: list[str] = field(default_factory=list)
    invocation_states: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    kinds_by_state: dict[str, str] = field(default_factory=dict)
    kinds_by_step: dict[str, str] = field(default_factory=dict)
    questions: int = 0
    regions: list[str] = field(default_factory=list)
    end_state: EndState | None = None
    objectives: Objectives = field(default_factory=dict)

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
        *_service_faults(baseline),
        *_invocation_errors(baseline),
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


def _service_faults(baseline: Baseline) -> Iterator[PlannedFault]:
    for point_kind, points in (("service", baseline.calls), ("lambda-service", baseline.invocations)):
        for number, _ in enumerate(points, start=1):
            for mode in SERVICE_FAULTS:
                yield PlannedFault(point_kind, str(number), mode)


def _invocation_errors(baseline: Baseline) -> Iterator[PlannedFault]:
    for number, _ in enumerate(baseline.invocations, start=1):
        for mode in INVOCATION_ERROR_MODES:
            yield PlannedFault("lambda", str(number), mode)


def fault_location(baseline: Baseline, fault: PlannedFault) -> str:
    """Return where a fault is injected, as text: the function and the call or the service, the state, or the step."""
    lists = {
        "call": baseline.calls,
        "lambda": baseline.invocations,
        "state": baseline.states,
        "service": baseline.calls,
        "lambda-service": baseline.invocations,
    }
    if fault.point_kind not in lists:
        return fault.point_id
    points = lists[fault.point_kind]
    point = points[fault.number - 1] if fault.number <= len(points) else f"{fault.point_kind} {fault.number}"
    return _OPERATION.sub("", point) if fault.point_kind == "service" else point

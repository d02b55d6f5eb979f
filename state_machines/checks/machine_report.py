"""Runs all checks of a machine and returns one report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from leeward.state_machines.analysis.execution_bounds import (
    MAX_EVENTS,
    MAX_PAYLOAD_BYTES,
    ExecutionBounds,
    compute_bounds,
    count_states_and_calls,
)
from leeward.state_machines.analysis.loop_bounds import UnboundedLoop
from leeward.state_machines.asl import StateMachine
from leeward.state_machines.asl.parser.definition_parser import parse_definition
from leeward.state_machines.checks import failure_records, graph_shape
from leeward.state_machines.checks.behavior.behavior_check import check_behavior
from leeward.state_machines.checks.calls.catches import check_catches
from leeward.state_machines.checks.calls.results import check_results
from leeward.state_machines.checks.calls.retries import check_retries
from leeward.state_machines.checks.cross_region_calls import CrossRegionCall, find_cross_region_calls
from leeward.state_machines.checks.documents.document_calls import check_calls, check_functions, check_handling
from leeward.state_machines.checks.documents.document_places import check_places, check_run_time
from leeward.state_machines.checks.documents.step_order import check_order
from leeward.state_machines.checks.expectations.expected_steps import MachineDocuments
from leeward.state_machines.checks.findings.machine_finding import MachineFinding
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook

MachineCheck = Callable[[StateMachine], Iterator[MachineFinding]]
DocumentCheck = Callable[[StateMachine, MachineDocuments], Iterator[MachineFinding]]


@dataclass(frozen=True, slots=True)
class MachineReport:
    """What is known about a machine without running it. `bounds` is None when a loop is unbounded.

    `path` is the committed file, if one was checked. `drift` says how it differs from what the documents compile to, or
    is "".
    """

    application: str
    runbook: str
    states: int
    findings: tuple[MachineFinding, ...]
    bounds: ExecutionBounds | None
    timeout_seconds: int
    cross_region_calls: tuple[CrossRegionCall, ...]
    drift: str = ""
    path: Path | None = None


def check_limits(machine: StateMachine) -> Iterator[MachineFinding]:
    """Yield the Step Functions limits that a run can reach.

    The limits are 25,000 history events, 256 KiB of state data, and the machine's own TimeoutSeconds. Step Functions
    ends an execution that reaches one without calling any function, so the lock stays and no one is notified.
    """
    try:
        worst = compute_bounds(machine)
    except UnboundedLoop:
        return  # the `loops` check reports it
    if worst.events >= MAX_EVENTS:
        yield MachineFinding(
            "limits", machine.start_at, f"a run can write {worst.events} events, of {MAX_EVENTS} allowed"
        )
    if worst.payload_bytes >= MAX_PAYLOAD_BYTES:
        text = f"the data can grow to {worst.payload_bytes} bytes, of {MAX_PAYLOAD_BYTES} allowed"
        yield MachineFinding("limits", worst.payload_state, text)
    if worst.seconds > machine.timeout_seconds:
        text = f"a run can take {worst.seconds} s, and is cut off after {machine.timeout_seconds} s"
        yield MachineFinding("limits", machine.start_at, text)


# Checks of a machine by itself, and those that compare it with its documents.
CHECKS: dict[str, MachineCheck] = {
    "reachable": graph_shape.check_reachable,
    "ends": graph_shape.check_ends,
    "loops": graph_shape.check_loops,
    "failures": failure_records.check_failures,
    "lock": failure_records.check_lock,
    "limits": check_limits,
    "catches": check_catches,
    "retries": check_retries,
    "results": check_results,
}
DOCUMENT_CHECKS: dict[str, DocumentCheck] = {
    "functions": check_functions,
    "calls": check_calls,
    "handling": check_handling,
    "run-time": check_run_time,
    "places": check_places,
    "order": check_order,
    "behavior": check_behavior,
}
# They follow transitions, so they need a machine whose transitions lead somewhere.
_GRAPH_CHECKS = ("ends", "loops", "failures", "lock", "limits", "run-time", "order", "behavior")


def check_machine(compiled: CompiledRunbook) -> MachineReport:
    """Run the checks of a compiled runbook that need no document, and return the report."""
    findings = (finding for check in CHECKS.values() for finding in check(compiled.machine))
    return _report(compiled, compiled.machine, tuple(findings))


def check_definition(text: str, compiled: CompiledRunbook, documents: MachineDocuments) -> MachineReport:
    """Run all checks of the text of a committed definition. `compiled` is what its documents compile to now.

    The checks read the text and the documents only. The compiled machine is compared for `drift`, and nothing else.
    """
    parsed = parse_definition(text)
    findings = [MachineFinding("definition", problem.state, problem.text) for problem in parsed.problems]
    drift = "" if text == compiled.text else "differs from what the documents compile to"
    if parsed.machine is None:
        return MachineReport(compiled.application, compiled.runbook, 0, tuple(findings), None, 0, (), drift)
    findings += find_problems(parsed.machine, documents)
    return _report(compiled, parsed.machine, tuple(findings), drift)


def find_problems(machine: StateMachine, documents: MachineDocuments) -> Iterator[MachineFinding]:
    """Yield the findings of all checks.

    If a transition leads nowhere, the checks that follow transitions are left out.
    """
    dangling = list(graph_shape.check_targets(machine))
    for name, check in CHECKS.items():
        if not dangling or name not in _GRAPH_CHECKS:
            yield from check(machine)
    for name, document_check in DOCUMENT_CHECKS.items():
        if not dangling or name not in _GRAPH_CHECKS:
            yield from document_check(machine, documents)


def _report(
    compiled: CompiledRunbook, machine: StateMachine, findings: tuple[MachineFinding, ...], drift: str = ""
) -> MachineReport:
    try:
        worst = None if list(graph_shape.check_targets(machine)) else compute_bounds(machine)
    except UnboundedLoop:
        worst = None
    return MachineReport(
        application=compiled.application,
        runbook=compiled.runbook,
        states=count_states_and_calls(machine)["states"],
        findings=findings,
        bounds=worst,
        timeout_seconds=machine.timeout_seconds,
        cross_region_calls=tuple(find_cross_region_calls(machine, compiled.run_regions)),
        drift=drift,
    )

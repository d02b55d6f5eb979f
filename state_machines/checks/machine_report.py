"""Runs all checks of a compiled machine and returns one report."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from leeward.state_machines.analysis.execution_bounds import (
    MAX_EVENTS,
    MAX_PAYLOAD_BYTES,
    ExecutionBounds,
    compute_bounds,
    count_states_and_calls,
)
from leeward.state_machines.analysis.loop_bounds import UnboundedLoop
from leeward.state_machines.asl import StateMachine
from leeward.state_machines.checks import failure_records, graph_shape
from leeward.state_machines.checks.cross_region_calls import CrossRegionCall, find_cross_region_calls
from leeward.state_machines.checks.machine_finding import MachineFinding
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook

MachineCheck = Callable[[StateMachine], Iterator[MachineFinding]]


@dataclass(frozen=True, slots=True)
class MachineReport:
    """What is known about a machine without running it. `bounds` is None when a loop is unbounded."""

    application: str
    runbook: str
    states: int
    findings: tuple[MachineFinding, ...]
    bounds: ExecutionBounds | None
    timeout_seconds: int
    cross_region_calls: tuple[CrossRegionCall, ...]


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


CHECKS: dict[str, MachineCheck] = {
    "reachable": graph_shape.check_reachable,
    "ends": graph_shape.check_ends,
    "loops": graph_shape.check_loops,
    "failures": failure_records.check_failures,
    "lock": failure_records.check_lock,
    "limits": check_limits,
}


def check_machine(compiled: CompiledRunbook) -> MachineReport:
    """Run all checks of a compiled runbook and return the report."""
    machine = compiled.machine
    try:
        worst = compute_bounds(machine)
    except UnboundedLoop:
        worst = None
    return MachineReport(
        application=compiled.application,
        runbook=compiled.runbook,
        states=count_states_and_calls(machine)["states"],
        findings=tuple(finding for check in CHECKS.values() for finding in check(machine)),
        bounds=worst,
        timeout_seconds=machine.timeout_seconds,
        cross_region_calls=tuple(find_cross_region_calls(machine, compiled.run_regions)),
    )

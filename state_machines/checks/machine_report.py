"""All checks of one machine, as one result."""

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
    """What is known of a machine before it has run once. `bounds` is None where a loop has none."""

    application: str
    runbook: str
    states: int
    findings: tuple[MachineFinding, ...]
    bounds: ExecutionBounds | None
    timeout_seconds: int
    cross_region_calls: tuple[CrossRegionCall, ...]


def check_limits(machine: StateMachine) -> Iterator[MachineFinding]:
    """Step Functions ends an execution that reaches a limit of its own without calling anything: the lock stays, and
    nobody is told. 25,000 events of history, 256 KiB of a state's data, and the machine's own TimeoutSeconds."""
    try:
        worst = compute_bounds(machine)
    except UnboundedLoop:
        return  # `loops` says so
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
    """Everything that can be said of a runbook's machine without running it."""
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

"""All checks of one machine, as one result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from leeward.state_machines.asl import Machine
from leeward.state_machines.checks import records, shape
from leeward.state_machines.checks.abroad import CallAbroad, calls_abroad
from leeward.state_machines.checks.bounded_loops import Unbounded
from leeward.state_machines.checks.bounds import MOST_BYTES, MOST_EVENTS, Bounds, bounds, sums
from leeward.state_machines.checks.finding import Finding
from leeward.state_machines.compile.machine import CompiledRunbook

Check = Callable[[Machine], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Examined:
    """What is known of a machine before it has run once. `bounds` is None where a loop has none."""

    application: str
    runbook: str
    states: int
    findings: tuple[Finding, ...]
    bounds: Bounds | None
    timeout_seconds: int
    abroad: tuple[CallAbroad, ...]


def limits(machine: Machine) -> Iterator[Finding]:
    """Step Functions ends an execution that reaches a limit of its own without calling anything: the lock stays, and
    nobody is told. 25,000 events of history, 256 KiB of a state's data, and the machine's own TimeoutSeconds."""
    try:
        worst = bounds(machine)
    except Unbounded:
        return  # `loops` says so
    if worst.events >= MOST_EVENTS:
        yield Finding("limits", machine.start_at, f"a run can write {worst.events} events, of {MOST_EVENTS} allowed")
    if worst.payload_bytes >= MOST_BYTES:
        text = f"the data can grow to {worst.payload_bytes} bytes, of {MOST_BYTES} allowed"
        yield Finding("limits", worst.payload_state, text)
    if worst.seconds > machine.timeout_seconds:
        text = f"a run can take {worst.seconds} s, and is cut off after {machine.timeout_seconds} s"
        yield Finding("limits", machine.start_at, text)


CHECKS: dict[str, Check] = {
    "reachable": shape.reachable,
    "ends": shape.ends,
    "loops": shape.loops,
    "failures": records.failures,
    "lock": records.lock,
    "limits": limits,
}


def examine(compiled: CompiledRunbook) -> Examined:
    """Everything that can be said of a runbook's machine without running it."""
    machine = compiled.machine
    try:
        worst = bounds(machine)
    except Unbounded:
        worst = None
    return Examined(
        application=compiled.application,
        runbook=compiled.runbook,
        states=sums(machine)["states"],
        findings=tuple(finding for check in CHECKS.values() for finding in check(machine)),
        bounds=worst,
        timeout_seconds=machine.timeout_seconds,
        abroad=tuple(calls_abroad(machine, compiled.way)),
    )

"""Show the static checks of each generated state machine: worst case, cross-Region calls, and findings."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from leeward.base import durations
from leeward.cli.project.project_root import format_path
from leeward.cli.rendering.text_format import to_one_line
from leeward.state_machines.analysis.execution_bounds import MAX_EVENTS, MAX_PAYLOAD_BYTES
from leeward.state_machines.checks.cross_region_calls import CrossRegionCall
from leeward.state_machines.checks.machine_report import CHECKS, DOCUMENT_CHECKS, MachineReport


def show_machines(console: Console, machines: Sequence[MachineReport]) -> None:
    """Print the worst case, the cross-Region calls, and the findings of each state machine."""
    for machine in machines:
        head = Text().append(f"{machine.application} {machine.runbook}", style="name")
        head.append(f"  {machine.states} states", style="quiet")
        console.print(head, soft_wrap=True)
        if machine.drift and machine.path is not None:
            console.print(Text(f"    {format_path(machine.path)} {machine.drift}: run leeward compile"), soft_wrap=True)
        if machine.bounds is not None:
            worst = machine.bounds
            line = (
                f"    worst case: {worst.events:,} of {MAX_EVENTS:,} events, "
                f"{round(worst.payload_bytes / 1024)} of {MAX_PAYLOAD_BYTES // 1024} KiB, "
                f"{durations.format_duration(worst.seconds)} of {durations.format_duration(machine.timeout_seconds)}"
            )
            console.print(Text(line), soft_wrap=True)
        for where, steps in group_by_region(machine.cross_region_calls):
            console.print(
                Text(f"    calls {where}: {', '.join(map(to_one_line, steps))}", style="quiet"), soft_wrap=True
            )
        for finding in machine.findings:
            place = to_one_line(finding.state) or "the machine"
            text = f"    {finding.check}: {place}: {to_one_line(finding.text)}"
            console.print(Text(text, style="failed"), soft_wrap=True)
        if not machine.findings and machine.states:
            names = [*CHECKS, *DOCUMENT_CHECKS]
            console.print(Text(f"    {len(names)} checks passed: {', '.join(names)}", style="done"), soft_wrap=True)


def show_findings_tally(console: Console, machines: Sequence[MachineReport]) -> None:
    """Print how many findings there are in how many machines, if there are any."""
    faulty = [machine for machine in machines if machine.findings]
    if faulty:
        count = sum(len(machine.findings) for machine in faulty)
        text = f"{count} finding{'s' * (count > 1)} in {len(faulty)} state machine{'s' * (len(faulty) > 1)}"
        console.print(Text(text, style="failed"))


def group_by_region(calls: Sequence[CrossRegionCall]) -> list[tuple[str, list[str]]]:
    """Return the calling states by Region and purpose. Excludes the states that only poll after a call."""
    states: dict[str, list[str]] = {}
    for call in calls:
        if call.state.endswith(": look"):
            continue
        states.setdefault(f"{call.region} ({call.purpose})", []).append(call.state)
    return list(states.items())


def machine_to_json(machine: MachineReport) -> dict[str, object]:
    """Return the same report as a JSON document."""
    worst = machine.bounds
    return {
        "application": machine.application,
        "runbook": machine.runbook,
        "path": None if machine.path is None else format_path(machine.path),
        "drift": machine.drift,
        "states": machine.states,
        "timeout_seconds": machine.timeout_seconds,
        "worst": None
        if worst is None
        else {
            "events": worst.events,
            "events_allowed": MAX_EVENTS,
            "seconds": worst.seconds,
            "payload_bytes": worst.payload_bytes,
            "payload_bytes_allowed": MAX_PAYLOAD_BYTES,
            "payload_state": worst.payload_state,
        },
        "calls_abroad": [
            {"state": c.state, "function": c.function, "region": c.region, "what": c.purpose}
            for c in machine.cross_region_calls
        ],
        "findings": [{"check": f.check, "state": f.state, "text": f.text} for f in machine.findings],
    }

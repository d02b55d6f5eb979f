"""What can be said of each generated machine before it has run once: its worst path, its calls abroad, its faults."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from leeward.cli.screens.words import one_line
from leeward.common import durations
from leeward.state_machines.checks.abroad import CallAbroad
from leeward.state_machines.checks.bounds import MOST_BYTES, MOST_EVENTS
from leeward.state_machines.checks.examine import CHECKS, Examined


def show_machines(console: Console, machines: Sequence[Examined]) -> None:
    """Two or more lines for each machine; the figures are of its worst path."""
    for machine in machines:
        head = Text().append(f"{machine.application} {machine.runbook}", style="name")
        head.append(f"  {machine.states} states", style="quiet")
        console.print(head, soft_wrap=True)
        if machine.bounds is not None:
            worst = machine.bounds
            line = (
                f"    at worst {worst.events:,} of {MOST_EVENTS:,} events, "
                f"{round(worst.payload_bytes / 1024)} of {MOST_BYTES // 1024} KiB, "
                f"{durations.show(worst.seconds)} of {durations.show(machine.timeout_seconds)}"
            )
            console.print(Text(line), soft_wrap=True)
        for where, steps in by_region(machine.abroad):
            console.print(Text(f"    calls {where}: {', '.join(map(one_line, steps))}", style="quiet"), soft_wrap=True)
        for finding in machine.findings:
            text = f"    {finding.check}: {one_line(finding.state)}: {one_line(finding.text)}"
            console.print(Text(text, style="failed"), soft_wrap=True)
        if not machine.findings:
            console.print(Text(f"    {len(CHECKS)} checks hold: {', '.join(CHECKS)}", style="done"), soft_wrap=True)


def by_region(abroad: Sequence[CallAbroad]) -> list[tuple[str, list[str]]]:
    """Region and purpose -> the states that call it there, without the looks that follow a call."""
    found: dict[str, list[str]] = {}
    for call in abroad:
        if call.state.endswith(": look"):
            continue
        found.setdefault(f"{call.region} ({call.what})", []).append(call.state)
    return list(found.items())


def as_json(machine: Examined) -> dict[str, object]:
    """The twin of the screen."""
    worst = machine.bounds
    return {
        "application": machine.application,
        "runbook": machine.runbook,
        "states": machine.states,
        "timeout_seconds": machine.timeout_seconds,
        "worst": None
        if worst is None
        else {
            "events": worst.events,
            "events_allowed": MOST_EVENTS,
            "seconds": worst.seconds,
            "payload_bytes": worst.payload_bytes,
            "payload_bytes_allowed": MOST_BYTES,
            "payload_state": worst.payload_state,
        },
        "calls_abroad": [
            {"state": c.state, "function": c.function, "region": c.region, "what": c.what} for c in machine.abroad
        ],
        "findings": [{"check": f.check, "state": f.state, "text": f.text} for f in machine.findings],
    }

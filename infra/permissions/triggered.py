"""What the tasks behind the triggers and the watches are handed: the inputs that stand in the templates."""

from __future__ import annotations

import json
from collections.abc import Sequence

from leeward.infra.permissions.uses import Deployed, Parameters, Uses
from leeward.infra.watching import RUN_WATCH, machine_arn, run_watch_input
from leeward.state_machines import boards, readiness, triggers
from leeward.state_machines.tree import Ready


def triggered(at: Deployed, readies: Sequence[Ready]) -> dict[str, Uses]:
    """By task, what it is handed in the Region `at`; `readies` are the application's runbooks."""
    calls: dict[str, list[Parameters]] = {}
    watched = run_watch_input(at.region, readies)
    if watched is not None:
        calls[RUN_WATCH] = [watched]
    for ready in readiness.looked_at(readies, at.region):
        calls.setdefault(readiness.TASK, []).append(readiness.subject(ready, readies))
    if readiness.looked_at(readies, at.region):
        calls[boards.TASK] = [boards.event(readies, at.region)]
    for ready in readies:
        application, runbook, machine = ready.application, ready.runbook, machine_arn(ready)
        probe = triggers.probes(application, runbook).get(at.region)
        if probe is not None:
            calls.setdefault(triggers.PROBE, []).append(probe)
        if ready.compiled.way.target != at.region:
            continue
        if triggers.alarm_of(runbook) is not None:
            told = triggers.alarm_input_template(application, runbook, machine)
            calls.setdefault(triggers.START, []).append(json.loads(told))
        if triggers.schedule_of(runbook) is not None:
            for task, made in (
                (triggers.START_DRILL, triggers.schedule_input),
                (triggers.DRILL_WATCH, triggers.drill_watch_input),
            ):
                calls.setdefault(task, []).append(json.loads(made(application, runbook, machine)))
    return {task: Uses(task, at, tuple(handed)) for task, handed in calls.items()}


def looking_regions(readies: Sequence[Ready]) -> list[str]:
    """The Regions from which an origin is looked at, in order; some are neither of the application's two."""
    return sorted({region for ready in readies for region in triggers.probes(ready.application, ready.runbook)})

"""Check that each drill runbook has succeeded recently."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leeward.base import durations
from leeward.control.run.run_index import list_runs
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok, warning
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import DrillRunbook, ReadinessInput

SUCCEEDED = "succeeded"


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check each drill of this direction: its last run succeeded, and is not too old."""
    if not inputs.drills:
        fix = "write a drill runbook: see docs/runbooks.md"
        yield warning("drill.age", inputs.application, "the application has no drill", fix)
    for drill in inputs.drills:
        yield _check_drill(drill, inputs, clients)


def _check_drill(drill: DrillRunbook, inputs: ReadinessInput, clients: CheckClients) -> ReadinessFinding:
    check, fix = "drill.age", f"leeward start {inputs.application} {drill.runbook}"
    table = clients.table if drill.region == clients.region else clients.table_in(drill.region)
    ended_runs = [
        r for r in list_runs(table, inputs.application) if r.runbook == drill.runbook and r.ended_at is not None
    ]
    if not ended_runs:
        return failed(check, drill.runbook, "no run of it has ended yet", fix)
    last = ended_runs[0]
    if last.outcome != SUCCEEDED:
        detail = f"its last run, {last.run}, {last.outcome}"
        return failed(check, drill.runbook, detail, f"leeward show {last.run}; fix the cause; {fix}")
    age = clients.now - (last.ended_at or clients.now)
    detail = f"it last succeeded {durations.format_duration(age)} ago ({last.run})"
    if age > timedelta(seconds=inputs.drill_every_seconds):
        return warning(check, drill.runbook, detail, fix)
    return ok(check, drill.runbook, detail)


CHECK = ReadinessCheck("drill", check)

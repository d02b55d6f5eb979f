"""When was it last tried? A runbook that nobody has drilled for a quarter is a guess."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from leeward.common import durations
from leeward.control.register import runs
from leeward.readiness.findings import Finding, failed, ok, warning
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Drill, Subject

SUCCEEDED = "succeeded"


def look(subject: Subject, reach: Reach) -> Iterator[Finding]:
    """Each drill of this direction has succeeded lately, and its last run did."""
    if not subject.drills:
        fix = "write a drill for it: see docs/runbooks.md"
        yield warning("drill.age", subject.application, "the application has no drill", fix)
    for drill in subject.drills:
        yield _drill(drill, subject, reach)


def _drill(drill: Drill, subject: Subject, reach: Reach) -> Finding:
    check, fix = "drill.age", f"leeward start {subject.application} {drill.runbook}"
    table = reach.table if drill.region == reach.region else reach.table_at(drill.region)
    ended = [r for r in runs(table, subject.application) if r.runbook == drill.runbook and r.ended_at is not None]
    if not ended:
        return failed(check, drill.runbook, "it has never run to its end", fix)
    last = ended[0]
    if last.outcome != SUCCEEDED:
        told = f"its last run, {last.run}, {last.outcome}"
        return failed(check, drill.runbook, told, f"leeward show {last.run}; mend the cause; {fix}")
    age = reach.now - (last.ended_at or reach.now)
    told = f"it last succeeded {durations.show(age)} ago ({last.run})"
    if age > timedelta(seconds=subject.drill_every_seconds):
        return warning(check, drill.runbook, told, fix)
    return ok(check, drill.runbook, told)

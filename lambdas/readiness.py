"""Would a run that is started now succeed? Looked at every half hour and after each deployment, kept and measured."""

from __future__ import annotations

from control import findings
from lambdas.common import metrics
from lambdas.common.task import task
from lambdas.common.workbench import Workbench
from readiness.evaluate import evaluate
from readiness.findings import Readiness, Status, Verdict
from readiness.reach import Reach
from readiness.subject import Subject


@task(Subject)
def handler(event: Subject, bench: Workbench) -> Readiness:
    """Look at everything, keep the answer in the table, put `Ready` (1 or 0) and the numbers of findings."""
    reach = Reach(bench.region, bench.environment.table, bench.environment.topic_arn, bench.now)
    found = evaluate(event, reach)
    findings.keep(bench.table, event.application, event.runbook, found.at, found.model_dump_json())
    dimensions = ("Application", event.application), ("Runbook", event.runbook)
    metrics.put(bench.region, "Ready", {dimensions: float(found.verdict is not Verdict.NOT_READY)})
    counted: dict[tuple[tuple[str, str], ...], float] = {
        (*dimensions, ("Status", status.value)): float(sum(f.status is status for f in found.findings))
        for status in Status
    }
    metrics.put(bench.region, "ReadinessFindings", counted)
    return found

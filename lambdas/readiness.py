"""Would a run that is started now succeed? Looked at every half hour and after each deployment, kept and measured."""

from __future__ import annotations

from leeward.common.aws import client
from leeward.common.errors import LeewardError
from leeward.common.signals import Announced
from leeward.control import announcements, findings
from leeward.lambdas.common import metrics
from leeward.lambdas.common.observability import logger
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench
from leeward.readiness.announced import LookedDetail
from leeward.readiness.evaluate import evaluate
from leeward.readiness.findings import Readiness, Status, Verdict
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Subject


@task(Subject)
def handler(event: Subject, bench: Workbench) -> Readiness:
    """Look at everything, keep the answer in the table, put `Ready` (1 or 0), the score and the numbers of findings,
    and tell the bus, on which the board waits."""
    reach = Reach(bench.region, bench.environment.table, bench.environment.topic_arn, bench.now)
    found = evaluate(event, reach)
    findings.keep(bench.table, event.application, event.runbook, found.at, found.model_dump_json())
    dimensions = ("Application", event.application), ("Runbook", event.runbook)
    metrics.put(bench.region, "Ready", {dimensions: float(found.verdict is not Verdict.NOT_READY)})
    metrics.put(bench.region, "ReadinessScore", {dimensions: float(found.score)})
    counted: dict[tuple[tuple[str, str], ...], float] = {
        (*dimensions, ("Status", status.value)): float(sum(f.status is status for f in found.findings))
        for status in Status
    }
    metrics.put(bench.region, "ReadinessFindings", counted)
    _announce(found, bench)
    return found


def _announce(found: Readiness, bench: Workbench) -> None:
    """The answer is kept, and the next look is half an hour away: a silent bus is no reason to fail."""
    try:
        bus = client("events", bench.region, repeatable=False)
        announcements.put(bus, Announced.READINESS_LOOKED, LookedDetail.of(found))
    except LeewardError as error:
        logger.warning(f"{Announced.READINESS_LOOKED.value} could not be put on the bus: {error}")

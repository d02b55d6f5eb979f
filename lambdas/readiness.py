"""Would a run that is started now succeed? Looked at every half hour and after each deployment, kept and measured."""

from __future__ import annotations

from leeward.common.aws.clients import client
from leeward.common.errors import LeewardError
from leeward.common.naming.telemetry_names import DomainEventType
from leeward.control.notifications import domain_events
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry import cloudwatch_metrics
from leeward.lambdas.runtime.telemetry.observability import logger
from leeward.readiness import report_store
from leeward.readiness.evaluation import evaluate_readiness
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import FindingStatus, ReadinessReport, ReadinessVerdict
from leeward.readiness.model.readiness_input import ReadinessInput
from leeward.readiness.readiness_event import ReadinessEventDetail


@task(ReadinessInput)
def handler(event: ReadinessInput, context: TaskContext) -> ReadinessReport:
    """Look at everything, keep the answer in the table, put `Ready` (1 or 0), the score and the numbers of findings,
    and tell the bus, on which the board waits."""
    reach = CheckClients(context.region, context.environment.table, context.environment.topic_arn, context.now)
    found = evaluate_readiness(event, reach)
    report_store.store_report(context.table, event.application, event.runbook, found.at, found.model_dump_json())
    dimensions = ("Application", event.application), ("Runbook", event.runbook)
    cloudwatch_metrics.put_metric(
        context.region, "Ready", {dimensions: float(found.verdict is not ReadinessVerdict.NOT_READY)}
    )
    cloudwatch_metrics.put_metric(context.region, "ReadinessScore", {dimensions: float(found.score)})
    counted: dict[tuple[tuple[str, str], ...], float] = {
        (*dimensions, ("Status", status.value)): float(sum(f.status is status for f in found.findings))
        for status in FindingStatus
    }
    cloudwatch_metrics.put_metric(context.region, "ReadinessFindings", counted)
    _publish_report_event(found, context)
    return found


def _publish_report_event(report: ReadinessReport, context: TaskContext) -> None:
    """The answer is kept, and the next look is half an hour away: a silent bus is no reason to fail."""
    try:
        bus = client("events", context.region, allow_retries=False)
        domain_events.put_event(bus, DomainEventType.READINESS_LOOKED, ReadinessEventDetail.from_report(report))
    except LeewardError as error:
        logger.warning(f"{DomainEventType.READINESS_LOOKED.value} could not be put on the bus: {error}")

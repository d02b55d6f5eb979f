"""Lambda task that evaluates a runbook's readiness every 30 minutes and after each deployment."""

from __future__ import annotations

from leeward.common.errors import describe_error
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
    """Evaluate readiness, store the report, put its metrics, and publish its event.

    The metrics are `Ready` (1 or 0), `ReadinessScore`, and `ReadinessFindings` by status. The event triggers an update
    of the board.
    """
    clients = CheckClients(context.region, context.environment.table, context.environment.topic_arn, context.now)
    report = evaluate_readiness(event, clients)
    report_store.store_report(context.table, event.application, event.runbook, report.at, report.model_dump_json())
    _put_metrics(event, report, context)
    _publish_report_event(report, context)
    return report


def _put_metrics(event: ReadinessInput, report: ReadinessReport, context: TaskContext) -> None:
    """Put the report's metrics. Log a failure: the report is stored, and the alarm treats missing metrics as a problem.

    Stop at the first failure, because CloudWatch may not respond.
    """
    dimensions = ("Application", event.application), ("Runbook", event.runbook)
    counts: dict[tuple[tuple[str, str], ...], float] = {
        (*dimensions, ("Status", status.value)): float(sum(f.status is status for f in report.findings))
        for status in FindingStatus
    }
    ready = float(report.verdict is not ReadinessVerdict.NOT_READY)
    try:
        cloudwatch_metrics.put_metric(context.region, "Ready", {dimensions: ready})
        cloudwatch_metrics.put_metric(context.region, "ReadinessScore", {dimensions: float(report.score)})
        cloudwatch_metrics.put_metric(context.region, "ReadinessFindings", counts)
    except Exception as error:  # botocore can raise errors that no one foresaw
        logger.error(f"the metrics of readiness could not be put: {describe_error(error)}")


def _publish_report_event(report: ReadinessReport, context: TaskContext) -> None:
    """Publish the report's event. Log a failure, because the report is already stored."""
    try:
        detail = ReadinessEventDetail.from_report(report)
        domain_events.put_event(context.events, DomainEventType.READINESS_LOOKED, detail)
    except Exception as error:  # botocore can raise errors that no one foresaw
        logger.warning(f"{DomainEventType.READINESS_LOOKED.value} could not be put on the bus: {describe_error(error)}")

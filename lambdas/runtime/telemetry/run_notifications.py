"""A run's notifications: events on the bus, messages to operators, and metrics for dashboards.

A lost event doesn't fail a run. It is logged and counted, and the journal still has the entry.
"""

from __future__ import annotations

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from leeward.common.aws.clients import client
from leeward.common.errors import LeewardError
from leeward.common.naming.telemetry_names import NAMESPACE, SERVICE, DomainEventType, RunMetric
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.notifications import domain_events, operator_messages
from leeward.control.run.run_reference import RunbookStep, RunRef
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.telemetry.observability import logger


def publish_event(
    context: TaskContext, event_type: DomainEventType, run: RunRef, link: ChainedEntry, step: RunbookStep | None = None
) -> None:
    """Put the event of a journal entry on the bus, without retries. Log and count a failure."""
    part = link.facts.get("part")
    try:
        detail = domain_events.event_detail(run, link, step, str(part) if part else None)
        domain_events.put_event(client("events", context.region, allow_retries=False), event_type, detail)
    except LeewardError as error:
        logger.warning(f"{event_type.value} could not be put on the bus: {error}")
        count_run_metrics(run, {RunMetric.SIGNAL_LOST: 1})


def send_message(
    context: TaskContext, run: RunRef, message: tuple[str, str], *, purpose: str, step: RunbookStep | None = None
) -> None:
    """Send the team a message (subject and body), and journal it.

    Raises the error of SNS, because only the caller knows how serious a failure is.
    """
    subject, body = message
    message_id = operator_messages.publish_message(context.sns, context.environment.topic_arn, subject, body)
    facts = {"purpose": purpose, "subject": subject, "body": body, "message_id": message_id}
    entry = JournalEntry(
        context.now, JournalEvent.MESSAGE_SENT, f"notified the team: {subject}", step.id if step else None, facts=facts
    )
    context.journal(run.id).write(entry)


def count_run_metrics(run: RunRef, values: dict[RunMetric, float]) -> None:
    """Put metrics of a run through the log, in the CloudWatch embedded metric format."""
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=SERVICE)
    metrics.add_dimension(name="application", value=run.application)
    metrics.add_dimension(name="runbook", value=run.runbook)
    for name, value in values.items():
        unit = MetricUnit.Seconds if name.value.endswith("Seconds") else MetricUnit.Count
        metrics.add_metric(name=name.value, unit=unit, value=round(value, 3))
    metrics.flush_metrics()

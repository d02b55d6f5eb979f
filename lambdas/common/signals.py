"""A run's signals to the outside: events for machines, messages for people, metrics for dashboards.

None of them may fail a run: what could not be sent is logged and counted, and the journal has it all the same.
"""

from __future__ import annotations

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from leeward.common.aws import client
from leeward.common.errors import LeewardError
from leeward.common.signals import NAMESPACE, SERVICE, Announced, RunMetric
from leeward.control import announcements, messages
from leeward.control.chain import Link
from leeward.control.journal import Entry, Event
from leeward.control.run import RunRef, StepName
from leeward.lambdas.common.observability import logger
from leeward.lambdas.common.workbench import Workbench


def announce(bench: Workbench, kind: Announced, run: RunRef, link: Link, step: StepName | None = None) -> None:
    """Put the event of a journal entry on the bus: once, without waiting for a bus that does not answer."""
    part = link.facts.get("part")
    try:
        told = announcements.detail(run, link, step, str(part) if part else None)
        announcements.put(client("events", bench.region, repeatable=False), kind, told)
    except LeewardError as error:
        logger.warning(f"{kind.value} could not be put on the bus: {error}")
        count(run, {RunMetric.SIGNAL_LOST: 1})


def tell(
    bench: Workbench, run: RunRef, message: tuple[str, str], *, purpose: str, step: StepName | None = None
) -> None:
    """Send people a message (subject and body), and write down that it was sent.

    Raises what SNS refused: the caller knows how bad that is.
    """
    subject, body = message
    sent = messages.publish(bench.sns, bench.environment.topic_arn, subject, body)
    facts = {"purpose": purpose, "subject": subject, "body": body, "message_id": sent}
    entry = Entry(bench.now, Event.MESSAGE_SENT, f"told the team: {subject}", step.id if step else None, facts=facts)
    bench.journal(run.id).write(entry)


def count(run: RunRef, figures: dict[RunMetric, float]) -> None:
    """Metrics of a run, in the log in CloudWatch's embedded format."""
    metrics = EphemeralMetrics(namespace=NAMESPACE, service=SERVICE)
    metrics.add_dimension(name="application", value=run.application)
    metrics.add_dimension(name="runbook", value=run.runbook)
    for name, value in figures.items():
        unit = MetricUnit.Seconds if name.value.endswith("Seconds") else MetricUnit.Count
        metrics.add_metric(name=name.value, unit=unit, value=round(value, 3))
    metrics.flush_metrics()

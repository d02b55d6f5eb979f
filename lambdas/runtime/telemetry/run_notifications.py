"""A run's notifications: events on the bus, messages to operators, and metrics for dashboards.

They only inform, so none of these functions raises an error, and none holds a task for long. A lost event or metric is
logged, and the journal still has the entry. An unsent message is recorded in the journal and sent later.
"""

from __future__ import annotations

import time

from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from leeward.common.errors import describe_error
from leeward.common.naming.telemetry_names import NAMESPACE, SERVICE, DomainEventType, RunMetric
from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.notifications import domain_events, operator_messages
from leeward.control.notifications.unsent_messages import SENT_LATER_FACT, list_unsent_messages
from leeward.control.run.run_reference import RunbookStep, RunRef
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import StepAttempt
from leeward.lambdas.runtime.telemetry.observability import logger

# More would hold the task for too long. The next message sends the others.
_MAX_SENT_LATER = 5
# Tries that took longer met a topic that doesn't respond. Another one would hold the task for as long again.
_SLOW_SECONDS = 2.0


def publish_event(
    context: TaskContext, event_type: DomainEventType, run: RunRef, link: ChainedEntry, step: RunbookStep | None = None
) -> None:
    """Put the event of a journal entry on the bus, without retries. Log and count a failure."""
    part = link.facts.get("part")
    try:
        detail = domain_events.event_detail(run, link, step, str(part) if part else None)
        domain_events.put_event(context.events, event_type, detail)
    except Exception as error:  # botocore can raise errors that no one foresaw, and the step has already taken effect
        logger.warning(f"{event_type.value} could not be put on the bus: {describe_error(error)}")
        count_run_metrics(run, {RunMetric.SIGNAL_LOST: 1})


def send_message(
    context: TaskContext, run: RunRef, message: tuple[str, str], *, purpose: str, step: RunbookStep | None = None
) -> str | None:
    """Send the team a message (subject and body), after those that are still unsent, and journal it.

    Return None, or why the message could not be sent. It is then in the journal as unsent.
    """
    subject, body = message
    facts = {"purpose": purpose, "subject": subject, "body": body}
    step_id, attempt = (step.id if step else None), (step.attempt if isinstance(step, StepAttempt) else None)
    began, message_id = time.monotonic(), ""
    problem = send_unsent_messages(context, run)
    if problem is None or time.monotonic() - began < _SLOW_SECONDS:
        problem, message_id = _publish(context, subject, body)
    if problem is None:
        event, detail, facts["message_id"] = JournalEvent.MESSAGE_SENT, f"notified the team: {subject}", message_id
    else:
        event, detail = JournalEvent.MESSAGE_UNSENT, f"the team could not be notified: {subject}: {problem}"
        facts["error"] = problem
        logger.error(detail)
        count_run_metrics(run, {RunMetric.SIGNAL_LOST: 1})
    _record(context, run, JournalEntry(context.now, event, detail, step_id, attempt, facts=facts))
    return problem


def send_unsent_messages(context: TaskContext, run: RunRef) -> str | None:
    """Send the run's unsent messages, oldest first, until one fails or is slow. Return why one failed, or None.

    Another task of the run can send the same message at the same time. The journal then records it once.
    """
    try:
        unsent = list_unsent_messages(context.journal(run.id).links())
    except Exception as error:
        logger.warning(f"the unsent messages of {run.id} could not be read: {describe_error(error)}")
        return None
    began = time.monotonic()
    for message in unsent[:_MAX_SENT_LATER]:
        if time.monotonic() - began > _SLOW_SECONDS:
            break
        problem, message_id = _publish(context, message.subject, message.body)
        if problem is not None:
            return problem
        facts = {"purpose": message.purpose, "subject": message.subject, "body": message.body}
        entry = JournalEntry(
            context.now,
            JournalEvent.MESSAGE_SENT,
            f"notified the team late: {message.subject}",
            message.step,
            facts=facts | {"message_id": message_id, SENT_LATER_FACT: message.seq},
        )
        _record(context, run, entry, key=f"sent-{message.seq}")
    return None


def _publish(context: TaskContext, subject: str, body: str) -> tuple[str | None, str]:
    """Publish a message. Return why it failed, or None, and its SNS message id."""
    try:
        return None, operator_messages.publish_message(context.sns, context.environment.topic_arn, subject, body)
    except Exception as error:  # botocore can raise errors that no one foresaw, and the run must go on
        return describe_error(error), ""


def _record(context: TaskContext, run: RunRef, entry: JournalEntry, key: str | None = None) -> None:
    """Journal a message, once if it has a `key`. Log a failure, because the run doesn't depend on this entry."""
    try:
        journal = context.journal(run.id)
        journal.write(entry) if key is None else journal.write_once(entry, key)
    except Exception as error:
        logger.error(f"{entry.event} could not be journaled ({describe_error(error)}): {entry.detail}")


def count_run_metrics(run: RunRef, values: dict[RunMetric, float]) -> None:
    """Put metrics of a run through the log, in the CloudWatch embedded metric format. Log a failure."""
    try:
        metrics = EphemeralMetrics(namespace=NAMESPACE, service=SERVICE)
        metrics.add_dimension(name="application", value=run.application)
        metrics.add_dimension(name="runbook", value=run.runbook)
        for name, value in values.items():
            unit = MetricUnit.Seconds if name.value.endswith("Seconds") else MetricUnit.Count
            metrics.add_metric(name=name.value, unit=unit, value=round(value, 3))
        metrics.flush_metrics()
    except Exception as error:  # Powertools validates names and dimensions
        logger.warning(f"the metrics {', '.join(values)} could not be put: {describe_error(error)}")

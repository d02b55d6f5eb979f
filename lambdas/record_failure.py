"""Lambda task that records a step's failure in the journal before its failure policy applies."""

from __future__ import annotations

from leeward.common.naming.telemetry_names import DomainEventType, RunMetric
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.control.outcome.step_failure import CaughtError, StepFailure, failure_from_error
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, StepReportEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.run_notifications import count_run_metrics, publish_event


class FailureParameters(Parameters):
    """The error that the state machine caught, and the failure policy."""

    error: CaughtError
    policy: str


@task(StepReportEvent[FailureParameters])
def handler(event: StepReportEvent[FailureParameters], context: TaskContext) -> StepFailure:
    """Describe the failure, record it in the journal, and return it."""
    step, parameters = event.step, event.parameters
    failure = failure_from_error(step.id, parameters.error)
    detail = f"{failure.error}: {failure.cause}"
    facts = {"error": failure.error, "policy": parameters.policy}
    entry = JournalEntry(context.now, JournalEvent.STEP_FAILED, detail, step.id, step.attempt, facts)
    link = context.journal(event.run.id).write(entry)
    publish_event(context, DomainEventType.STEP_FAILED, event.run, link, step)
    count_run_metrics(event.run, {RunMetric.STEP_FAILED: 1})
    return failure

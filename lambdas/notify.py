"""Lambda task that publishes a message to the run's SNS topic. A message that can't be sent doesn't fail the step."""

from __future__ import annotations

from leeward.common.claims.types.run_claims import Notified, Unsent
from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.run_notifications import send_message


class NotifyParameters(Parameters):
    """The message and its subject."""

    message: str
    subject: str


@task(WaitingEvent[NotifyParameters], requires_lock=False)
def handler(event: WaitingEvent[NotifyParameters], context: TaskContext) -> PollResult:
    """Publish the message, or record it as unsent. After a crash, it may be published twice."""
    parameters = event.parameters
    message = parameters.subject, f"{parameters.message}\n\nRun {event.run.id}"
    problem = send_message(context, event.run, message, purpose="notice", step=event.step)
    if problem is not None:
        return PollResult.reached(Unsent(message=parameters.message, error=problem))
    return PollResult.reached(Notified(message=parameters.message))

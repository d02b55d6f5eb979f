"""Tells the team something, by the run's topic."""

from __future__ import annotations

from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.events import Parameters, TaskEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.lambdas.runtime.telemetry.run_notifications import send_message


class NotifyParameters(Parameters):
    """What to tell."""

    message: str
    subject: str


@task(TaskEvent[NotifyParameters], requires_lock=False)
def handler(event: TaskEvent[NotifyParameters], context: TaskContext) -> PollResult:
    """Publish it. After a crash it may be published twice."""
    given = event.parameters
    message = given.subject, f"{given.message}\n\nRun {event.run.id}"
    send_message(context, event.run, message, purpose="notice", step=event.step)
    return PollResult(True, f"told: {given.message}")

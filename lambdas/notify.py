"""Tells the team something, by the run's topic."""

from __future__ import annotations

from leeward.common.polling import Look
from leeward.lambdas.common.events import Parameters, TaskEvent
from leeward.lambdas.common.signals import tell
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class NotifyParameters(Parameters):
    """What to tell."""

    message: str
    subject: str


@task(TaskEvent[NotifyParameters], fenced=False)
def handler(event: TaskEvent[NotifyParameters], bench: Workbench) -> Look:
    """Publish it. After a crash it may be published twice."""
    given = event.parameters
    message = given.subject, f"{given.message}\n\nRun {event.run.id}"
    tell(bench, event.run, message, purpose="notice", step=event.step)
    return Look(True, f"told: {given.message}")

"""Asks the application's pages, as users would; called until they answer as they should."""

from __future__ import annotations

from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.events import Parameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task
from leeward.traffic.checks import http_checks


class CheckParameters(http_checks.PageCheckSettings, Parameters):
    """The pages, and how many times in a row they must answer."""


@task(WaitingEvent[CheckParameters], requires_lock=False)
def handler(event: WaitingEvent[CheckParameters], context: TaskContext) -> PollResult:  # noqa: ARG001 - calls no AWS service
    """Ask every page. What fails is not serving yet: the step's time decides."""
    return http_checks.run_checks(event.parameters)

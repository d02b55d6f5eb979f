"""Lambda task that requests the application's pages as users would and waits until the checks pass."""

from __future__ import annotations

from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.traffic.checks import http_checks


class CheckParameters(http_checks.PageCheckSettings, Parameters):
    """The pages, and how many times in a row their checks must pass."""


@task(WaitingEvent[CheckParameters], requires_lock=False)
def handler(event: WaitingEvent[CheckParameters], context: TaskContext) -> PollResult:  # noqa: ARG001 - calls no AWS service
    """Check every page. Keep waiting after a failure until the step times out."""
    return http_checks.run_checks(event.parameters)

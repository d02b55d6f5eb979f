"""Asks the application's pages, as users would; called until they answer as they should."""

from __future__ import annotations

from leeward.common.polling import Look
from leeward.lambdas.common.events import Parameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench
from leeward.traffic import http_checks


class CheckParameters(http_checks.Checks, Parameters):
    """The pages, and how many times in a row they must answer."""


@task(WaitingEvent[CheckParameters], fenced=False)
def handler(event: WaitingEvent[CheckParameters], bench: Workbench) -> Look:  # noqa: ARG001 - calls no AWS service
    """Ask every page. What fails is not serving yet: the step's time decides."""
    return http_checks.look(event.parameters)

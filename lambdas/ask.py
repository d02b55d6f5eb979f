"""Asks the operator what to do about a failed step: retry, skip or abort."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt

from leeward.control.failure import Failure
from leeward.control.questions import Kind
from leeward.lambdas.common import asking
from leeward.lambdas.common.events import Detail, Parameters, TokenEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class AskParameters(Parameters):
    """The failure, and what silence means."""

    failure: Failure
    default: Literal["retry", "skip", "abort"]
    expires_seconds: PositiveInt | None = None


@task(TokenEvent[AskParameters])
def handler(event: TokenEvent[AskParameters], bench: Workbench) -> Detail:
    """Put the question; the waiting state goes on when it is answered."""
    given = event.parameters
    told = f"{given.failure.error}: {given.failure.cause}"
    return asking.put(event, Kind.FAILURE, told, given.default, bench, expires_seconds=given.expires_seconds)

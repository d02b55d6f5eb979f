"""Recovers one group of servers into instances that are there already; called until every one of them is up."""

from __future__ import annotations

from pydantic import Field

from leeward.common.polling import PollResult
from leeward.lambdas.drs_recover import RecoverParameters, advance_recovery
from leeward.lambdas.runtime.invocation.events import WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task


class LaunchIntoParameters(RecoverParameters):
    """As of a recovery, and which instance each server is launched into: see `drs.launch_into.Bodies`."""

    into: dict[str, str | dict[str, str]] = Field(min_length=1)


@task(WaitingEvent[LaunchIntoParameters])
def handler(event: WaitingEvent[LaunchIntoParameters], context: TaskContext) -> PollResult:
    """Look, and start what is to be started. Raises LaunchFailed, NotReady, NotFound, InvalidInput."""
    return advance_recovery(event, context, event.parameters.into)

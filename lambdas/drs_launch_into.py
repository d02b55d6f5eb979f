"""Lambda task that recovers one group of servers into existing instances and waits until all are up."""

from __future__ import annotations

from pydantic import Field

from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.shared.group_recovery_task import RecoverParameters, advance_recovery


class LaunchIntoParameters(RecoverParameters):
    """The parameters of a recovery, and each group's target instances (`drs.launch.target_instances`)."""

    into: dict[str, dict[str, str | dict[str, str]]] = Field(min_length=1)


@task(WaitingEvent[LaunchIntoParameters])
def handler(event: WaitingEvent[LaunchIntoParameters], context: TaskContext) -> PollResult:
    """Check the group and start the launches that are due. Raises LaunchFailed, NotReady, NotFound, or InvalidInput."""
    return advance_recovery(event, context, event.parameters.into)

"""Lambda task that recovers one group of servers and waits until all are up."""

from __future__ import annotations

from leeward.common.polling import PollResult
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.shared.group_recovery_task import RecoverParameters, advance_recovery


@task(WaitingEvent[RecoverParameters])
def handler(event: WaitingEvent[RecoverParameters], context: TaskContext) -> PollResult:
    """Check the group and start the launches that are due. Raises LaunchFailed, NotReady, or NotFound."""
    return advance_recovery(event, context)

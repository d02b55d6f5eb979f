"""Lambda task that turns on termination protection for recovered instances."""

from __future__ import annotations

from leeward.common.polling import PollResult
from leeward.drs.protection.termination_protection import ProtectionChange, begin_protection
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.shared.group_parameters import GroupParameters


@task(WaitingEvent[GroupParameters])
def handler(event: WaitingEvent[GroupParameters], context: TaskContext) -> PollResult:
    """Turn termination protection on and read it back. Raises NotFound when no server has a recovery instance."""
    clients, groups = context.clients(event.parameters.region), event.parameters.groups
    change = ProtectionChange.parse(event.poll.memo) or begin_protection(clients.drs, groups, clients.region)
    return change.advance(clients.ec2)

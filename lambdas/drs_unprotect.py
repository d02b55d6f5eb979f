"""Lambda task that turns off termination protection for the instances that this run launched."""

from __future__ import annotations

from leeward.common.polling import PollResult
from leeward.drs.protection.termination_protection import ProtectionChange, end_protection
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.shared.group_parameters import GroupParameters


@task(WaitingEvent[GroupParameters])
def handler(event: WaitingEvent[GroupParameters], context: TaskContext) -> PollResult:
    """Turn termination protection off and read it back."""
    clients, groups = context.clients(event.parameters.region), event.parameters.groups
    change = ProtectionChange.parse(event.poll.memo)
    change = change or end_protection(clients.drs, groups, clients.region, event.run.id)
    return change.advance(clients.ec2)

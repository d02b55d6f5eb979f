"""Lambda task that turns on termination protection for recovered instances."""

from __future__ import annotations

from leeward.common.polling import PollResult
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.protection import termination_protection
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import RegionalParameters, TaskEvent
from leeward.lambdas.runtime.task import task


class ProtectParameters(RegionalParameters):
    """The server groups, and their Region."""

    groups: list[ServerGroup]


@task(TaskEvent[ProtectParameters])
def handler(event: TaskEvent[ProtectParameters], context: TaskContext) -> PollResult:
    """Turn termination protection on and read it back. Raises NotFound when no server has a recovery instance."""
    clients = context.clients(event.parameters.region)
    ids, left_out = termination_protection.protect_instances(
        clients.drs, clients.ec2, event.parameters.groups, clients.region
    )
    return PollResult(True, f"termination protection is on: {', '.join(ids)}{left_out}", {"instances": ids})

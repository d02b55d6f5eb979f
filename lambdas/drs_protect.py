"""Lambda task that turns on termination protection for recovered instances."""

from __future__ import annotations

from leeward.common.claims.types.server_claims import Protected
from leeward.common.polling import PollResult
from leeward.drs.protection import termination_protection
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import WaitingEvent
from leeward.lambdas.runtime.task import task
from leeward.lambdas.shared.group_parameters import GroupParameters


@task(WaitingEvent[GroupParameters])
def handler(event: WaitingEvent[GroupParameters], context: TaskContext) -> PollResult:
    """Turn termination protection on and read it back. Raises NotFound when no server has a recovery instance."""
    clients = context.clients(event.parameters.region)
    ids, left_out = termination_protection.protect_instances(
        clients.drs, clients.ec2, event.parameters.groups, clients.region
    )
    return PollResult.reached(Protected(on=True, instances=tuple(ids), missing=left_out))

"""Lambda task that turns off termination protection for the instances that this run launched."""

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
    """Turn termination protection off and read it back."""
    clients = context.clients(event.parameters.region)
    ids = termination_protection.unprotect_instances(
        clients.drs, clients.ec2, event.parameters.groups, clients.region, event.run.id
    )
    return PollResult.reached(Protected(on=False, instances=tuple(ids)))

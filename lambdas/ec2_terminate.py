"""Lambda task that terminates the instances that a failback leaves behind and waits until they are gone."""

from __future__ import annotations

from typing import Literal

from leeward.common.polling import PollResult
from leeward.common.task_calls.confirmation import confirm_done
from leeward.drs.cleanup.leftover_instances import LeftoverInstances
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.journaling.protection_journal import launched_instances
from leeward.lambdas.runtime.task import task


class TerminateParameters(Parameters):
    """The groups whose tagged instances in `region` are terminated.

    Recovered instances, and instances that `other_region` protects, are kept.
    """

    groups: list[ServerGroup]
    region: str
    other_region: str
    keep: Literal["recovered"]


@task(WaitingEvent[TerminateParameters])
def handler(event: WaitingEvent[TerminateParameters], context: TaskContext) -> PollResult:
    """Terminate the instances, or check the progress. Raises NotProtected until it is proven which instances serve."""
    parameters = event.parameters
    clients, other_clients = context.clients(parameters.region), context.clients(parameters.other_region)
    launched = launched_instances(context.journal(event.run.id), parameters.region)
    leftovers = LeftoverInstances(
        clients.drs,
        clients.ec2,
        parameters.region,
        other_clients.drs,
        parameters.other_region,
        parameters.groups,
        launched,
    )
    return confirm_done(lambda: leftovers.advance(context.now), event.poll.memo)

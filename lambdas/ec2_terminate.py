"""Terminates the machines that a failback leaves behind; called until they are gone."""

from __future__ import annotations

from typing import Literal

from leeward.common.polling import PollResult, confirm_done
from leeward.drs.cleanup.leftover_instances import LeftoverInstances
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.lambdas.runtime.invocation.events import Parameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.journaling.protection_journal import launched_instances
from leeward.lambdas.runtime.task import task


class TerminateParameters(Parameters):
    """The machines with the groups' tags in `region`; kept is what was recovered or what `other_region` protects."""

    groups: list[ServerGroup]
    region: str
    other_region: str
    keep: Literal["recovered"]


@task(WaitingEvent[TerminateParameters])
def handler(event: WaitingEvent[TerminateParameters], context: TaskContext) -> PollResult:
    """Terminate, or look how far it is. Raises NotProtected while it is not proven which machines serve."""
    given = event.parameters
    here, there = context.clients(given.region), context.clients(given.other_region)
    ours = launched_instances(context.journal(event.run.id), given.region)
    leftovers = LeftoverInstances(here.drs, here.ec2, given.region, there.drs, given.other_region, given.groups, ours)
    return confirm_done(lambda: leftovers.advance(context.now))

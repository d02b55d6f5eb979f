"""Terminates the machines that a failback leaves behind; called until they are gone."""

from __future__ import annotations

from typing import Literal

from leeward.common.polling import Look, confirmed
from leeward.drs.leftovers import Leftovers
from leeward.drs.servers import Group
from leeward.lambdas.common.copies import launched
from leeward.lambdas.common.events import Parameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class TerminateParameters(Parameters):
    """The machines with the groups' tags in `region`; kept is what was recovered or what `other_region` protects."""

    groups: list[Group]
    region: str
    other_region: str
    keep: Literal["recovered"]


@task(WaitingEvent[TerminateParameters])
def handler(event: WaitingEvent[TerminateParameters], bench: Workbench) -> Look:
    """Terminate, or look how far it is. Raises NotProtected while it is not proven which machines serve."""
    given = event.parameters
    here, there = bench.at(given.region), bench.at(given.other_region)
    ours = launched(bench.journal(event.run.id), given.region)
    leftovers = Leftovers(here.drs, here.ec2, given.region, there.drs, given.other_region, given.groups, ours)
    return confirmed(lambda: leftovers.look(bench.now))

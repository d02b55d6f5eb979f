"""Retires the copies that a failback leaves behind; called until none is left."""

from __future__ import annotations

from datetime import timedelta

from pydantic import NonNegativeInt

from leeward.common.polling import Look, confirmed
from leeward.drs.retiring import Place, Retirement
from leeward.drs.servers import Group
from leeward.lambdas.common.events import Parameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Tools, Workbench


class RetireParameters(Parameters):
    """The copies in `region`, of machines that serve in `other_region`; their new copies lag no more than told."""

    groups: list[Group]
    region: str
    other_region: str
    lag_seconds: NonNegativeInt


@task(WaitingEvent[RetireParameters])
def handler(event: WaitingEvent[RetireParameters], bench: Workbench) -> Look:
    """One pass of the clean-up. Raises NotProtected while the new protection is not proven, NotFound."""
    given = event.parameters
    retirement = Retirement(
        here=_place(bench.at(given.region)),
        there=_place(bench.at(given.other_region)),
        groups=given.groups,
        lag=timedelta(seconds=given.lag_seconds),
    )
    return confirmed(lambda: retirement.look(bench.now))


def _place(tools: Tools) -> Place:
    return Place(tools.region, tools.drs, tools.ec2)

"""Waits until every server of the groups is in step with the machine that it protects."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import NonNegativeInt

from leeward.common.polling import Look
from leeward.drs import replication
from leeward.drs.replication import Aim
from leeward.drs.servers import Group
from leeward.drs.states import Direction
from leeward.lambdas.common.copies import Copies, machines_of
from leeward.lambdas.common.events import Parameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class ReplicationParameters(Parameters):
    """Which servers of which Region, and how near their copies must be.

    `since` fence: a recovery point is wanted that is newer than the beginning of this step, so that nothing is lost
    that was written before it; the step before has kept the users from writing more.
    """

    groups: list[Group]
    region: str
    lag_seconds: NonNegativeInt
    since: Literal["fence"] | None = None
    direction: Direction | None = None


@task(WaitingEvent[ReplicationParameters], fenced=False)
def handler(event: WaitingEvent[ReplicationParameters], bench: Workbench) -> Look:
    """Look. Raises ReplicationStalled for what waiting does not heal, NotFound."""
    given, now = event.parameters, bench.now
    newer_than = (event.poll.started_at or now) if given.since == "fence" else None
    aim = Aim(timedelta(seconds=given.lag_seconds), newer_than)
    drs = bench.at(given.region).drs
    look = replication.look(drs, given.groups, given.region, aim, now, direction=given.direction)
    if look.done:
        Copies(bench.journal(event.run.id), event.step, given.region).proven(machines_of(look.facts))
    return look

"""Waits until every server of the groups is in step with the machine that it protects."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import NonNegativeInt

from leeward.common.polling import PollResult
from leeward.drs.api.states import ReplicationDirection
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.protection import replication_lag
from leeward.drs.protection.replication_lag import LagTarget
from leeward.lambdas.runtime.invocation.events import Parameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.journaling.protection_journal import ProtectionJournal, read_mapping_fact
from leeward.lambdas.runtime.task import task


class ReplicationParameters(Parameters):
    """Which servers of which Region, and how near their copies must be.

    `since` fence: a recovery point is wanted that is newer than the beginning of this step, so that nothing is lost
    that was written before it; the step before has kept the users from writing more.
    """

    groups: list[ServerGroup]
    region: str
    lag_seconds: NonNegativeInt
    since: Literal["fence"] | None = None
    direction: ReplicationDirection | None = None


@task(WaitingEvent[ReplicationParameters], requires_lock=False)
def handler(event: WaitingEvent[ReplicationParameters], context: TaskContext) -> PollResult:
    """Look. Raises ReplicationStalled for what waiting does not heal, NotFound."""
    given, now = event.parameters, context.now
    newer_than = (event.poll.started_at or now) if given.since == "fence" else None
    aim = LagTarget(timedelta(seconds=given.lag_seconds), newer_than)
    drs = context.clients(given.region).drs
    look = replication_lag.check_replication(drs, given.groups, given.region, aim, now, direction=given.direction)
    if look.done:
        ProtectionJournal(context.journal(event.run.id), event.step, given.region).record_proven(
            read_mapping_fact(look.facts)
        )
    return look

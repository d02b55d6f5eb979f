"""Lambda task that waits until the replication lag of every server in the groups is within its limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import NonNegativeInt

from leeward.common.claims.types.server_claims import Replicating
from leeward.common.polling import PollResult
from leeward.drs.api.states import ReplicationDirection
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.protection import replication_lag
from leeward.drs.protection.replication_lag import LagTarget
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.journaling.protection_journal import ProtectionJournal
from leeward.lambdas.runtime.task import task


class ReplicationParameters(Parameters):
    """The server groups, their Region, and the maximum lag of their copies.

    With `since` `fence`, every server needs a recovery point that is newer than the start of this step. The previous
    step has stopped users from writing, so no earlier write is lost.
    """

    groups: list[ServerGroup]
    region: str
    lag_seconds: NonNegativeInt
    since: Literal["fence"] | None = None
    direction: ReplicationDirection | None = None


@task(WaitingEvent[ReplicationParameters], requires_lock=False)
def handler(event: WaitingEvent[ReplicationParameters], context: TaskContext) -> PollResult:
    """Check the replication. Raises ReplicationStalled when waiting can't help, or NotFound."""
    parameters, now = event.parameters, context.now
    newer_than = (event.poll.started_at or now) if parameters.since == "fence" else None
    lag_target = LagTarget(timedelta(seconds=parameters.lag_seconds), newer_than)
    drs = context.clients(parameters.region).drs
    result = replication_lag.check_replication(
        drs, parameters.groups, parameters.region, lag_target, now, direction=parameters.direction
    )
    for claim in result.claims:
        if isinstance(claim, Replicating):
            journal = ProtectionJournal(context.journal(event.run.id), event.step, parameters.region)
            journal.record_proven(claim.machines)
    return result

"""Retires the copies that a failback leaves behind; called until none is left."""

from __future__ import annotations

from datetime import timedelta

from pydantic import NonNegativeInt

from leeward.common.polling import PollResult, confirm_done
from leeward.drs.cleanup.retire_copies import CopyRetirement, DrsRegion
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.lambdas.runtime.invocation.events import Parameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import RegionClients, TaskContext
from leeward.lambdas.runtime.task import task


class RetireParameters(Parameters):
    """The copies in `region`, of machines that serve in `other_region`; their new copies lag no more than told."""

    groups: list[ServerGroup]
    region: str
    other_region: str
    lag_seconds: NonNegativeInt


@task(WaitingEvent[RetireParameters])
def handler(event: WaitingEvent[RetireParameters], context: TaskContext) -> PollResult:
    """One pass of the clean-up. Raises NotProtected while the new protection is not proven, NotFound."""
    given = event.parameters
    retirement = CopyRetirement(
        copy_region=_drs_region(context.clients(given.region)),
        serving_region=_drs_region(context.clients(given.other_region)),
        groups=given.groups,
        max_lag=timedelta(seconds=given.lag_seconds),
    )
    return confirm_done(lambda: retirement.advance(context.now))


def _drs_region(clients: RegionClients) -> DrsRegion:
    return DrsRegion(clients.region, clients.drs, clients.ec2)

"""Lambda task that retires the copies that a failback leaves behind and waits until none is left."""

from __future__ import annotations

from datetime import timedelta

from pydantic import NonNegativeInt

from leeward.common.polling import PollResult
from leeward.common.task_calls.confirmation import confirm_done
from leeward.drs.cleanup.retire_copies import CopyRetirement, DrsRegion
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.lambdas.runtime.invocation.task_context import RegionClients, TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task


class RetireParameters(Parameters):
    """The groups whose copies in `region` are retired, after their instances serve in `other_region` again.

    `lag_seconds` is the maximum lag of their new copies.
    """

    groups: list[ServerGroup]
    region: str
    other_region: str
    lag_seconds: NonNegativeInt


@task(WaitingEvent[RetireParameters])
def handler(event: WaitingEvent[RetireParameters], context: TaskContext) -> PollResult:
    """Advance the cleanup by one pass. Raises NotProtected until the new protection is proven, or NotFound."""
    parameters = event.parameters
    retirement = CopyRetirement(
        copy_region=_drs_region(context.clients(parameters.region)),
        serving_region=_drs_region(context.clients(parameters.other_region)),
        groups=parameters.groups,
        max_lag=timedelta(seconds=parameters.lag_seconds),
    )
    return confirm_done(lambda: retirement.advance(context.now), event.poll.memo)


def _drs_region(clients: RegionClients) -> DrsRegion:
    return DrsRegion(clients.region, clients.drs, clients.ec2)

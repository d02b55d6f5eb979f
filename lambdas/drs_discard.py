"""Lambda task that deletes the source servers that a drill's reverse replication created.

It ends a drill, or rolls back the reversal of a drill.
"""

from __future__ import annotations

from leeward.common.polling import PollResult
from leeward.common.task_calls.confirmation import confirm_done
from leeward.control.run.takeover_chain import find_predecessors
from leeward.drs.cleanup.drill_cleanup import DrillCleanup
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task


class DiscardParameters(Parameters):
    """The groups whose drill instances in `other_region` have copies in `region`."""

    groups: list[ServerGroup]
    region: str
    other_region: str


@task(WaitingEvent[DiscardParameters])
def handler(event: WaitingEvent[DiscardParameters], context: TaskContext) -> PollResult:
    """Delete the copies, or check the progress.

    Raises NotProtected for the copy of an instance that serves users, NotReady, or NotFound.
    """
    run, parameters = event.run, event.parameters
    cleanup = DrillCleanup(
        drs=context.clients(parameters.region).drs,
        region=parameters.region,
        other_drs=context.clients(parameters.other_region).drs,
        other_region=parameters.other_region,
        groups=parameters.groups,
        runs={run.id, *find_predecessors(context.table, run)},
    )
    return confirm_done(cleanup.advance, event.poll.memo)

"""Lambda task that checks whether a global table's replica can take over. It changes nothing."""

from __future__ import annotations

from leeward.common.claims.types.data_claims import ReplicasReady
from leeward.common.errors import NotReady
from leeward.common.polling import PollResult
from leeward.data import replica_status
from leeward.data.application_table import ApplicationTable
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task


class ReplicaParameters(Parameters):
    """The table, the Region that takes over, the other Region, and whether point-in-time recovery is required."""

    table: ApplicationTable
    region: str
    other_region: str
    point_in_time_recovery: bool


@task(WaitingEvent[ReplicaParameters])
def handler(event: WaitingEvent[ReplicaParameters], context: TaskContext) -> PollResult:
    """Check the replica by calling only the Region that takes over.

    Raises NotReady, with every problem, or NotFound.
    """
    parameters = event.parameters
    status = replica_status.inspect_replica(
        context.clients(parameters.region).dynamodb,
        parameters.table,
        parameters.region,
        parameters.other_region,
        backups=parameters.point_in_time_recovery,
    )
    if status.problems:
        raise NotReady(status.text)
    return PollResult.reached(ReplicasReady(table=parameters.table.name, details=status.remarks))

"""Looks whether a global table's replica can take over; changes nothing."""

from __future__ import annotations

from leeward.common.errors import NotReady
from leeward.common.polling import PollResult
from leeward.data import replica_status
from leeward.data.application_table import ApplicationTable
from leeward.lambdas.runtime.invocation.events import Parameters, TaskEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task


class ReplicaParameters(Parameters):
    """The table, the Region that is to take over, and the other one. `point_in_time_recovery`: backups are wanted."""

    table: ApplicationTable
    region: str
    other_region: str
    point_in_time_recovery: bool


@task(TaskEvent[ReplicaParameters])
def handler(event: TaskEvent[ReplicaParameters], context: TaskContext) -> PollResult:
    """Ask the Region that is to take over, and no other. Raises NotReady with all that is wrong, NotFound."""
    given = event.parameters
    seen = replica_status.inspect_replica(
        context.clients(given.region).dynamodb,
        given.table,
        given.region,
        given.other_region,
        backups=given.point_in_time_recovery,
    )
    if seen.problems:
        raise NotReady(seen.text)
    return PollResult(True, seen.text)

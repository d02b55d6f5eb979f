"""Looks whether a global table's replica can take over; changes nothing."""

from __future__ import annotations

from leeward.common.errors import NotReady
from leeward.common.polling import Look
from leeward.data import replicas
from leeward.data.table import Table
from leeward.lambdas.common.events import Parameters, TaskEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class ReplicaParameters(Parameters):
    """The table, the Region that is to take over, and the other one. `point_in_time_recovery`: backups are wanted."""

    table: Table
    region: str
    other_region: str
    point_in_time_recovery: bool


@task(TaskEvent[ReplicaParameters])
def handler(event: TaskEvent[ReplicaParameters], bench: Workbench) -> Look:
    """Ask the Region that is to take over, and no other. Raises NotReady with all that is wrong, NotFound."""
    given = event.parameters
    seen = replicas.inspect(
        bench.at(given.region).dynamodb,
        given.table,
        given.region,
        given.other_region,
        backups=given.point_in_time_recovery,
    )
    if seen.problems:
        raise NotReady(seen.text)
    return Look(True, seen.text)

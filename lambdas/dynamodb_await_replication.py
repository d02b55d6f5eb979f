"""Lambda task that writes markers in one Region and waits until they are replicated to the other."""

from __future__ import annotations

from pydantic import Field

from leeward.common.claims.types.data_claims import Arrived
from leeward.common.polling import PollResult
from leeward.data import replication_markers
from leeward.data.application_table import ApplicationTable
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.invocation.task_events import Parameters, WaitingEvent
from leeward.lambdas.runtime.task import task


class MarkerParameters(Parameters):
    """The table, and the number of markers to write in `from_region` and read in `region`."""

    table: ApplicationTable
    region: str
    from_region: str
    markers: int = Field(ge=1, le=25)


@task(WaitingEvent[MarkerParameters])
def handler(event: WaitingEvent[MarkerParameters], context: TaskContext) -> PollResult:
    """Write the markers once, wait until all have arrived, then delete them."""
    parameters, run, step = event.parameters, event.run, event.step
    keys = replication_markers.marker_keys(f"{run.id}#{step.id}#{step.attempt}", parameters.markers)
    reader, writer = context.clients(parameters.region).dynamodb, context.clients(parameters.from_region).dynamodb
    arrived = replication_markers.read_markers(reader, parameters.table, keys)
    if len(arrived) < len(keys):
        if len(replication_markers.read_markers(writer, parameters.table, keys)) < len(keys):
            replication_markers.write_markers(writer, parameters.table, keys, context.now)
        return PollResult(
            False,
            f"{len(arrived)} of {len(keys)} markers of {parameters.from_region} have arrived in {parameters.region}",
        )
    lag = (context.now - max(arrived.values())).total_seconds()
    replication_markers.delete_markers(writer, parameters.table, keys)
    claim = Arrived(
        from_region=parameters.from_region, region=parameters.region, markers=len(keys), within_seconds=round(lag, 1)
    )
    return PollResult.reached(claim)

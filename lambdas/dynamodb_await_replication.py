"""Writes markers in one Region and waits until they are read in the other."""

from __future__ import annotations

from pydantic import Field

from leeward.common.polling import PollResult
from leeward.data import replication_markers
from leeward.data.application_table import ApplicationTable
from leeward.lambdas.runtime.invocation.events import Parameters, WaitingEvent
from leeward.lambdas.runtime.invocation.task_context import TaskContext
from leeward.lambdas.runtime.task import task


class MarkerParameters(Parameters):
    """`markers` markers are written in `from_region` and read in `region`."""

    table: ApplicationTable
    region: str
    from_region: str
    markers: int = Field(ge=1, le=25)


@task(WaitingEvent[MarkerParameters])
def handler(event: WaitingEvent[MarkerParameters], context: TaskContext) -> PollResult:
    """Write them once, look for them until all are there, then delete them."""
    given, run, step = event.parameters, event.run, event.step
    keys = replication_markers.marker_keys(f"{run.id}#{step.id}#{step.attempt}", given.markers)
    here, there = context.clients(given.region).dynamodb, context.clients(given.from_region).dynamodb
    arrived = replication_markers.read_markers(here, given.table, keys)
    if len(arrived) < len(keys):
        if len(replication_markers.read_markers(there, given.table, keys)) < len(keys):
            replication_markers.write_markers(there, given.table, keys, context.now)
        return PollResult(
            False, f"{len(arrived)} of {len(keys)} markers of {given.from_region} have come to {given.region}"
        )
    lag = (context.now - max(arrived.values())).total_seconds()
    replication_markers.delete_markers(there, given.table, keys)
    detail = f"all {len(keys)} markers of {given.from_region} are in {given.region}, the last within {lag:.0f} s"
    return PollResult(True, detail, {"drained_within_seconds": int(lag), "markers": len(keys)})

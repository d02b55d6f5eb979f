"""Writes markers in one Region and waits until they are read in the other."""

from __future__ import annotations

from pydantic import Field

from leeward.common.polling import Look
from leeward.data import markers
from leeward.data.table import Table
from leeward.lambdas.common.events import Parameters, WaitingEvent
from leeward.lambdas.common.task import task
from leeward.lambdas.common.workbench import Workbench


class MarkerParameters(Parameters):
    """`markers` markers are written in `from_region` and read in `region`."""

    table: Table
    region: str
    from_region: str
    markers: int = Field(ge=1, le=25)


@task(WaitingEvent[MarkerParameters])
def handler(event: WaitingEvent[MarkerParameters], bench: Workbench) -> Look:
    """Write them once, look for them until all are there, then delete them."""
    given, run, step = event.parameters, event.run, event.step
    keys = markers.names(f"{run.id}#{step.id}#{step.attempt}", given.markers)
    here, there = bench.at(given.region).dynamodb, bench.at(given.from_region).dynamodb
    arrived = markers.written(here, given.table, keys)
    if len(arrived) < len(keys):
        if len(markers.written(there, given.table, keys)) < len(keys):
            markers.put(there, given.table, keys, bench.now)
        return Look(False, f"{len(arrived)} of {len(keys)} markers of {given.from_region} have come to {given.region}")
    lag = (bench.now - max(arrived.values())).total_seconds()
    markers.delete(there, given.table, keys)
    detail = f"all {len(keys)} markers of {given.from_region} are in {given.region}, the last within {lag:.0f} s"
    return Look(True, detail, {"drained_within_seconds": int(lag), "markers": len(keys)})

"""Where users may be when a run has succeeded, where both Regions of an application serve."""

from __future__ import annotations

from leeward.twin.committed import brings_back
from leeward.twin.run import Run
from leeward.twin.stage import Stage


def ends_in(stage: Stage, run: Run) -> frozenset[str] | None:
    """A run that leaves a Region ends in the other; one that puts a Region in service again, or leads back, ends as DNS
    prefers. None for an application of which one Region serves."""
    application = stage.application
    if application.mode != "active-active":
        return None
    both = application.regions.both
    if brings_back(run.ready) or run.way.target == application.regions.primary:
        return frozenset(both) if stage.world.names.variant == "latency" else frozenset({both[0]})
    return frozenset({run.way.target})

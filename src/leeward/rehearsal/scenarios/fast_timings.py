"""Short waits for an application's world. A runbook makes the same changes in it, but polls less often.

Sweeps use these timings. They simulate a run thousands of times and check its result, not its duration.
"""

from __future__ import annotations

from datetime import timedelta

from leeward.rehearsal.scenarios.scenario_documents import LaunchTimes, WorldDocument
from leeward.twin.aws.drs import DrsTimings

# Seconds. DRS takes a tenth of its usual time.
FAST_DRS_TIMINGS = DrsTimings(
    cleanup=5, snapshot=8, snapshot_per_gib=0, conversion=25, conversion_per_gib=0, launch=15, terminate=15,
    initial_sync=90, initial_sync_per_gib=0, rescan=20, rescan_per_gib=0,
)  # fmt: skip
_BOOT_TIME, _MAX_USERS = timedelta(seconds=10), 2


def with_fast_timings(world_document: WorldDocument) -> WorldDocument:
    """Return the world document with servers that boot in seconds, without its own DRS times, and with few users."""
    fast = {"boots_in": _BOOT_TIME, "launch_times": LaunchTimes(), "initial_sync": None}
    servers = {name: each.model_copy(update=fast) for name, each in world_document.servers.items()}
    users = world_document.users.model_copy(update={"count": min(world_document.users.count, _MAX_USERS)})
    return world_document.model_copy(update={"servers": servers, "users": users})

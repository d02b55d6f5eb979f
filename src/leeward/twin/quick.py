"""The application's own world with short waits: a runbook does the same in it, and looks for it less often in between.

For those who play a run thousands of times, and ask whether it ends well rather than how long it takes.
"""

from __future__ import annotations

from datetime import timedelta

from leeward.twin.aws.drs import Timings
from leeward.twin.world.documents import WorldDocument

# DRS takes a tenth of its time.
QUICK = Timings(
    cleanup=5, snapshot=8, snapshot_per_gib=0, conversion=25, conversion_per_gib=0, launch=15, terminate=15,
    initial_sync=90, initial_sync_per_gib=0, rescan=20, rescan_per_gib=0,
)  # fmt: skip
_BOOTS_IN, _USERS = timedelta(seconds=10), 2


def quick(told: WorldDocument) -> WorldDocument:
    """The world of `told` with machines that boot in seconds, and few users."""
    servers = {name: each.model_copy(update={"boots_in": _BOOTS_IN}) for name, each in told.servers.items()}
    users = told.users.model_copy(update={"count": min(told.users.count, _USERS)})
    return told.model_copy(update={"servers": servers, "users": users})

"""The planned duration of the steps that launch servers with DRS."""

from __future__ import annotations

from leeward.base.assumptions import launch_durations
from leeward.kinds.descriptors.step_kind import MINUTE, PlannedTime

# A plan doesn't know the disks. From this size on, a larger disk hardly makes the launch longer.
_PLANNED_GIB = launch_durations.CONVERSION_READS_AT_MOST_GIB

PLANNED_LAUNCH = PlannedTime(
    round(launch_durations.launch_seconds(_PLANNED_GIB) / MINUTE) * MINUTE, launch_durations.LONGEST_TYPICAL_RTO
)

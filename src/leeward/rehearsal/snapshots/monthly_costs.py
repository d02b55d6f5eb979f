"""The monthly cost of a world's remaining resources, to compare rounds and to find resources that cleanup missed.

List prices of us-east-1 in US dollars, rounded, as published in 2026. Use the result for comparisons, not for a budget.
"""

from __future__ import annotations

from leeward.twin.aws.drs import BilledResources

HOURS_PER_MONTH = 730
# DRS: per replicating source server and hour. EC2: t3.small on demand, per hour. EBS: gp3 and snapshots, per GiB-month.
DRS_SERVER_HOUR, INSTANCE_HOUR, VOLUME_GIB, SNAPSHOT_GIB = 0.028, 0.0208, 0.08, 0.05


def monthly_cost(leftovers: BilledResources) -> float:
    """Return the monthly cost in dollars of one Region's remaining resources.

    Points in time are incremental, so together they count as much as their staging disks.
    """
    return (
        leftovers.replicating_servers * DRS_SERVER_HOUR * HOURS_PER_MONTH
        + leftovers.running_instances * INSTANCE_HOUR * HOURS_PER_MONTH
        + (leftovers.volume_gib + leftovers.staging_gib) * VOLUME_GIB
        + (leftovers.staging_gib if leftovers.points_in_time else 0) * SNAPSHOT_GIB
    )

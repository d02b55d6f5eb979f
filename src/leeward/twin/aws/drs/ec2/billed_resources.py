"""Counts the billed resources in a Region, which shows whether a cleanup left resources behind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends

from leeward.twin.aws.drs.conventions.quotas_and_timings import total_gib
from leeward.twin.aws.drs.state.recovery_snapshots import list_snapshots
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.state.server_replication import ReplicationMode


@dataclass(frozen=True, slots=True)
class BilledResources:
    """The billed resources in one Region: counts, and GiB for resources that are billed by size.

    DRS bills each replicating server by the hour, and its staging disks and snapshots as EBS (DRS pricing page).
    `volumes` and `ebs_snapshots` don't include the staging disks and the point-in-time snapshots of DRS.
    """

    source_servers: int
    replicating_servers: int
    staging_gib: int
    points_in_time: int
    point_in_time_snapshots: int
    recovery_instances: int
    instances: int
    running_instances: int
    volumes: int
    volume_gib: int
    ebs_snapshots: int


def count_billed_resources(region: DrsRegionState) -> BilledResources:
    """Return the billed resources of a Region. `instances` are all instances that aren't terminated."""
    now = region.hooks.now()
    replicating = [s for s in region.servers.values() if s.replication.mode is ReplicationMode.RUNNING]
    points = [(s, len(list_snapshots(s.server_id, s.replication, s.policy, now))) for s in region.servers.values()]
    ec2: Any = ec2_backends[region.account_id][region.region_name]
    instances = [i for i in ec2.all_instances() if i.state != "terminated"]
    # moto also has snapshots of its built-in public images, which belong to Amazon.
    own = [s for s in ec2.snapshots.values() if s.owner_id == region.account_id]
    return BilledResources(
        source_servers=len(region.servers),
        replicating_servers=len(replicating),
        staging_gib=sum(total_gib(s.disks_gib) for s in replicating),
        points_in_time=sum(count for _, count in points),
        point_in_time_snapshots=sum(count * len(server.disks_gib) for server, count in points),
        recovery_instances=len(region.recovery_instances),
        instances=len(instances),
        running_instances=sum(i.state == "running" for i in instances),
        volumes=len(ec2.volumes),
        volume_gib=sum(v.size for v in ec2.volumes.values()),
        ebs_snapshots=len(own),
    )

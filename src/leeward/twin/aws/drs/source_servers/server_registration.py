"""Registers a new source server in a Region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions.quotas_and_timings import MeasuredTimes
from leeward.twin.aws.drs.ec2.ec2_instances import Ec2Instances
from leeward.twin.aws.drs.state.drs_records import Ec2InstanceRef, LaunchConfiguration, LaunchSettings, SourceServer
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.state.server_replication import SimulatedReplication
from leeward.twin.aws.drs.state.simulated_disks import ReplicatedDisk

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import ReplicationDirectionType


def register_server(
    region: DrsRegionState,
    *,
    name: str,
    origin: Ec2InstanceRef,
    tags: Mapping[str, str],
    disks_gib: Sequence[int],
    measured_times: MeasuredTimes,
    steady_lag: timedelta,
    settings: LaunchSettings,
    direction: ReplicationDirectionType = "FAILOVER",
) -> SourceServer:
    """Register a source server with its own EC2 launch template, as DRS does. The caller starts replication."""
    server_id, now = region.new_id("s"), region.hooks.now()
    template = Ec2Instances(region.account_id, region.region_name).create_launch_template(
        f"created-and-used-by-drs-{server_id}", settings
    )
    server = SourceServer(
        server_id=server_id,
        arn=region.arn("source-server", server_id),
        name=name,
        tags=dict(tags),
        disks_gib=tuple(disks_gib),
        measured_times=measured_times,
        origin=origin,
        replicated_disks=[ReplicatedDisk(now, region.shared.disk_of(origin))],
        replication=SimulatedReplication(steady_lag),
        launch=LaunchConfiguration(
            name=name,
            ec2_launch_template_id=template,
            disposition=settings.disposition,
            copy_tags=settings.copy_tags,
            launch_into_instance_id=settings.launch_into_instance_id,
        ),
        added_at=now,
        direction=direction,
    )
    region.servers[server_id] = server
    return server

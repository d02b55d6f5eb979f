"""A new source server on a Region's record, not yet replicating."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.disks import Replicated
from leeward.twin.aws.drs.ec2 import Ec2
from leeward.twin.aws.drs.model import LaunchConfiguration, LaunchSettings, Origin, SourceServer
from leeward.twin.aws.drs.replication import Replication
from leeward.twin.aws.drs.state import RegionState

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import ReplicationDirectionType


def enrol(
    region: RegionState,
    *,
    name: str,
    origin: Origin,
    tags: Mapping[str, str],
    disks_gib: Sequence[int],
    steady_lag: timedelta,
    settings: LaunchSettings,
    direction: ReplicationDirectionType = "FAILOVER",
) -> SourceServer:
    """With its own EC2 launch template, as DRS makes one for each server. Replication is begun by the caller."""
    server_id, now = region.new_id("s"), region.seam.now()
    template = Ec2(region.account_id, region.region_name).create_launch_template(
        f"created-and-used-by-drs-{server_id}", settings
    )
    server = SourceServer(
        server_id=server_id,
        arn=region.arn("source-server", server_id),
        name=name,
        tags=dict(tags),
        disks_gib=tuple(disks_gib),
        origin=origin,
        sources=[Replicated(now, region.shared.disk(origin))],
        replication=Replication(steady_lag),
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

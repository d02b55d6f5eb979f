"""Converts source servers and snapshots to DRS API responses."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leeward.base.durations import format_iso_duration
from leeward.twin.aws.drs.conventions.identifiers import derive_id
from leeward.twin.aws.drs.conventions.timestamps import format_timestamp
from leeward.twin.aws.drs.state.drs_records import SourceServer
from leeward.twin.aws.drs.state.recovery_snapshots import PointInTimeSnapshot
from leeward.twin.aws.drs.state.server_replication import ReplicationMode

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import LastLaunchResultType, LaunchStatusType
    from mypy_boto3_drs.type_defs import (
        DataReplicationInfoReplicatedDiskTypeDef,
        DataReplicationInfoTypeDef,
        LifeCycleTypeDef,
        RecoverySnapshotTypeDef,
        SourcePropertiesTypeDef,
        SourceServerTypeDef,
    )

AGENT_VERSION = "5.3.0"
_GIB = 1024**3
_LAUNCH_RESULTS: dict[LaunchStatusType, LastLaunchResultType] = {
    "PENDING": "PENDING",
    "IN_PROGRESS": "PENDING",
    "LAUNCHED": "SUCCEEDED",
    "FAILED": "FAILED",
    "TERMINATED": "SUCCEEDED",
}


def device_name(index: int) -> str:
    """Return the device name of a server's disk. The first disk has `index` 0."""
    return "/dev/xvd" + chr(ord("a") + index)


def source_server_view(server: SourceServer, region: str, account_id: str, now: datetime) -> SourceServerTypeDef:
    """Return the source server as an item of DescribeSourceServers."""
    view: SourceServerTypeDef = {
        "sourceServerID": server.server_id,
        "arn": server.arn,
        "tags": dict(server.tags),
        "lastLaunchResult": _LAUNCH_RESULTS[server.last_launch.status] if server.last_launch else "NOT_STARTED",
        "dataReplicationInfo": replication_info_view(server, region, now),
        "lifeCycle": _life_cycle_view(server, now),
        "sourceProperties": _properties_view(server),
        "stagingArea": {"status": "NOT_EXTENDED", "stagingAccountID": account_id},
        "sourceCloudProperties": {
            "originAccountID": account_id,
            "originRegion": server.origin.region,
            "originAvailabilityZone": server.origin.zone,
        },
        "replicationDirection": server.direction,
        "agentVersion": AGENT_VERSION,
    }
    if server.recovery_instance_id:
        view["recoveryInstanceId"] = server.recovery_instance_id
    if server.reversed_server_arn:
        view["reversedDirectionSourceServerArn"] = server.reversed_server_arn
    return view


def replication_info_view(server: SourceServer, region: str, now: datetime) -> DataReplicationInfoTypeDef:
    """Return the `dataReplicationInfo` of a source server."""
    replication = server.replication
    view: DataReplicationInfoTypeDef = {
        "dataReplicationState": replication.state(now),
        "replicatedDisks": _disk_views(server, now),
        "stagingAvailabilityZone": region + "a",
    }
    lag, eta, error = replication.lag(now), replication.sync_eta(now), replication.error(now)
    if lag is not None:
        view["lagDuration"] = format_iso_duration(lag)
    if eta:
        view["etaDateTime"] = format_timestamp(eta)
    if error and replication.mode is ReplicationMode.RUNNING:
        view["dataReplicationError"] = {"error": error}
    return view


def snapshot_view(record: PointInTimeSnapshot, disks: int) -> RecoverySnapshotTypeDef:
    """Return the snapshot as an item of DescribeRecoverySnapshots."""
    return {
        "snapshotID": record.snapshot_id,
        "sourceServerID": record.server_id,
        "expectedTimestamp": format_timestamp(record.taken_at),
        "timestamp": format_timestamp(record.data_time),
        "ebsSnapshots": [derive_id("snap", record.snapshot_id, index) for index in range(disks)],
    }


def _disk_views(server: SourceServer, now: datetime) -> list[DataReplicationInfoReplicatedDiskTypeDef]:
    done = server.replication.sync_fraction(now)
    has_data = server.replication.data_time(now) is not None
    disks: list[DataReplicationInfoReplicatedDiskTypeDef] = []
    for index, gib in enumerate(server.disks_gib):
        # A disconnected server's disks are reported with zero bytes (API reference of DisconnectSourceServer).
        total = 0 if server.replication.mode is ReplicationMode.DISCONNECTED else gib * _GIB
        disks.append(
            {
                "deviceName": device_name(index),
                "totalStorageBytes": total,
                "replicatedStorageBytes": total if has_data else int(total * done),
                "rescannedStorageBytes": int(total * done) if has_data and done < 1 else 0,
                "backloggedStorageBytes": 0,
            }
        )
    return disks


def _life_cycle_view(server: SourceServer, now: datetime) -> LifeCycleTypeDef:
    view: LifeCycleTypeDef = {
        "addedToServiceDateTime": format_timestamp(server.added_at),
        "firstByteDateTime": format_timestamp(server.added_at + timedelta(minutes=2)),
        "elapsedReplicationDuration": format_iso_duration(max(timedelta(0), now - server.added_at)),
        "lastSeenByServiceDateTime": format_timestamp(server.replication.last_seen(now)),
    }
    last = server.last_launch
    if last:
        view["lastLaunch"] = {
            "initiated": {"apiCallDateTime": format_timestamp(last.called_at), "jobID": last.job_id, "type": last.kind},
            "status": last.status,
        }
    return view


def _properties_view(server: SourceServer) -> SourcePropertiesTypeDef:
    return {
        "lastUpdatedDateTime": format_timestamp(server.added_at),
        "identificationHints": {"hostname": server.name, "awsInstanceID": server.origin.instance_id},
        "disks": [{"deviceName": device_name(i), "bytes": gib * _GIB} for i, gib in enumerate(server.disks_gib)],
        "os": {"fullString": "Linux version 6.1.0 (Amazon Linux 2023)"},
        "supportsNitroInstances": True,
        "architecture": "x86_64",
    }

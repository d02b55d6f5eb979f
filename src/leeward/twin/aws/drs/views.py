"""Source servers and snapshots, as the API shows them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leeward.common.durations import to_iso
from leeward.twin.aws.drs.ids import derived
from leeward.twin.aws.drs.model import SourceServer
from leeward.twin.aws.drs.replication import Mode
from leeward.twin.aws.drs.snapshots import Snapshot
from leeward.twin.aws.drs.times import iso

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
_RESULTS: dict[LaunchStatusType, LastLaunchResultType] = {
    "PENDING": "PENDING",
    "IN_PROGRESS": "PENDING",
    "LAUNCHED": "SUCCEEDED",
    "FAILED": "FAILED",
    "TERMINATED": "SUCCEEDED",
}


def device(index: int) -> str:
    """The name of a server's nth disk."""
    return "/dev/xvd" + chr(ord("a") + index)


def source_server(server: SourceServer, region: str, account_id: str, now: datetime) -> SourceServerTypeDef:
    """As in DescribeSourceServers."""
    view: SourceServerTypeDef = {
        "sourceServerID": server.server_id,
        "arn": server.arn,
        "tags": dict(server.tags),
        "lastLaunchResult": _RESULTS[server.last_launch.status] if server.last_launch else "NOT_STARTED",
        "dataReplicationInfo": replication_info(server, region, now),
        "lifeCycle": _life_cycle(server, now),
        "sourceProperties": _properties(server),
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
    if server.reversed_arn:
        view["reversedDirectionSourceServerArn"] = server.reversed_arn
    return view


def replication_info(server: SourceServer, region: str, now: datetime) -> DataReplicationInfoTypeDef:
    """As in a source server's `dataReplicationInfo`."""
    replication = server.replication
    view: DataReplicationInfoTypeDef = {
        "dataReplicationState": replication.state(now),
        "replicatedDisks": _disks(server, now),
        "stagingAvailabilityZone": region + "a",
    }
    lag, eta, error = replication.lag(now), replication.eta(now), replication.error(now)
    if lag is not None:
        view["lagDuration"] = to_iso(lag)
    if eta:
        view["etaDateTime"] = iso(eta)
    if error and replication.mode is Mode.RUNNING:
        view["dataReplicationError"] = {"error": error}
    return view


def snapshot(taken: Snapshot, disks: int) -> RecoverySnapshotTypeDef:
    """As in DescribeRecoverySnapshots."""
    return {
        "snapshotID": taken.snapshot_id,
        "sourceServerID": taken.server_id,
        "expectedTimestamp": iso(taken.expected),
        "timestamp": iso(taken.data_time),
        "ebsSnapshots": [derived("snap", taken.snapshot_id, index) for index in range(disks)],
    }


def _disks(server: SourceServer, now: datetime) -> list[DataReplicationInfoReplicatedDiskTypeDef]:
    done = server.replication.done_share(now)
    kept = server.replication.data_time(now) is not None
    disks: list[DataReplicationInfoReplicatedDiskTypeDef] = []
    for index, gib in enumerate(server.disks_gib):
        # A disconnected server's disks are reported with zero bytes (API reference of DisconnectSourceServer).
        total = 0 if server.replication.mode is Mode.DISCONNECTED else gib * _GIB
        disks.append(
            {
                "deviceName": device(index),
                "totalStorageBytes": total,
                "replicatedStorageBytes": total if kept else int(total * done),
                "rescannedStorageBytes": int(total * done) if kept and done < 1 else 0,
                "backloggedStorageBytes": 0,
            }
        )
    return disks


def _life_cycle(server: SourceServer, now: datetime) -> LifeCycleTypeDef:
    view: LifeCycleTypeDef = {
        "addedToServiceDateTime": iso(server.added_at),
        "firstByteDateTime": iso(server.added_at + timedelta(minutes=2)),
        "elapsedReplicationDuration": to_iso(max(timedelta(0), now - server.added_at)),
        "lastSeenByServiceDateTime": iso(server.replication.last_seen(now)),
    }
    last = server.last_launch
    if last:
        view["lastLaunch"] = {
            "initiated": {"apiCallDateTime": iso(last.called_at), "jobID": last.job_id, "type": last.kind},
            "status": last.status,
        }
    return view


def _properties(server: SourceServer) -> SourcePropertiesTypeDef:
    return {
        "lastUpdatedDateTime": iso(server.added_at),
        "identificationHints": {"hostname": server.name, "awsInstanceID": server.origin.instance_id},
        "disks": [{"deviceName": device(i), "bytes": gib * _GIB} for i, gib in enumerate(server.disks_gib)],
        "os": {"fullString": "Linux version 6.1.0 (Amazon Linux 2023)"},
        "supportsNitroInstances": True,
        "architecture": "x86_64",
    }

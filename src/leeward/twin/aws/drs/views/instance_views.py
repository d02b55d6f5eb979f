"""Converts recovery instances to DRS API responses, including their failback state."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions.timestamps import format_timestamp
from leeward.twin.aws.drs.ec2.ec2_instances import Ec2Instances
from leeward.twin.aws.drs.source_servers.replication_reversal import find_reversed_server
from leeward.twin.aws.drs.state.drs_records import RecoveryInstance, SourceServer
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.state.server_replication import ReplicationMode
from leeward.twin.aws.drs.views.server_views import AGENT_VERSION

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import FailbackStateType
    from mypy_boto3_drs.type_defs import (
        RecoveryInstanceDataReplicationInfoTypeDef,
        RecoveryInstanceFailbackTypeDef,
        RecoveryInstanceTypeDef,
    )


def recovery_instance_view(region: DrsRegionState, record: RecoveryInstance) -> RecoveryInstanceTypeDef:
    """Return an item of DescribeRecoveryInstances, with the current `ec2InstanceState` from EC2."""
    now = region.hooks.now()
    reversed_server = find_reversed_server(region, record)
    opposite_server = reversed_server[1] if reversed_server else None
    return {
        "recoveryInstanceID": record.recovery_instance_id,
        "arn": record.arn,
        "ec2InstanceID": record.ec2_instance_id,
        "ec2InstanceState": Ec2Instances(region.account_id, region.region_name).state(record.ec2_instance_id),
        "jobID": record.job_id,
        "sourceServerID": record.server_id,
        "isDrill": record.is_drill,
        "pointInTimeSnapshotDateTime": format_timestamp(record.data_time),
        "originEnvironment": "AWS",
        "originAvailabilityZone": record.origin.zone,
        "agentVersion": AGENT_VERSION,
        "tags": dict(record.tags),
        "failback": _failback_view(region, record, opposite_server, now),
        "dataReplicationInfo": _replication_view(record, opposite_server, now),
    }


def failback_state(
    region: DrsRegionState, record: RecoveryInstance, opposite_server: SourceServer | None
) -> FailbackStateType:
    """Return the failback state, which depends on the source server in the other Region."""
    if opposite_server is None:
        return "FAILBACK_NOT_STARTED"
    if record.origin.region in region.shared.lost_regions:
        return "FAILBACK_LAUNCH_STATE_NOT_AVAILABLE"
    if (
        opposite_server.recovery_instance_id
        and opposite_server.last_launch
        and opposite_server.last_launch.kind == "RECOVERY"
    ):
        return "FAILBACK_COMPLETED"
    now = region.hooks.now()
    replication = opposite_server.replication
    if replication.mode is not ReplicationMode.RUNNING:
        return "FAILBACK_NOT_READY_FOR_LAUNCH"
    if replication.error(now):
        return "FAILBACK_ERROR"
    return "FAILBACK_READY_FOR_LAUNCH" if replication.state(now) == "CONTINUOUS" else "FAILBACK_IN_PROGRESS"


def _failback_view(
    region: DrsRegionState, record: RecoveryInstance, opposite_server: SourceServer | None, now: datetime
) -> RecoveryInstanceFailbackTypeDef:
    view: RecoveryInstanceFailbackTypeDef = {"state": failback_state(region, record, opposite_server)}
    if opposite_server and record.reversed_at:
        view["failbackInitiationTime"] = format_timestamp(record.reversed_at)
        view["agentLastSeenByServiceDateTime"] = format_timestamp(opposite_server.replication.last_seen(now))
        view["failbackToOriginalServer"] = opposite_server.launch.launch_into_instance_id is not None
    return view


def _replication_view(
    record: RecoveryInstance, opposite_server: SourceServer | None, now: datetime
) -> RecoveryInstanceDataReplicationInfoTypeDef:
    # `lagDuration` is omitted because its pattern in the service model is a date, which no duration matches.
    if record.is_disconnected:
        return {"dataReplicationState": "DISCONNECTED"}
    if opposite_server is None:
        return {"dataReplicationState": "NOT_STARTED"}
    view: RecoveryInstanceDataReplicationInfoTypeDef = {"dataReplicationState": opposite_server.replication.state(now)}
    eta, error = opposite_server.replication.sync_eta(now), opposite_server.replication.error(now)
    if eta:
        view["etaDateTime"] = format_timestamp(eta)
    if error:
        view["dataReplicationError"] = {"error": error}
    return view

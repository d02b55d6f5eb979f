"""Recovery instances, as the API shows them, with what is known of their way back."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.ec2 import Ec2
from leeward.twin.aws.drs.model import RecoveryInstance, SourceServer
from leeward.twin.aws.drs.replication import Mode
from leeward.twin.aws.drs.reversal import reversed_server
from leeward.twin.aws.drs.state import RegionState
from leeward.twin.aws.drs.times import iso
from leeward.twin.aws.drs.views import AGENT_VERSION

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import FailbackStateType
    from mypy_boto3_drs.type_defs import (
        RecoveryInstanceDataReplicationInfoTypeDef,
        RecoveryInstanceFailbackTypeDef,
        RecoveryInstanceTypeDef,
    )


def recovery_instance(region: RegionState, record: RecoveryInstance) -> RecoveryInstanceTypeDef:
    """As in DescribeRecoveryInstances; `ec2InstanceState` is asked of EC2 now."""
    now = region.seam.now()
    found = reversed_server(region, record)
    over_there = found[1] if found else None
    return {
        "recoveryInstanceID": record.recovery_instance_id,
        "arn": record.arn,
        "ec2InstanceID": record.ec2_instance_id,
        "ec2InstanceState": Ec2(region.account_id, region.region_name).state(record.ec2_instance_id),
        "jobID": record.job_id,
        "sourceServerID": record.server_id,
        "isDrill": record.is_drill,
        "pointInTimeSnapshotDateTime": iso(record.data_time),
        "originEnvironment": "AWS",
        "originAvailabilityZone": record.origin.zone,
        "agentVersion": AGENT_VERSION,
        "tags": dict(record.tags),
        "failback": _failback(region, record, over_there, now),
        "dataReplicationInfo": _replication(record, over_there, now),
    }


def failback_state(region: RegionState, record: RecoveryInstance, over_there: SourceServer | None) -> FailbackStateType:
    """How far the way back is: it follows from the source server in the other Region."""
    if over_there is None:
        return "FAILBACK_NOT_STARTED"
    if record.origin.region in region.shared.lost_regions:
        return "FAILBACK_LAUNCH_STATE_NOT_AVAILABLE"
    if over_there.recovery_instance_id and over_there.last_launch and over_there.last_launch.kind == "RECOVERY":
        return "FAILBACK_COMPLETED"
    now = region.seam.now()
    replication = over_there.replication
    if replication.mode is not Mode.RUNNING:
        return "FAILBACK_NOT_READY_FOR_LAUNCH"
    if replication.error(now):
        return "FAILBACK_ERROR"
    return "FAILBACK_READY_FOR_LAUNCH" if replication.state(now) == "CONTINUOUS" else "FAILBACK_IN_PROGRESS"


def _failback(
    region: RegionState, record: RecoveryInstance, over_there: SourceServer | None, now: datetime
) -> RecoveryInstanceFailbackTypeDef:
    view: RecoveryInstanceFailbackTypeDef = {"state": failback_state(region, record, over_there)}
    if over_there and record.reversed_at:
        view["failbackInitiationTime"] = iso(record.reversed_at)
        view["agentLastSeenByServiceDateTime"] = iso(over_there.replication.last_seen(now))
        view["failbackToOriginalServer"] = over_there.launch.launch_into_instance_id is not None
    return view


def _replication(
    record: RecoveryInstance, over_there: SourceServer | None, now: datetime
) -> RecoveryInstanceDataReplicationInfoTypeDef:
    # No `lagDuration`: the service model gives it the pattern of a date, which no duration fits.
    if record.disconnected:
        return {"dataReplicationState": "DISCONNECTED"}
    if over_there is None:
        return {"dataReplicationState": "NOT_STARTED"}
    view: RecoveryInstanceDataReplicationInfoTypeDef = {"dataReplicationState": over_there.replication.state(now)}
    eta, error = over_there.replication.eta(now), over_there.replication.error(now)
    if eta:
        view["etaDateTime"] = iso(eta)
    if error:
        view["dataReplicationError"] = {"error": error}
    return view

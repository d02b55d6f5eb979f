"""ReverseReplication: from a recovery instance back to where its server came from, as a source server over there.

In the recovery Region it makes (or re-uses) a FAILBACK server in the origin Region. On the recovery instance of a
FAILBACK server it points the original server at that instance: the machine is protected again, in its new body.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.ec2 import Ec2
from leeward.twin.aws.drs.enrolment import enrol
from leeward.twin.aws.drs.limits import total_gib
from leeward.twin.aws.drs.model import LaunchSettings, Origin, RecoveryInstance, SourceServer
from leeward.twin.aws.drs.replication import Mode
from leeward.twin.aws.drs.state import RegionState

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import ReplicationDirectionType


def reversed_server(region: RegionState, recovered: RecoveryInstance) -> tuple[RegionState, SourceServer] | None:
    """The source server in the other Region that replicates from this recovery instance, if there is one."""
    found = region.by_arn(recovered.reversed_arn) if recovered.reversed_arn else None
    origin = Origin(region.region_name, recovered.ec2_instance_id)
    return found if found and found[1].origin == origin else None


def in_failback(region: RegionState, recovered: RecoveryInstance) -> bool:
    """Whether a server over there still replicates from it: then it may not be terminated."""
    found = reversed_server(region, recovered)
    return found is not None and found[1].replication.mode is Mode.RUNNING


def reverse_replication(region: RegionState, recovered: RecoveryInstance) -> str:
    """The ARN of the source server in the other Region. Raises Conflict, UninitializedAccount or InternalServer."""
    server = _decide(region, recovered)
    there = region.peer(recovered.origin.region)
    origin = Origin(region.region_name, recovered.ec2_instance_id)
    opposite = there.by_arn(server.reversed_arn) if server.reversed_arn else None
    target = opposite[1] if opposite else _new_server(there, server, origin)
    seconds = region.shared.timings.initial_sync_seconds(total_gib(target.disks_gib), region.seam)
    now = region.seam.now()
    # A server that protected the machine's earlier body keeps its snapshots until the new body is in step.
    initial = target.replication.data_time(now) is None
    target.replicate(origin, region.shared.disk(origin), now, anew=initial)
    target.replication.losses.clear()
    target.replication.begin(now, seconds, initial=initial)
    target.reversed_arn, server.reversed_arn = server.arn, target.arn
    recovered.reversed_arn, recovered.reversed_at = target.arn, now
    region.emit("DRS Recovery Instance Failback State Change", recovered.arn, state="FAILBACK_IN_PROGRESS")
    return target.arn


def _decide(region: RegionState, recovered: RecoveryInstance) -> SourceServer:
    """The server that the instance was launched for, once nothing speaks against the reversal."""
    name, there = recovered.recovery_instance_id, recovered.origin.region
    server = region.server(recovered.server_id)
    region.require_idle(server.server_id)
    if recovered.disconnected:
        raise errors.conflict(f"Recovery instance {name} is disconnected", name, "RecoveryInstance")
    if in_failback(region, recovered):
        raise errors.conflict(f"Replication of {name} is reversed already", name, "RecoveryInstance")
    state = Ec2(region.account_id, region.region_name).state(recovered.ec2_instance_id)
    if state != "RUNNING":
        raise errors.conflict(f"Recovery instance {name} is {state}, not RUNNING", name, "RecoveryInstance")
    if there in region.shared.lost_regions:
        raise errors.InternalServerException(f"Region {there} could not be reached", retryAfterSeconds=60)
    if not region.peer(there).initialised:
        code = errors.UninitializedAccountException.code
        raise errors.UninitializedAccountException(f"Account not initialized in {there}", code=code)
    opposite = region.by_arn(server.reversed_arn) if server.reversed_arn else None
    if opposite:
        opposite[0].require_idle(opposite[1].server_id)
        if opposite[1].replication.mode is Mode.DISCONNECTED:
            other = opposite[1].server_id
            raise errors.conflict(f"Source server {other} in {there} is disconnected: delete it first", other)
    return server


def _new_server(there: RegionState, server: SourceServer, origin: Origin) -> SourceServer:
    direction: ReplicationDirectionType = "FAILBACK" if server.direction == "FAILOVER" else "FAILOVER"
    # That the user's tags are copied is an assumption: AWS does not document what tags the new server carries.
    return enrol(
        there,
        name=server.name,
        origin=origin,
        tags=server.tags,
        disks_gib=server.disks_gib,
        steady_lag=server.replication.steady_lag,
        settings=_launch_settings(there, server),
        direction=direction,
    )


def _launch_settings(there: RegionState, server: SourceServer) -> LaunchSettings:
    """As the Region's launch configuration template says, if it has one."""
    template = next(iter(there.launch_templates.values()), None)
    if template is None:
        return LaunchSettings(copy_tags=server.launch.copy_tags)
    said = template.settings
    # `launchIntoSourceInstance`: a failback to the previous Region goes into the instance that was the origin.
    into = server.origin.instance_id if said.get("launchIntoSourceInstance") else None
    return LaunchSettings(
        disposition="STOPPED" if said.get("launchDisposition") == "STOPPED" else "STARTED",
        copy_tags=bool(said.get("copyTags")) and into is None,
        launch_into_instance_id=into,
    )

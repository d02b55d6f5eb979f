"""ReverseReplication: replicates a recovery instance back to the origin Region of its source server.

For a recovery instance in the recovery Region, it creates or reuses a FAILBACK source server in the origin Region. For
the recovery instance of a FAILBACK server, it makes the original source server replicate that instance, which protects
the server again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.conventions.quotas_and_timings import total_gib
from leeward.twin.aws.drs.ec2.ec2_instances import Ec2Instances
from leeward.twin.aws.drs.source_servers.server_registration import register_server
from leeward.twin.aws.drs.state.drs_records import Ec2InstanceRef, LaunchSettings, RecoveryInstance, SourceServer
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.state.server_replication import ReplicationMode

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import ReplicationDirectionType


def find_reversed_server(
    region: DrsRegionState, recovered: RecoveryInstance
) -> tuple[DrsRegionState, SourceServer] | None:
    """Return the source server in the other Region that replicates this recovery instance, or None."""
    found = region.find_server_by_arn(recovered.reversed_server_arn) if recovered.reversed_server_arn else None
    origin = Ec2InstanceRef(region.region_name, recovered.ec2_instance_id)
    return found if found and found[1].origin == origin else None


def is_failing_back(region: DrsRegionState, recovered: RecoveryInstance) -> bool:
    """Return whether a server in the other Region replicates the instance, which then can't be terminated."""
    found = find_reversed_server(region, recovered)
    return found is not None and found[1].replication.mode is ReplicationMode.RUNNING


def reverse_replication(region: DrsRegionState, recovered: RecoveryInstance) -> str:
    """Start reverse replication, and return the ARN of the source server in the other Region.

    Raises ConflictException, UninitializedAccountException, or InternalServerException.
    """
    server = _require_reversible(region, recovered)
    other_region = region.peer(recovered.origin.region)
    origin = Ec2InstanceRef(region.region_name, recovered.ec2_instance_id)
    opposite = other_region.find_server_by_arn(server.reversed_server_arn) if server.reversed_server_arn else None
    target = opposite[1] if opposite else _register_reversed_server(other_region, server, origin)
    seconds = region.shared.timings.initial_sync_seconds(
        total_gib(target.disks_gib), target.measured_times, region.hooks
    )
    now = region.hooks.now()
    # A reused server keeps the snapshots of the earlier instance until the new instance is in sync.
    initial = target.replication.data_time(now) is None
    target.start_replicating(origin, region.shared.disk_of(origin), now, discard_history=initial)
    target.replication.contact_losses.clear()
    target.replication.start_sync(now, seconds, initial=initial)
    target.reversed_server_arn, server.reversed_server_arn = server.arn, target.arn
    recovered.reversed_server_arn, recovered.reversed_at = target.arn, now
    region.emit_event("DRS Recovery Instance Failback State Change", recovered.arn, state="FAILBACK_IN_PROGRESS")
    return target.arn


def _require_reversible(region: DrsRegionState, recovered: RecoveryInstance) -> SourceServer:
    """Return the source server of the instance. Raises an error if the reversal isn't allowed."""
    name, origin_region = recovered.recovery_instance_id, recovered.origin.region
    server = region.get_server(recovered.server_id)
    region.require_idle(server.server_id)
    if recovered.is_disconnected:
        raise drs_errors.conflict_error(f"Recovery instance {name} is disconnected", name, "RecoveryInstance")
    if is_failing_back(region, recovered):
        raise drs_errors.conflict_error(f"Replication of {name} is reversed already", name, "RecoveryInstance")
    state = Ec2Instances(region.account_id, region.region_name).state(recovered.ec2_instance_id)
    if state != "RUNNING":
        raise drs_errors.conflict_error(f"Recovery instance {name} is {state}, not RUNNING", name, "RecoveryInstance")
    if origin_region in region.shared.lost_regions:
        raise drs_errors.InternalServerException(f"Region {origin_region} could not be reached", retryAfterSeconds=60)
    if not region.peer(origin_region).initialised:
        code = drs_errors.UninitializedAccountException.code
        raise drs_errors.UninitializedAccountException(f"Account not initialized in {origin_region}", code=code)
    opposite = region.find_server_by_arn(server.reversed_server_arn) if server.reversed_server_arn else None
    if opposite:
        opposite[0].require_idle(opposite[1].server_id)
        if opposite[1].replication.mode is ReplicationMode.DISCONNECTED:
            other = opposite[1].server_id
            message = f"Source server {other} in {origin_region} is disconnected: delete it first"
            raise drs_errors.conflict_error(message, other)
    return server


def _register_reversed_server(
    other_region: DrsRegionState, server: SourceServer, origin: Ec2InstanceRef
) -> SourceServer:
    direction: ReplicationDirectionType = "FAILBACK" if server.direction == "FAILOVER" else "FAILOVER"
    # Copying the user's tags is an assumption. AWS doesn't document the tags of the new server.
    return register_server(
        other_region,
        name=server.name,
        origin=origin,
        tags=server.tags,
        disks_gib=server.disks_gib,
        measured_times=server.measured_times,
        steady_lag=server.replication.steady_lag,
        settings=_launch_settings(other_region, server),
        direction=direction,
    )


def _launch_settings(other_region: DrsRegionState, server: SourceServer) -> LaunchSettings:
    """Return the launch settings from the Region's launch configuration template, or defaults without a template."""
    template = next(iter(other_region.launch_templates.values()), None)
    if template is None:
        return LaunchSettings(copy_tags=server.launch.copy_tags)
    template_settings = template.settings
    # With `launchIntoSourceInstance`, a failback launches into the instance that was the origin.
    into = server.origin.instance_id if template_settings.get("launchIntoSourceInstance") else None
    return LaunchSettings(
        disposition="STOPPED" if template_settings.get("launchDisposition") == "STOPPED" else "STARTED",
        copy_tags=bool(template_settings.get("copyTags")) and into is None,
        launch_into_instance_id=into,
    )

"""Launches and terminates the EC2 instances of recovery jobs, with their recovery instance records."""

from __future__ import annotations

from leeward.twin.aws.drs.ec2.ec2_instances import Ec2CallRejected, Ec2Instances
from leeward.twin.aws.drs.state.drs_records import Ec2InstanceRef, Job, LaunchedInstance, RecoveryInstance, SourceServer
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.state.simulated_disks import RecoveryPoint, SimulatedDisk, recover_disk

SERVER_TAG = "AWSElasticDisasterRecoverySourceServerID"
MANAGED_TAG = "AWSElasticDisasterRecoveryManaged"


def launch_instance(region: DrsRegionState, job: Job, server: SourceServer, point: RecoveryPoint) -> RecoveryInstance:
    """Launch an instance with the data of `point`, and record it as the server's recovery instance.

    Raises Ec2CallRejected. Its message goes into the job log.
    """
    _raise_injected_failure(region, server.server_id)
    ec2 = Ec2Instances(region.account_id, region.region_name)
    instance_id = _start_instance(region, ec2, server, recover_disk(server.replicated_disks, point))
    if server.launch.disposition == "STOPPED":
        ec2.stop(instance_id)
    now = region.hooks.now()
    recovery_id = region.new_id("i")
    record = RecoveryInstance(
        recovery_instance_id=recovery_id,
        arn=region.arn("recovery-instance", recovery_id),
        ec2_instance_id=instance_id,
        server_id=server.server_id,
        job_id=job.job_id,
        is_drill=job.is_drill,
        data_time=point.data_time,
        launched_at=now,
        origin=server.origin,
        tags=dict(server.tags),
    )
    region.recovery_instances[recovery_id] = record
    server.recovery_instance_id = recovery_id
    return record


def _start_instance(region: DrsRegionState, ec2: Ec2Instances, server: SourceServer, disk: SimulatedDisk) -> str:
    """Start an instance with this disk, and return its ID. Uses the instance to launch into, if configured."""
    into = server.launch.launch_into_instance_id
    if into is None:
        instance_id = ec2.run_instance(server.launch.ec2_launch_template_id, _instance_tags(server))
        region.shared.disks[Ec2InstanceRef(region.region_name, instance_id)] = disk
        return instance_id
    ec2.check_launch_into(into)
    # The disk changes before the start, so that a server that replicates the instance sees a different disk.
    region.shared.disks[Ec2InstanceRef(region.region_name, into)] = disk
    ec2.start(into)
    return into


def notify_launched(region: DrsRegionState, job: Job, server: SourceServer, recovered: RecoveryInstance) -> None:
    """Call the `on_launched` callbacks for a started instance."""
    launched = LaunchedInstance(
        region=region.region_name,
        ec2_instance_id=recovered.ec2_instance_id,
        recovery_instance_id=recovered.recovery_instance_id,
        source_server_id=server.server_id,
        name=server.name,
        tags=dict(server.tags),
        origin_region=recovered.origin.region,
        origin_instance_id=recovered.origin.instance_id,
        data_time=recovered.data_time,
        launched_at=recovered.launched_at,
        is_drill=recovered.is_drill,
        job_id=job.job_id,
        job_tags=dict(job.tags),
    )
    for callback in region.shared.on_launched:
        callback(launched)


def terminate_recovery_instance(region: DrsRegionState, recovered: RecoveryInstance) -> None:
    """Terminate the EC2 instance and delete the recovery instance record.

    Raises Ec2CallRejected. In that case, nothing changes.
    """
    Ec2Instances(region.account_id, region.region_name).terminate(recovered.ec2_instance_id)
    delete_recovery_record(region, recovered)
    for callback in region.shared.on_terminated:
        callback(region.region_name, recovered.ec2_instance_id)


def delete_recovery_record(region: DrsRegionState, recovered: RecoveryInstance) -> None:
    """Delete the recovery instance record, but not its EC2 instance."""
    region.recovery_instances.pop(recovered.recovery_instance_id, None)
    server = region.servers.get(recovered.server_id)
    if server and server.recovery_instance_id == recovered.recovery_instance_id:
        server.recovery_instance_id = None


def _raise_injected_failure(region: DrsRegionState, server_id: str) -> None:
    failure = region.launch_failures.get(server_id)
    if failure is None or failure.times == 0:
        return
    if failure.times is not None:
        failure.times -= 1
    raise Ec2CallRejected(failure.raw_error)


def _instance_tags(server: SourceServer) -> dict[str, str]:
    copied = server.tags if server.launch.copy_tags else {}
    named = {"Name": server.name, **copied}
    return {**named, SERVER_TAG: server.server_id, MANAGED_TAG: "drs.amazonaws.com"}

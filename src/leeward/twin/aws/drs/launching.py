"""The end of a server's launch: from recovered data to a running instance and a recovery instance on record."""

from __future__ import annotations

from leeward.twin.aws.drs.disks import Disk, RecoveryPoint, recovered
from leeward.twin.aws.drs.ec2 import Ec2, Ec2Refused
from leeward.twin.aws.drs.model import Job, LaunchedInstance, Origin, RecoveryInstance, SourceServer
from leeward.twin.aws.drs.state import RegionState

SERVER_TAG = "AWSElasticDisasterRecoverySourceServerID"
MANAGED_TAG = "AWSElasticDisasterRecoveryManaged"


def launch(region: RegionState, job: Job, server: SourceServer, point: RecoveryPoint) -> RecoveryInstance:
    """Raises Ec2Refused with the reason that goes into the job's log."""
    _fail_on_request(region, server.server_id)
    ec2 = Ec2(region.account_id, region.region_name)
    instance_id = _instance(region, ec2, server, recovered(server.sources, point))
    if server.launch.disposition == "STOPPED":
        ec2.stop(instance_id)
    now = region.seam.now()
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
    region.instances[recovery_id] = record
    server.recovery_instance_id = recovery_id
    return record


def _instance(region: RegionState, ec2: Ec2, server: SourceServer, disk: Disk) -> str:
    """A running instance with this disk: a new one, or the one that the server is to be launched into."""
    into = server.launch.launch_into_instance_id
    if into is None:
        instance_id = ec2.run(server.launch.ec2_launch_template_id, _instance_tags(server))
        region.shared.disks[Origin(region.region_name, instance_id)] = disk
        return instance_id
    ec2.check_launch_into(into)
    # First, because whoever replicated the instance must find another disk when it starts.
    region.shared.disks[Origin(region.region_name, into)] = disk
    ec2.start(into)
    return into


def announce(region: RegionState, job: Job, server: SourceServer, recovered: RecoveryInstance) -> None:
    """Tells the world that a machine has started."""
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


def remove(region: RegionState, recovered: RecoveryInstance) -> None:
    """Terminates the EC2 instance and forgets the recovery instance. Raises Ec2Refused, and then nothing changed."""
    Ec2(region.account_id, region.region_name).terminate(recovered.ec2_instance_id)
    forget(region, recovered)
    for callback in region.shared.on_terminated:
        callback(region.region_name, recovered.ec2_instance_id)


def forget(region: RegionState, recovered: RecoveryInstance) -> None:
    """Takes a recovery instance off the record; its EC2 instance is left alone."""
    region.instances.pop(recovered.recovery_instance_id, None)
    server = region.servers.get(recovered.server_id)
    if server and server.recovery_instance_id == recovered.recovery_instance_id:
        server.recovery_instance_id = None


def _fail_on_request(region: RegionState, server_id: str) -> None:
    failure = region.failures.get(server_id)
    if failure is None or failure.times == 0:
        return
    if failure.times is not None:
        failure.times -= 1
    raise Ec2Refused(failure.raw_error)


def _instance_tags(server: SourceServer) -> dict[str, str]:
    copied = server.tags if server.launch.copy_tags else {}
    named = {"Name": server.name, **copied}
    return {**named, SERVER_TAG: server.server_id, MANAGED_TAG: "drs.amazonaws.com"}

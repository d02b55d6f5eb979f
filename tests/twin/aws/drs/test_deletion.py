"""Taking things away again: terminate, disconnect, delete, and what forbids it."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.twin.aws.drs_world import B, DrsTestWorld, client, error_code


def refused(error: pytest.ExceptionInfo[ClientError], text: str) -> bool:
    return error_code(error.value) == "ConflictException" and text in str(error.value)


def test_terminate_ends_instance_then_record(world: DrsTestWorld) -> None:
    server = world.protect()
    world.recover(server)
    recovered = world.instance(server.server_id)
    job = world.b.terminate_recovery_instances(recoveryInstanceIDs=[recovered["recoveryInstanceID"]])["job"]
    assert (job["type"], job["initiatedBy"]) == ("TERMINATE", "TERMINATE_RECOVERY_INSTANCES")
    with pytest.raises(ClientError) as error:
        world.start(server)
    assert refused(error, "processed by a Job")
    assert world.instance(server.server_id)["ec2InstanceState"] == "RUNNING"
    world.clock.advance(minutes=5)
    ended = world.job(job["jobID"])
    assert (ended["status"], ended["participatingServers"][0]["launchStatus"]) == ("COMPLETED", "TERMINATED")
    assert world.b.describe_recovery_instances()["items"] == []
    assert "recoveryInstanceId" not in world.server(server.server_id)
    answer = client("ec2", B).describe_instances(InstanceIds=[recovered["ec2InstanceID"]])
    assert answer["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"


def test_termination_protection_keeps_instance_and_record(world: DrsTestWorld) -> None:
    server = world.protect()
    world.recover(server)
    recovered = world.instance(server.server_id)
    client("ec2", B).modify_instance_attribute(
        InstanceId=recovered["ec2InstanceID"], DisableApiTermination={"Value": True}
    )
    job = world.b.terminate_recovery_instances(recoveryInstanceIDs=[recovered["recoveryInstanceID"]])["job"]
    world.clock.advance(minutes=5)
    assert world.job(job["jobID"])["participatingServers"][0]["launchStatus"] == "FAILED"
    (failed,) = [i for i in world.log(job["jobID"]) if i["event"] == "CLEANUP_FAIL"]
    assert "when calling the TerminateInstances operation" in failed["eventData"]["rawError"]
    assert world.instance(server.server_id)["ec2InstanceState"] == "RUNNING"


def test_record_of_missing_instance_can_be_removed(world: DrsTestWorld) -> None:
    server = world.protect()
    world.recover(server)
    recovered = world.instance(server.server_id)
    client("ec2", B).terminate_instances(InstanceIds=[recovered["ec2InstanceID"]])
    assert world.instance(server.server_id)["ec2InstanceState"] == "TERMINATED"
    world.b.terminate_recovery_instances(recoveryInstanceIDs=[recovered["recoveryInstanceID"]])
    world.clock.advance(minutes=5)
    assert world.b.describe_recovery_instances()["items"] == []


def test_unknown_instance_cannot_be_terminated(world: DrsTestWorld) -> None:
    with pytest.raises(ClientError) as error:
        world.b.terminate_recovery_instances(recoveryInstanceIDs=["i-00000000000000000"])
    assert refused(error, "does not exist")


def test_server_with_recovery_instance_cannot_be_disconnected(world: DrsTestWorld) -> None:
    server = world.protect()
    world.recover(server)
    with pytest.raises(ClientError) as error:
        world.b.disconnect_source_server(sourceServerID=server.server_id)
    assert refused(error, "has the recovery instance")


def test_server_must_be_disconnected_before_delete(world: DrsTestWorld) -> None:
    server = world.protect()
    with pytest.raises(ClientError) as error:
        world.b.delete_source_server(sourceServerID=server.server_id)
    assert refused(error, "must be disconnected first")
    info = world.b.disconnect_source_server(sourceServerID=server.server_id)["dataReplicationInfo"]
    assert info["dataReplicationState"] == "DISCONNECTED"
    assert info["replicatedDisks"][0]["totalStorageBytes"] == 0
    assert "lagDuration" not in info
    with pytest.raises(ClientError) as error:
        world.b.disconnect_source_server(sourceServerID=server.server_id)
    assert refused(error, "disconnected already")
    world.b.delete_source_server(sourceServerID=server.server_id)
    assert world.b.describe_source_servers()["items"] == []
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        world.b.delete_source_server(sourceServerID=server.server_id)


def test_recovery_instance_must_be_disconnected_before_delete(world: DrsTestWorld) -> None:
    server = world.protect()
    world.recover(server)
    recovered = world.instance(server.server_id)
    name = recovered["recoveryInstanceID"]
    with pytest.raises(ClientError) as error:
        world.b.delete_recovery_instance(recoveryInstanceID=name)
    assert refused(error, "must be disconnected first")
    world.b.disconnect_recovery_instance(recoveryInstanceID=name)
    assert world.instance(server.server_id)["dataReplicationInfo"]["dataReplicationState"] == "DISCONNECTED"
    with pytest.raises(ClientError) as error:
        world.b.disconnect_recovery_instance(recoveryInstanceID=name)
    assert refused(error, "disconnected already")
    with pytest.raises(ClientError) as error:
        world.b.reverse_replication(recoveryInstanceID=name)
    assert refused(error, "is disconnected")
    world.b.delete_recovery_instance(recoveryInstanceID=name)
    assert world.b.describe_recovery_instances()["items"] == []
    # Only the record is gone: the machine runs on.
    answer = client("ec2", B).describe_instances(InstanceIds=[recovered["ec2InstanceID"]])
    assert answer["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"
    with pytest.raises(ClientError) as error:
        world.b.delete_recovery_instance(recoveryInstanceID=name)
    assert refused(error, "does not exist")
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        world.b.disconnect_recovery_instance(recoveryInstanceID=name)


def test_server_in_job_cannot_be_removed(world: DrsTestWorld) -> None:
    server = world.protect()
    world.start(server)
    for operation in ("stop_replication", "disconnect_source_server", "delete_source_server"):
        with pytest.raises(ClientError) as error:
            getattr(world.b, operation)(sourceServerID=server.server_id)
        assert refused(error, "processed by a Job")


def test_active_job_cannot_be_deleted(world: DrsTestWorld) -> None:
    job_id = world.start(world.protect())
    with pytest.raises(ClientError) as error:
        world.b.delete_job(jobID=job_id)
    assert refused(error, "is PENDING")
    world.clock.advance(minutes=30)
    world.b.delete_job(jobID=job_id)
    assert world.b.describe_jobs()["items"] == []
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        world.b.delete_job(jobID=job_id)

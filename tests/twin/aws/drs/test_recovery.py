"""StartRecovery, seen through boto3: the job, its log, the instance in EC2."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from leeward.twin.aws.drs import DrsQuotas, LaunchedInstance, LaunchSettings
from tests.support.nonempty import nonempty
from tests.twin.aws.drs_world import START, A, B, DrsTestWorld, client, error_code


def seconds_of(job: dict[str, str]) -> float:
    return (
        datetime.fromisoformat(job["endDateTime"]) - datetime.fromisoformat(job["creationDateTime"])
    ).total_seconds()


def test_recovery_launches_ec2_instance(world: DrsTestWorld) -> None:
    launched: list[LaunchedInstance] = []
    world.drs.on_launched(launched.append)
    server = world.protect("db")

    job_id = world.start(server, tags={"leeward:run": "r1"})
    pending = world.job(job_id)
    assert (pending["status"], pending["initiatedBy"], pending["type"]) == ("PENDING", "START_RECOVERY", "LAUNCH")
    assert pending["tags"] == {"leeward:run": "r1"}
    assert pending["participatingServers"] == [{"sourceServerID": server.server_id, "launchStatus": "PENDING"}]

    world.clock.advance(minutes=1)
    started = world.job(job_id)
    assert (started["status"], started["participatingServers"][0]["launchStatus"]) == ("STARTED", "IN_PROGRESS")
    assert world.server(server.server_id)["lastLaunchResult"] == "PENDING"

    world.clock.advance(minutes=14)
    ended = world.job(job_id)
    assert (ended["status"], ended["participatingServers"][0]["launchStatus"]) == ("COMPLETED", "LAUNCHED")
    assert 7 * 60 < seconds_of(ended) < 13 * 60

    recovered = world.instance(server.server_id)
    assert recovered["recoveryInstanceID"] == ended["participatingServers"][0]["recoveryInstanceID"]
    assert recovered["ec2InstanceID"] != recovered["recoveryInstanceID"]
    assert (recovered["ec2InstanceState"], recovered["isDrill"], recovered["jobID"]) == ("RUNNING", False, job_id)
    assert recovered["failback"]["state"] == "FAILBACK_NOT_STARTED"

    found = client("ec2", B).describe_instances(InstanceIds=[recovered["ec2InstanceID"]])
    instance = found["Reservations"][0]["Instances"][0]
    tags = {t["Key"]: t["Value"] for t in instance["Tags"]}
    assert tags["Role"] == "db"
    assert tags["AWSElasticDisasterRecoverySourceServerID"] == server.server_id
    assert instance["InstanceType"] == "t3.small"

    (machine,) = launched
    assert (machine.region, machine.ec2_instance_id, machine.name) == (B, recovered["ec2InstanceID"], "db")
    assert machine.job_tags == {"leeward:run": "r1"}
    shown = world.server(server.server_id)
    assert shown["recoveryInstanceId"] == recovered["recoveryInstanceID"]
    assert shown["lastLaunchResult"] == "SUCCEEDED"
    assert shown["lifeCycle"]["lastLaunch"]["initiated"] == {
        "apiCallDateTime": "2026-03-01T09:00:00.000Z",
        "jobID": job_id,
        "type": "RECOVERY",
    }


def test_job_log_is_in_order(world: DrsTestWorld) -> None:
    server = world.protect()
    log = world.log(world.recover(server)["jobID"])
    assert [item["event"] for item in log] == [
        "JOB_START", "SNAPSHOT_START", "SNAPSHOT_END", "CONVERSION_START", "CONVERSION_END", "LAUNCH_START", "JOB_END",
    ]  # fmt: skip
    assert all(item["eventData"] == {"sourceServerID": server.server_id} for item in nonempty(log[1:-1]))
    times = [item["logDateTime"] for item in log]
    assert times == sorted(times)


def test_seed_determines_durations() -> None:
    def duration(seed: int) -> float:
        world = DrsTestWorld(seed)
        return seconds_of(world.recover(world.protect(f"db-{seed}")))

    assert duration(7) == duration(7)
    assert duration(7) != duration(8)


def test_failed_server_does_not_fail_others(world: DrsTestWorld) -> None:
    good, bad = world.protect("good"), world.protect("bad")
    world.drs.fail_launch(bad.server_id, "An error occurred (InsufficientInstanceCapacity): none left", times=1)
    job = world.recover(good, bad)
    assert job["status"] == "COMPLETED"
    assert [p["launchStatus"] for p in job["participatingServers"]] == ["LAUNCHED", "FAILED"]
    (failed,) = [item for item in world.log(job["jobID"]) if item["event"] == "LAUNCH_FAILED"]
    assert failed["eventData"]["sourceServerID"] == bad.server_id
    assert "InsufficientInstanceCapacity" in failed["eventData"]["rawError"]
    assert world.server(bad.server_id)["lastLaunchResult"] == "FAILED"
    assert "recoveryInstanceId" not in world.server(bad.server_id)
    # It was told to fail once: the second attempt launches.
    assert world.recover(bad)["participatingServers"][0]["launchStatus"] == "LAUNCHED"
    states = [e.detail["state"] for e in world.drs.list_events()]
    assert sorted(states) == ["RECOVERY_LAUNCH_FAILED", "RECOVERY_LAUNCH_SUCCEEDED", "RECOVERY_LAUNCH_SUCCEEDED"]


def test_deleted_launch_template_fails_launch_with_ec2_error(world: DrsTestWorld) -> None:
    server = world.protect()
    client("ec2", B).delete_launch_template(LaunchTemplateId=server.launch.ec2_launch_template_id)
    job = world.recover(server)
    assert job["participatingServers"][0]["launchStatus"] == "FAILED"
    (failed,) = [item for item in world.log(job["jobID"]) if item["event"] == "LAUNCH_FAILED"]
    assert "InvalidLaunchTemplateId.NotFound" in failed["eventData"]["rawError"]


def test_launch_template_determines_instance(world: DrsTestWorld) -> None:
    ec2 = client("ec2", B)
    server = world.protect()
    template = server.launch.ec2_launch_template_id
    ec2.create_launch_template_version(LaunchTemplateId=template, LaunchTemplateData={"InstanceType": "m5.large"})
    ec2.modify_launch_template(LaunchTemplateId=template, DefaultVersion="2")
    world.recover(server)
    instance_id = world.instance(server.server_id)["ec2InstanceID"]
    (reservation,) = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
    assert reservation["Instances"][0]["InstanceType"] == "m5.large"


def test_instance_is_launched_in_configured_subnet(world: DrsTestWorld) -> None:
    ec2 = client("ec2", B)
    subnet = ec2.describe_subnets()["Subnets"][1]
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=subnet["VpcId"])["GroupId"]
    settings = LaunchSettings(subnet_id=subnet["SubnetId"], security_group_ids=(group,))
    server = world.protect(launch=settings)
    world.recover(server)
    instance_id = world.instance(server.server_id)["ec2InstanceID"]
    (reservation,) = ec2.describe_instances(InstanceIds=[instance_id])["Reservations"]
    assert reservation["Instances"][0]["SubnetId"] == subnet["SubnetId"]
    assert [g["GroupId"] for g in reservation["Instances"][0]["SecurityGroups"]] == [group]


def test_server_has_at_most_one_active_job(world: DrsTestWorld) -> None:
    server = world.protect()
    world.start(server)
    with pytest.raises(world.b.exceptions.ConflictException) as error:
        world.start(server)
    assert "are currently being processed by a Job" in str(error.value)
    assert error.value.response["resourceId"] == server.server_id
    assert len(world.b.describe_jobs()["items"]) == 1


@pytest.mark.parametrize("why", ["gone", "stopped", "disconnected", "not synced", "no such snapshot"])
def test_server_without_recovery_point_is_rejected(world: DrsTestWorld, why: str) -> None:
    server = world.protect(synced=why != "not synced")
    wanted = {"sourceServerID": server.server_id}
    if why == "gone":
        wanted = {"sourceServerID": "s-00000000000000000"}
    elif why == "stopped":
        world.b.stop_replication(sourceServerID=server.server_id)
    elif why == "disconnected":
        world.b.disconnect_source_server(sourceServerID=server.server_id)
    elif why == "no such snapshot":
        wanted["recoverySnapshotID"] = "pit-00000000000000000"
    with pytest.raises(ClientError) as error:
        world.b.start_recovery(sourceServers=[wanted])
    assert error_code(error.value) == "ConflictException"
    assert world.b.describe_jobs()["items"] == []


def test_lagging_or_stalled_server_can_be_recovered(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=5)
    world.drs.stall_replication(server.server_id, "NOT_CONVERGING")
    world.clock.advance(hours=1)
    world.recover(server)
    assert world.instance(server.server_id)["pointInTimeSnapshotDateTime"] == "2026-03-01T08:59:55.000Z"


def test_named_snapshot_is_recovered(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=5)
    world.clock.advance(minutes=25)
    snapshot = world.b.describe_recovery_snapshots(sourceServerID=server.server_id, order="DESC")["items"][1]
    assert (snapshot["expectedTimestamp"], snapshot["timestamp"]) == (
        "2026-03-01T09:10:00.000Z",
        "2026-03-01T09:09:55.000Z",
    )
    pinned = {"sourceServerID": server.server_id, "recoverySnapshotID": snapshot["snapshotID"]}
    job_id = world.b.start_recovery(sourceServers=[pinned])["job"]["jobID"]
    world.clock.advance(minutes=30)
    assert world.instance(server.server_id)["pointInTimeSnapshotDateTime"] == snapshot["timestamp"]
    events = [item["event"] for item in world.log(job_id)]
    assert "USING_PREVIOUS_SNAPSHOT" in events
    assert "SNAPSHOT_START" not in events


def test_latest_point_is_outage_start_minus_lag(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=20)
    world.clock.advance(minutes=3)
    world.drs.lose_origin_region(A)
    world.clock.advance(minutes=10)
    world.recover(server)
    assert world.instance(server.server_id)["pointInTimeSnapshotDateTime"] == "2026-03-01T09:02:40.000Z"


def test_latest_point_is_now_minus_lag(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=20)
    job = world.recover(server)
    (taken,) = [i for i in world.log(job["jobID"]) if i["event"] == "SNAPSHOT_START"]
    point = datetime.fromisoformat(world.instance(server.server_id)["pointInTimeSnapshotDateTime"])
    assert point == datetime.fromisoformat(taken["logDateTime"]) - timedelta(seconds=20)


def test_repeated_drill_replaces_previous_instance(world: DrsTestWorld) -> None:
    server = world.protect()
    gone: list[tuple[str, str]] = []
    world.drs.on_terminated(lambda region, instance_id: gone.append((region, instance_id)))
    world.recover(server, isDrill=True)
    first = world.instance(server.server_id)
    assert first["isDrill"] is True
    job = world.recover(server, isDrill=True)
    second = world.instance(server.server_id)
    assert second["ec2InstanceID"] != first["ec2InstanceID"]
    assert gone == [(B, first["ec2InstanceID"])]
    states = client("ec2", B).describe_instances(InstanceIds=[first["ec2InstanceID"]])
    assert states["Reservations"][0]["Instances"][0]["State"]["Name"] == "terminated"
    log = world.log(job["jobID"])
    assert [item["event"] for item in log[1:3]] == ["CLEANUP_START", "CLEANUP_END"]
    assert log[1]["eventData"]["targetInstanceID"] == first["ec2InstanceID"]


def test_drill_with_live_recovery_instance_is_rejected(world: DrsTestWorld) -> None:
    server = world.protect()
    world.recover(server)
    live = world.instance(server.server_id)
    with pytest.raises(ClientError, match="live recovery instance") as error:
        world.start(server, isDrill=True)
    assert error_code(error.value) == "ConflictException"
    assert world.instance(server.server_id) == live


def test_protected_drill_instance_fails_repeated_drill(world: DrsTestWorld) -> None:
    server = world.protect()
    world.recover(server, isDrill=True)
    instance_id = world.instance(server.server_id)["ec2InstanceID"]
    client("ec2", B).modify_instance_attribute(InstanceId=instance_id, DisableApiTermination={"Value": True})
    job = world.recover(server, isDrill=True)
    assert job["participatingServers"][0]["launchStatus"] == "FAILED"
    (failed,) = [item for item in world.log(job["jobID"]) if item["event"] == "CLEANUP_FAIL"]
    assert "OperationNotPermitted" in failed["eventData"]["rawError"]
    assert world.instance(server.server_id)["ec2InstanceState"] == "RUNNING"


def test_launching_into_an_existing_instance_keeps_its_id(world: DrsTestWorld) -> None:
    ec2 = client("ec2", B)
    into = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    server = world.protect(launch=LaunchSettings(copy_tags=False, launch_into_instance_id=into))

    def reason() -> str:
        job = world.recover(server)
        return next(str(i["eventData"]["rawError"]) for i in world.log(job["jobID"]) if i["event"] == "LAUNCH_FAILED")

    assert "lacks the tag AWSDRS" in reason()
    ec2.create_tags(Resources=[into], Tags=[{"Key": "AWSDRS", "Value": "AllowLaunchingIntoThisInstance"}])
    assert "must be stopped, but is RUNNING" in reason()
    ec2.stop_instances(InstanceIds=[into])
    world.recover(server)
    recovered = world.instance(server.server_id)
    assert (recovered["ec2InstanceID"], recovered["ec2InstanceState"]) == (into, "RUNNING")
    # Launching into it again does not end it first.
    ec2.stop_instances(InstanceIds=[into])
    assert world.recover(server)["participatingServers"][0]["launchStatus"] == "LAUNCHED"
    assert world.instance(server.server_id)["ec2InstanceID"] == into


def test_launch_disposition_stopped_is_respected(world: DrsTestWorld) -> None:
    server = world.protect(launch=LaunchSettings(disposition="STOPPED"))
    world.recover(server)
    assert world.instance(server.server_id)["ec2InstanceState"] == "STOPPED"


@pytest.mark.parametrize(
    ("quotas", "text"),
    [
        (DrsQuotas(servers_per_job=1), "single job: 2 of 1"),
        (DrsQuotas(servers_in_active_jobs=2), "all active jobs: 3 of 2"),
        (DrsQuotas(concurrent_jobs=1), "concurrent jobs in progress: 2 of 1"),
    ],
)
def test_job_quotas_are_enforced(quotas: DrsQuotas, text: str) -> None:
    world = DrsTestWorld(quotas=quotas)
    first, second, third = (world.protect(name) for name in ("one", "two", "three"))
    world.start(first)
    with pytest.raises(world.b.exceptions.ServiceQuotaExceededException, match=text) as error:
        world.start(second, third)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 402
    if quotas.servers_per_job != 1:
        world.clock.advance(minutes=30)
        world.start(second, third)


def test_job_is_limited_to_100_servers(world: DrsTestWorld) -> None:
    ids = [{"sourceServerID": f"s-{n:017x}"} for n in range(101)]
    with pytest.raises(world.b.exceptions.ServiceQuotaExceededException):
        world.b.start_recovery(sourceServers=ids)
    with pytest.raises(ClientError) as error:
        world.b.start_recovery(sourceServers=[{"sourceServerID": f"s-{n:017x}"} for n in range(201)])
    assert error_code(error.value) == "ValidationException"


def test_duplicate_server_in_request_is_rejected(world: DrsTestWorld) -> None:
    server = world.protect()
    with pytest.raises(ClientError) as error:
        world.start(server, server)
    assert error_code(error.value) == "ValidationException"


def test_throttling_has_retry_after(world: DrsTestWorld) -> None:
    server = world.protect()
    world.drs.throttle_operation(B, "StartRecovery", times=1, retry_after_seconds=3)
    with pytest.raises(world.b.exceptions.ThrottlingException) as error:
        world.start(server)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 429
    assert error.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "3"
    assert error.value.response["retryAfterSeconds"] == "3"
    assert world.start(server)


def test_region_must_be_initialized(world: DrsTestWorld) -> None:
    elsewhere = client("drs", "eu-west-1")
    with pytest.raises(elsewhere.exceptions.UninitializedAccountException):
        elsewhere.describe_source_servers()
    elsewhere.initialize_service()
    elsewhere.initialize_service()
    assert elsewhere.describe_source_servers()["items"] == []


def test_world_starts_at_given_time(world: DrsTestWorld) -> None:
    assert world.clock.now() == START

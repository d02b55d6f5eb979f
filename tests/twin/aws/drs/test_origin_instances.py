"""Origin instances that are stopped, started or terminated in EC2 itself, and launches into existing instances."""

from __future__ import annotations

from typing import Any

import pytest
from moto.ec2.models import ec2_backends

from leeward.twin.aws.drs import SourceServer
from tests.twin.aws.drs_world import A, B, DrsTestWorld, client


def state(world: DrsTestWorld, server: SourceServer) -> str:
    return str(world.replication(server)["dataReplicationState"])


def test_stopped_origin_instance_stalls_only_its_server(world: DrsTestWorld) -> None:
    server, other = world.protect("db", steady_lag_seconds=10), world.protect("web")
    client("ec2", A).stop_instances(InstanceIds=[server.origin.instance_id])
    world.clock.advance(minutes=4)
    assert (state(world, server), world.replication(server)["lagDuration"]) == ("CONTINUOUS", "PT4M10S")
    world.clock.advance(minutes=2)
    assert (state(world, server), state(world, other)) == ("STALLED", "CONTINUOUS")
    assert world.replication(server)["dataReplicationError"] == {"error": "AGENT_NOT_SEEN"}
    world.recover(server)
    assert world.instance(server.server_id)["pointInTimeSnapshotDateTime"] == "2026-03-01T08:59:50.000Z"


def test_restarted_origin_instance_catches_up(world: DrsTestWorld) -> None:
    server = world.protect()
    ec2 = client("ec2", A)
    ec2.stop_instances(InstanceIds=[server.origin.instance_id])
    world.clock.advance(minutes=10)
    ec2.start_instances(InstanceIds=[server.origin.instance_id])
    assert state(world, server) == "RESCAN"
    world.clock.advance(hours=1)
    assert state(world, server) == "CONTINUOUS"
    assert [e.detail["state"] for e in world.drs.list_events()] == ["STALLED", "NOT_STALLED"]


def test_second_stop_keeps_first_stop_time(world: DrsTestWorld) -> None:
    server = world.protect()
    ec2 = client("ec2", A)
    ec2.stop_instances(InstanceIds=[server.origin.instance_id])
    world.clock.advance(minutes=4)
    ec2.terminate_instances(InstanceIds=[server.origin.instance_id])
    world.clock.advance(minutes=2)
    assert state(world, server) == "STALLED"
    assert world.server(server.server_id)["lifeCycle"]["lastSeenByServiceDateTime"] == "2026-03-01T09:00:00.000Z"
    assert len(world.drs.list_events()) == 1


def test_terminated_origin_instance_can_still_be_recovered(world: DrsTestWorld) -> None:
    server = world.protect()
    client("ec2", A).terminate_instances(InstanceIds=[server.origin.instance_id])
    world.clock.advance(hours=5)
    assert state(world, server) == "STALLED"
    assert world.recover(server)["participatingServers"][0]["launchStatus"] == "LAUNCHED"


def test_region_outage_outlasts_instance_start(world: DrsTestWorld) -> None:
    server = world.protect()
    world.drs.lose_origin_region(A)
    ec2 = client("ec2", A)
    ec2.stop_instances(InstanceIds=[server.origin.instance_id])
    ec2.start_instances(InstanceIds=[server.origin.instance_id])
    world.clock.advance(minutes=10)
    assert state(world, server) == "STALLED"
    world.drs.restore_origin_region(A)
    world.clock.advance(hours=1)
    assert state(world, server) == "CONTINUOUS"


def test_stopped_recovery_instance_stalls_reverse_replication(world: DrsTestWorld) -> None:
    server = world.protect()
    world.recover(server)
    recovered = world.instance(server.server_id)
    world.b.reverse_replication(recoveryInstanceID=recovered["recoveryInstanceID"])
    world.clock.advance(hours=1)
    client("ec2", B).stop_instances(InstanceIds=[recovered["ec2InstanceID"]])
    world.clock.advance(minutes=6)
    assert world.instance(server.server_id)["failback"]["state"] == "FAILBACK_ERROR"


class LaunchIntoOriginal:
    """A failback into the original instance, which is stopped, as DRS wants it."""

    def __init__(self, world: DrsTestWorld) -> None:
        self.world, self.ec2 = world, client("ec2", A)
        self.server = world.protect()
        self.a1 = self.server.origin.instance_id
        world.recover(self.server)
        world.b.reverse_replication(recoveryInstanceID=world.instance(self.server.server_id)["recoveryInstanceID"])
        world.clock.advance(hours=1)
        (self.back,) = world.drs.servers(A)
        world.a.update_launch_configuration(
            sourceServerID=self.back.server_id,
            copyTags=False,
            launchIntoInstanceProperties={"launchIntoEC2InstanceID": self.a1},
        )

    def prepare(self) -> None:
        self.ec2.create_tags(Resources=[self.a1], Tags=[{"Key": "AWSDRS", "Value": "AllowLaunchingIntoThisInstance"}])
        self.ec2.stop_instances(InstanceIds=[self.a1])

    def launch(self) -> tuple[str, list[str]]:
        """The server's launch status, and the raw errors of the job's log."""
        job = self.world.recover(self.back, api=self.world.a)
        log: list[dict[str, Any]] = self.world.log(job["jobID"], self.world.a)
        errors = [i["eventData"]["rawError"] for i in log if "rawError" in i.get("eventData", {})]
        return str(job["participatingServers"][0]["launchStatus"]), errors


def test_failback_into_original_instance_launches(world: DrsTestWorld) -> None:
    into = LaunchIntoOriginal(world)
    into.prepare()
    assert into.launch() == ("LAUNCHED", [])
    launched = world.instance(into.back.server_id, world.a)
    assert launched["ec2InstanceID"] == into.a1
    # The instance runs again, but it is another body: whoever protected the earlier one is not healed by that.
    world.clock.advance(hours=1)
    assert state(world, into.server) == "STALLED"
    world.a.reverse_replication(recoveryInstanceID=launched["recoveryInstanceID"])
    world.clock.advance(hours=1)
    assert state(world, into.server) == "CONTINUOUS"


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("untagged", "lacks the tag AWSDRS=AllowLaunchingIntoThisInstance"),
        ("running", "must be stopped, but is RUNNING"),
        ("terminated", "does not exist"),
        ("windows", "windows on x86_64, not linux on x86_64"),
        ("arm", "linux on arm64, not linux on x86_64"),
    ],
)
def test_unsuitable_target_instance_fails_launch(world: DrsTestWorld, what: str, text: str) -> None:
    into = LaunchIntoOriginal(world)
    into.prepare()
    machine: Any = ec2_backends["123456789012"][A].get_instance(into.a1)
    match what:
        case "untagged":
            into.ec2.delete_tags(Resources=[into.a1], Tags=[{"Key": "AWSDRS"}])
        case "running":
            into.ec2.start_instances(InstanceIds=[into.a1])
        case "terminated":
            into.ec2.terminate_instances(InstanceIds=[into.a1])
        case "windows":
            machine.platform = "windows"
        case "arm":
            machine.architecture = "arm64"
    status, errors = into.launch()
    assert status == "FAILED"
    assert [text in error for error in errors] == [True]
    assert world.server(into.back.server_id, world.a)["lastLaunchResult"] == "FAILED"
    assert world.a.describe_recovery_instances()["items"] == []

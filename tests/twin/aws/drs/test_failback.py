"""The whole round: failover into B, reverse replication, failback into A, protection again, clean-up, and once more."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from leeward.twin.aws.drs import SourceServer
from tests.twin.aws.drs_world import A, B, DrsTestWorld, client, error_code


class ServerRoundTrip:
    """One server (B1 in AWS's own naming) and what becomes of it."""

    def __init__(self, world: DrsTestWorld) -> None:
        self.world = world
        self.b1 = world.protect("db", steady_lag_seconds=10)

    def fail_over(self, *, is_drill: bool = False) -> str:
        self.world.recover(self.b1, isDrill=is_drill)
        return str(self.world.instance(self.b1.server_id)["recoveryInstanceID"])

    def reverse(self, b2: str) -> str:
        arn = self.world.b.reverse_replication(recoveryInstanceID=b2)["reversedDirectionSourceServerArn"]
        return str(arn.rpartition("/")[2])

    def fail_back(self, a2: str) -> dict[str, Any]:
        """Launches A2 in A and answers its recovery instance, A3."""
        job = self.world.a.start_recovery(sourceServers=[{"sourceServerID": a2}])["job"]["jobID"]
        self.world.clock.advance(minutes=30)
        assert self.world.job(job, self.world.a)["participatingServers"][0]["launchStatus"] == "LAUNCHED"
        return self.world.instance(a2, self.world.a)

    def clean_up(self, a1: str, a2: str, a3: str, b2: str) -> None:
        """In the order that AWS needs."""
        self.world.a.stop_replication(sourceServerID=a2)
        self.world.b.terminate_recovery_instances(recoveryInstanceIDs=[b2])
        self.world.clock.advance(minutes=5)
        client("ec2", A).terminate_instances(InstanceIds=[a1])
        self.world.a.delete_recovery_instance(recoveryInstanceID=a3)
        self.world.a.disconnect_source_server(sourceServerID=a2)
        self.world.a.delete_source_server(sourceServerID=a2)

    @property
    def a1(self) -> str:
        return self.b1.origin.instance_id


def failback_state(world: DrsTestWorld, server: SourceServer) -> str:
    return str(world.instance(server.server_id)["failback"]["state"])


def test_round_trip_restores_state_and_repeats(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    for _ in range(2):
        a1 = trip.a1
        b2 = trip.fail_over()
        a2 = trip.reverse(b2)
        world.clock.advance(hours=1)
        a3 = trip.fail_back(a2)
        assert failback_state(world, trip.b1) == "FAILBACK_COMPLETED"
        # Step 3: B1 protects A4 instead of A1.
        again = world.a.reverse_replication(recoveryInstanceID=a3["recoveryInstanceID"])
        assert again["reversedDirectionSourceServerArn"] == trip.b1.arn
        shown = world.server(trip.b1.server_id)
        assert shown["sourceProperties"]["identificationHints"]["awsInstanceID"] == a3["ec2InstanceID"] != a1
        trip.clean_up(a1, a2, a3["recoveryInstanceID"], b2)
        world.clock.advance(hours=2)
        # The canonical state: one server per machine, protecting the one that serves, and nothing left over.
        assert world.a.describe_source_servers()["items"] == []
        assert world.a.describe_recovery_instances()["items"] == []
        assert world.b.describe_recovery_instances()["items"] == []
        (b1,) = world.b.describe_source_servers()["items"]
        assert b1["replicationDirection"] == "FAILOVER"
        assert b1["dataReplicationInfo"]["dataReplicationState"] == "CONTINUOUS"
        assert "reversedDirectionSourceServerArn" not in b1
        running = client("ec2", A).describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])[
            "Reservations"
        ]
        assert [r["Instances"][0]["InstanceId"] for r in running] == [a3["ec2InstanceID"]]


def test_reversed_server_appears_in_other_region(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    b2 = trip.fail_over()
    assert world.a.describe_source_servers()["items"] == []
    a2 = trip.reverse(b2)
    shown = world.server(a2, world.a)
    assert shown["replicationDirection"] == "FAILBACK"
    assert shown["sourceCloudProperties"]["originRegion"] == B
    assert shown["reversedDirectionSourceServerArn"] == trip.b1.arn
    assert shown["dataReplicationInfo"]["dataReplicationState"] == "INITIATING"
    assert shown["tags"] == {"Role": "db"}
    assert world.server(trip.b1.server_id)["reversedDirectionSourceServerArn"] == shown["arn"]


def test_failback_state_shows_on_recovery_instance(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    b2 = trip.fail_over()
    assert failback_state(world, trip.b1) == "FAILBACK_NOT_STARTED"
    a2 = trip.reverse(b2)
    assert failback_state(world, trip.b1) == "FAILBACK_IN_PROGRESS"
    info = world.instance(trip.b1.server_id)["dataReplicationInfo"]
    assert info["dataReplicationState"] == "INITIATING"
    world.clock.advance(minutes=25)
    assert failback_state(world, trip.b1) == "FAILBACK_IN_PROGRESS"
    world.clock.advance(minutes=20)
    assert failback_state(world, trip.b1) == "FAILBACK_READY_FOR_LAUNCH"
    world.drs.stall_replication(a2, "NOT_CONVERGING")
    assert failback_state(world, trip.b1) == "FAILBACK_ERROR"
    world.drs.lose_origin_region(A)
    assert failback_state(world, trip.b1) == "FAILBACK_LAUNCH_STATE_NOT_AVAILABLE"
    world.drs.restore_origin_region(A)
    world.a.stop_replication(sourceServerID=a2)
    assert failback_state(world, trip.b1) == "FAILBACK_NOT_READY_FOR_LAUNCH"


@pytest.mark.parametrize(("gib", "least", "most"), [(8, 30, 45), (100, 120, 240)])
def test_reverse_replication_time_grows_with_disk(gib: int, least: int, most: int) -> None:
    world = DrsTestWorld()
    server = world.protect(disks_gib=[gib])
    world.recover(server)
    world.b.reverse_replication(recoveryInstanceID=world.instance(server.server_id)["recoveryInstanceID"])
    (a2,) = world.drs.servers(A)
    minutes = 0
    while a2.replication.state(world.clock.now()) != "CONTINUOUS":
        world.clock.advance(minutes=1)
        minutes += 1
    assert least <= minutes <= most


def test_failback_launch_requires_initial_sync(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    a2 = trip.reverse(trip.fail_over())
    with pytest.raises(world.a.exceptions.ConflictException, match="no consistent recovery point"):
        world.a.start_recovery(sourceServers=[{"sourceServerID": a2}])


def test_reprotection_keeps_old_snapshots_until_in_sync(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    a2 = trip.reverse(trip.fail_over())
    world.clock.advance(hours=1)
    a3 = trip.fail_back(a2)
    before = len(world.b.describe_recovery_snapshots(sourceServerID=trip.b1.server_id)["items"])
    world.a.reverse_replication(recoveryInstanceID=a3["recoveryInstanceID"])
    assert world.replication(trip.b1)["dataReplicationState"] == "RESCAN"
    after = world.b.describe_recovery_snapshots(sourceServerID=trip.b1.server_id)["items"]
    assert before == len(after) > 0
    world.clock.advance(hours=1)
    assert world.replication(trip.b1)["lagDuration"] == "PT10S"


def test_instance_failing_back_cannot_be_terminated(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    b2 = trip.fail_over()
    a2 = trip.reverse(b2)
    with pytest.raises(ClientError, match="is failing back") as error:
        world.b.terminate_recovery_instances(recoveryInstanceIDs=[b2])
    assert error_code(error.value) == "ConflictException"
    with pytest.raises(ClientError, match="is failing back"):
        world.start(trip.b1)
    world.clock.advance(hours=1)
    world.a.stop_replication(sourceServerID=a2)
    world.b.terminate_recovery_instances(recoveryInstanceIDs=[b2])


def test_reversed_instance_is_deleted_not_disconnected(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    a2 = trip.reverse(trip.fail_over())
    world.clock.advance(hours=1)
    a3 = trip.fail_back(a2)["recoveryInstanceID"]
    with pytest.raises(world.a.exceptions.ConflictException, match="must be disconnected first"):
        world.a.delete_recovery_instance(recoveryInstanceID=a3)
    world.a.reverse_replication(recoveryInstanceID=a3)
    with pytest.raises(world.a.exceptions.ConflictException, match="delete it instead"):
        world.a.disconnect_recovery_instance(recoveryInstanceID=a3)
    world.a.delete_recovery_instance(recoveryInstanceID=a3)


def test_failback_drill_keeps_protection(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    b2 = trip.fail_over(is_drill=True)
    a2 = trip.reverse(b2)
    world.clock.advance(hours=1)
    job = world.a.start_recovery(sourceServers=[{"sourceServerID": a2}], isDrill=True)["job"]["jobID"]
    world.clock.advance(minutes=30)
    assert world.job(job, world.a)["initiatedBy"] == "START_DRILL"
    assert failback_state(world, trip.b1) == "FAILBACK_READY_FOR_LAUNCH"
    a3 = world.instance(a2, world.a)["recoveryInstanceID"]
    world.a.stop_replication(sourceServerID=a2)
    world.a.terminate_recovery_instances(recoveryInstanceIDs=[a3])
    world.b.terminate_recovery_instances(recoveryInstanceIDs=[b2])
    world.clock.advance(minutes=5)
    assert world.replication(trip.b1)["dataReplicationState"] == "CONTINUOUS"
    assert world.server(trip.b1.server_id)["sourceProperties"]["identificationHints"]["awsInstanceID"] == trip.a1


def test_reversal_preconditions_are_enforced(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    b2 = trip.fail_over()
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        world.b.reverse_replication(recoveryInstanceID="i-00000000000000000")
    world.drs.lose_origin_region(A)
    with pytest.raises(ClientError, match="could not be reached") as error:
        world.b.reverse_replication(recoveryInstanceID=b2)
    assert error_code(error.value) == "InternalServerException"
    assert error.value.response["ResponseMetadata"]["HTTPHeaders"]["retry-after"] == "60"
    world.drs.restore_origin_region(A)
    instance_id = world.instance(trip.b1.server_id)["ec2InstanceID"]
    client("ec2", B).stop_instances(InstanceIds=[instance_id])
    with pytest.raises(world.b.exceptions.ConflictException, match="is STOPPED, not RUNNING"):
        world.b.reverse_replication(recoveryInstanceID=b2)
    client("ec2", B).start_instances(InstanceIds=[instance_id])
    trip.reverse(b2)
    with pytest.raises(world.b.exceptions.ConflictException, match="is reversed already"):
        trip.reverse(b2)


def test_reversal_requires_both_regions_initialized(world: DrsTestWorld) -> None:
    server = world.drs.add_source_server(B, "db", "eu-west-1", "i-0123456789abcdef0")
    world.recover(server)
    with pytest.raises(world.b.exceptions.UninitializedAccountException, match="eu-west-1"):
        world.b.reverse_replication(recoveryInstanceID=world.instance(server.server_id)["recoveryInstanceID"])


def test_disconnected_leftover_blocks_next_reversal(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    b2 = trip.fail_over()
    a2 = trip.reverse(b2)
    world.a.stop_replication(sourceServerID=a2)
    world.a.disconnect_source_server(sourceServerID=a2)
    with pytest.raises(world.b.exceptions.ConflictException, match="delete it first"):
        trip.reverse(b2)
    world.a.delete_source_server(sourceServerID=a2)
    assert trip.reverse(b2) != a2


def test_stopped_leftover_is_reused(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    b2 = trip.fail_over()
    a2 = trip.reverse(b2)
    world.clock.advance(hours=1)
    world.a.stop_replication(sourceServerID=a2)
    assert trip.reverse(b2) == a2
    assert world.server(a2, world.a)["dataReplicationInfo"]["dataReplicationState"] == "INITIATING"


def test_reverse_replication_stalls_on_recovery_region_outage(world: DrsTestWorld) -> None:
    trip = ServerRoundTrip(world)
    a2 = trip.reverse(trip.fail_over())
    world.clock.advance(hours=1)
    world.drs.lose_origin_region(B)
    world.clock.advance(minutes=6)
    assert world.server(a2, world.a)["dataReplicationInfo"]["dataReplicationState"] == "STALLED"
    assert world.replication(trip.b1)["dataReplicationState"] == "CONTINUOUS"

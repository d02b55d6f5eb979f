"""What is written on a machine's disk, followed through failover and failback: what is there, and what is lost."""

from __future__ import annotations

import pytest

from leeward.twin.aws.drs import SourceServer
from tests.twin.aws.drs_world import A, B, DrsTestWorld, client


def recovered_markers(world: DrsTestWorld, server: SourceServer) -> dict[str, str]:
    return world.drs.read_markers(B, world.instance(server.server_id)["ec2InstanceID"])


def fail_back(world: DrsTestWorld, server: SourceServer, **wait: float) -> dict[str, str]:
    """Reverses, waits until the copy is in step and for `wait`, launches in A, and answers what is on the disk."""
    world.b.reverse_replication(recoveryInstanceID=world.instance(server.server_id)["recoveryInstanceID"])
    (back,) = world.drs.servers(A)
    world.clock.advance(hours=1)
    world.drs.write_marker(B, world.instance(server.server_id)["ec2InstanceID"], "last order", "42")
    world.clock.advance(**wait)
    world.recover(back, api=world.a)
    return world.drs.read_markers(A, world.instance(back.server_id, world.a)["ec2InstanceID"])


def test_recovered_disk_has_writes_up_to_data_time(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=60)
    a1 = server.origin.instance_id
    world.drs.write_marker(A, a1, "order", "1")
    world.clock.advance(seconds=60)
    world.drs.write_marker(A, a1, "order", "2")
    world.drs.write_marker(A, a1, "late", "yes")
    assert world.drs.read_markers(A, a1) == {"order": "2", "late": "yes"}
    # The job takes its snapshot 5 seconds after the call, 60 behind the origin: the first write is in, the others not.
    world.recover(server)
    assert recovered_markers(world, server) == {"order": "1"}


def test_write_at_data_time_is_included(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=10)
    world.clock.advance(seconds=60)
    for key in ("at the edge", "after it"):
        world.drs.write_marker(A, server.origin.instance_id, key, "1")
        world.clock.advance(seconds=1)
    world.clock.advance(seconds=8)
    world.drs.lose_origin_region(A)
    world.clock.advance(minutes=1)
    world.recover(server)
    assert world.instance(server.server_id)["pointInTimeSnapshotDateTime"] == "2026-03-01T09:01:00.000Z"
    assert recovered_markers(world, server) == {"at the edge": "1"}


def test_region_outage_loses_writes_within_lag(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=20)
    a1 = server.origin.instance_id
    world.clock.advance(minutes=3)
    world.drs.write_marker(A, a1, "kept", "1")
    world.clock.advance(seconds=30)
    world.drs.write_marker(A, a1, "lost", "1")
    world.clock.advance(seconds=5)
    world.drs.lose_origin_region(A)
    world.clock.advance(minutes=10)
    world.drs.write_marker(A, a1, "written in the dark", "1")
    world.recover(server)
    assert recovered_markers(world, server) == {"kept": "1"}


def test_failback_after_pause_loses_nothing(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=10)
    world.drs.write_marker(A, server.origin.instance_id, "before", "1")
    world.clock.advance(minutes=1)
    world.recover(server)
    world.drs.write_marker(B, world.instance(server.server_id)["ec2InstanceID"], "in the target", "1")
    # Writing has stopped for longer than the lag when the launch begins.
    assert fail_back(world, server, seconds=30) == {"before": "1", "in the target": "1", "last order": "42"}


def test_failback_without_pause_loses_writes_within_lag(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=60)
    world.recover(server)
    assert fail_back(world, server, seconds=1) == {}


def test_old_point_in_time_has_data_of_earlier_instance(world: DrsTestWorld) -> None:
    server = world.protect(steady_lag_seconds=10)
    world.drs.write_marker(A, server.origin.instance_id, "before", "1")
    world.clock.advance(minutes=1)
    world.recover(server)
    # The failover is planned: A1 still runs, and is written to by mistake. B1 goes on copying it.
    world.drs.write_marker(A, server.origin.instance_id, "stray", "1")
    fail_back(world, server, minutes=1)
    (back,) = world.drs.servers(A)
    a3 = world.instance(back.server_id, world.a)["recoveryInstanceID"]
    old = world.b.describe_recovery_snapshots(sourceServerID=server.server_id)["items"][-1]
    world.a.reverse_replication(recoveryInstanceID=a3)
    world.clock.advance(hours=2)
    world.a.stop_replication(sourceServerID=back.server_id)
    pinned = {"sourceServerID": server.server_id, "recoverySnapshotID": old["snapshotID"]}
    world.b.start_recovery(sourceServers=[pinned])
    world.clock.advance(minutes=30)
    assert recovered_markers(world, server) == {"before": "1", "stray": "1"}
    # The newest data are those of the new instance, to which "stray" was never written.
    world.recover(server)
    assert recovered_markers(world, server) == {"before": "1", "last order": "42"}


def test_launch_into_instance_replaces_disk(world: DrsTestWorld) -> None:
    ec2, server = client("ec2", B), world.protect()
    into = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    ec2.create_tags(Resources=[into], Tags=[{"Key": "AWSDRS", "Value": "AllowLaunchingIntoThisInstance"}])
    world.drs.write_marker(B, into, "old", "1")
    world.drs.write_marker(A, server.origin.instance_id, "new", "1")
    ec2.stop_instances(InstanceIds=[into])
    world.b.update_launch_configuration(
        sourceServerID=server.server_id, launchIntoInstanceProperties={"launchIntoEC2InstanceID": into}
    )
    world.clock.advance(minutes=1)
    world.recover(server)
    assert world.instance(server.server_id)["ec2InstanceID"] == into
    assert world.drs.read_markers(B, into) == {"new": "1"}


def test_write_on_stopped_instance_fails(world: DrsTestWorld) -> None:
    server = world.protect()
    client("ec2", A).stop_instances(InstanceIds=[server.origin.instance_id])
    with pytest.raises(ValueError, match="it is STOPPED"):
        world.drs.write_marker(A, server.origin.instance_id, "key", "1")
    with pytest.raises(ValueError, match="it is NOT_FOUND"):
        world.drs.write_marker(B, server.origin.instance_id, "key", "1")

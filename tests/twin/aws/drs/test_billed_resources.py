"""What is left and billed."""

from __future__ import annotations

from dataclasses import astuple, replace

from tests.twin.aws.drs_world import A, B, DrsTestWorld, client


def test_resources_of_protection_alone(world: DrsTestWorld) -> None:
    assert set(astuple(world.drs.count_billed_resources(B))) == {0}
    server = world.protect(disks_gib=[8, 16])
    left = world.drs.count_billed_resources(B)
    points = len(world.b.describe_recovery_snapshots(sourceServerID=server.server_id)["items"])
    assert (left.source_servers, left.replicating_servers, left.staging_gib) == (1, 1, 24)
    assert (left.points_in_time, left.point_in_time_snapshots) == (points, 2 * points)
    assert (left.instances, left.recovery_instances) == (0, 0)
    world.b.stop_replication(sourceServerID=server.server_id)
    stopped = replace(left, replicating_servers=0, staging_gib=0, points_in_time=0, point_in_time_snapshots=0)
    assert world.drs.count_billed_resources(B) == stopped


def test_resources_after_recovery_and_cleanup(world: DrsTestWorld) -> None:
    server = world.protect()
    before = world.drs.count_billed_resources(B)
    world.recover(server, isDrill=True)
    during = world.drs.count_billed_resources(B)
    assert (during.recovery_instances, during.instances, during.running_instances) == (1, 1, 1)
    assert (during.volumes, during.volume_gib) == (1, 8)
    recovered = world.instance(server.server_id)
    client("ec2", B).stop_instances(InstanceIds=[recovered["ec2InstanceID"]])
    stopped = world.drs.count_billed_resources(B)
    assert (stopped.instances, stopped.running_instances, stopped.volumes) == (1, 0, 1)
    world.b.terminate_recovery_instances(recoveryInstanceIDs=[recovered["recoveryInstanceID"]])
    world.clock.advance(minutes=5)
    after = world.drs.count_billed_resources(B)
    assert replace(after, points_in_time=0, point_in_time_snapshots=0) == replace(
        before, points_in_time=0, point_in_time_snapshots=0
    )


def test_forgotten_volume_and_snapshot_are_counted(world: DrsTestWorld) -> None:
    ec2 = client("ec2", A)
    volume = ec2.create_volume(AvailabilityZone=A + "a", Size=5)["VolumeId"]
    ec2.create_snapshot(VolumeId=volume)
    left = world.drs.count_billed_resources(A)
    assert (left.volumes, left.volume_gib, left.ebs_snapshots) == (1, 5, 1)

"""Complete round trips, and steps that start from the initial state."""

from __future__ import annotations

from typing import Any

import pytest

from tests.drs.round_trips import GROUPS, A, B, RoundTrip, create_source_instances
from tests.support.task_world import (
    TARGET_GROUP,
    TaskFailed,
    TaskWorld,
    recover_parameters,
    target_group_parameters,
)


@pytest.fixture
def trip(world: TaskWorld) -> RoundTrip:
    create_source_instances(world)
    return RoundTrip(world)


def test_round_trip_restores_initial_state(trip: RoundTrip) -> None:
    trip.until_failed_back()
    serving = trip.recovered_instances()
    trip.retire()
    assert trip.is_initial_state()
    assert {server.origin.instance_id for server in trip.original_servers()} == serving


def test_second_round_trip_equals_first(trip: RoundTrip) -> None:
    for number in (1, 2):
        trip.world.start_new_run(f"over-{number}")
        trip.until_failed_back(f"back-{number}")
        trip.retire()
        assert trip.is_initial_state()
        assert len(trip.instances(A, "running")) == 4
        trip.terminate()
        assert len(trip.instances(A, "running")) == 2
    assert trip.instances(A, "running") == {server.origin.instance_id for server in trip.original_servers()}


def test_reverse_ignores_drill_instances(trip: RoundTrip) -> None:
    trip.world.run_until_done("drs_recover", **recover_parameters(is_drill=True))
    with pytest.raises(TaskFailed, match="NotFound: no live recovery instance in us-west-2"):
        trip.reverse()


def test_reverse_skips_and_names_unrecovered_server(trip: RoundTrip) -> None:
    lost = trip.world.drs.servers(B)[0].server_id
    trip.world.drs.fail_launch(lost, "no capacity", times=1)
    with pytest.raises(TaskFailed, match="LaunchFailed"):
        trip.world.run_until_done("drs_recover", **recover_parameters())
    assert f"left out: {lost} (web-1)" in trip.reverse()
    assert len(trip.world.drs.servers(A)) == 1


def test_drill_is_rejected_while_live_instance_exists(trip: RoundTrip) -> None:
    trip.until_failed_back()
    trip.world.start_new_run("drill")
    for region, direction in ((B, None), (A, "FAILBACK")):
        with pytest.raises(TaskFailed, match=r"NotReady: .*live recovery instance"):
            trip.world.poll_once("drs_recover", **recover_parameters(is_drill=True, region=region, direction=direction))


def test_drill_termination_ends_drill_of_taken_over_run(trip: RoundTrip) -> None:
    trip.world.run_until_done("drs_recover", **recover_parameters(is_drill=True))
    trip.world.advance(120)
    trip.world.start_new_run("drill", take_over=trip.world.run["id"])
    trip.world.run_until_done("drs_recover_undo", undo=True, groups=GROUPS)
    assert trip.remaining_counts()[0] == 2, "a rollback terminates only what this run launched"
    trip.world.run_until_done("drs_recover_undo", kind="drs.terminate", groups=GROUPS)
    assert trip.remaining_counts()[0] == 0


def test_fence_deregisters_recovered_instances_in_origin(trip: RoundTrip) -> None:
    trip.world.load_balancer()
    trip.fail_over()
    behind: dict[str, Any] = target_group_parameters()
    trip.world.run_until_done("alb_register", **behind)
    trip.reverse()
    trip.world.start_new_run("back", origin=B, target=A)
    trip.world.run_until_done("alb_deregister", kind="alb.deregister", step="fence", region=B, **behind)
    shown = trip.world.client("elbv2", B).describe_target_health(TargetGroupArn=TARGET_GROUP)
    assert shown["TargetHealthDescriptions"] == []
    assert "undone" not in trip.world.journal[-1].facts
    trip.world.run_until_done("alb_register", kind="alb.deregister", step="fence", undo=True, region=B, **behind)
    assert trip.world.journal[-1].facts["undone"] is True


def test_planned_failover_fences_source_instances(trip: RoundTrip) -> None:
    trip.world.load_balancer()
    arn = TARGET_GROUP.replace(B, A)
    trip.origin_load_balancer(arn)
    behind: dict[str, Any] = target_group_parameters(arn)
    trip.world.run_until_done("alb_deregister", kind="alb.deregister", step="fence", region=A, **behind)
    shown = trip.world.client("elbv2", A).describe_target_health(TargetGroupArn=arn)
    assert shown["TargetHealthDescriptions"] == []


def test_failback_into_original_instance_keeps_it(trip: RoundTrip) -> None:
    """The id of the machine that serves is the id that was protected before: it is reversed all the same, and kept."""
    ec2 = trip.world.client("ec2", A)
    old = {server.tags["Name"]: server.origin.instance_id for server in trip.original_servers()}
    ec2.create_tags(Resources=list(old.values()), Tags=[{"Key": "AWSDRS", "Value": "AllowLaunchingIntoThisInstance"}])
    trip.fail_over()
    trip.reverse()
    trip.wait(A)
    ec2.stop_instances(InstanceIds=list(old.values()))
    trip.world.start_new_run("back", origin=B, target=A)
    into = recover_parameters(region=A, direction="FAILBACK", into={"web": old})
    trip.world.run_until_done("drs_launch_into", step="back", **into)
    assert trip.recovered_instances() == set(old.values())
    before = trip.world.count_calls("drs:ReverseReplication")
    with pytest.raises(TaskFailed, match="NotProtected"):
        trip.retire()
    trip.reverse_after_failback()
    assert trip.world.count_calls("drs:ReverseReplication") > before
    trip.retire()
    trip.terminate()
    assert trip.is_initial_state()
    assert trip.instances(A, "running") == set(old.values())

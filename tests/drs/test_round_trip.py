"""The whole round, and its steps, through the handlers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.drs.protection import reverse_replication
from leeward.twin.engine import FaultKind
from tests.drs.trips import GROUPS, A, B, Trip, bodies
from tests.lambdas.world import TARGET_GROUP, Failed, World, group, recover


@pytest.fixture
def trip(world: World) -> Trip:
    bodies(world)
    return Trip(world)


def events(trip: Trip) -> list[tuple[str, list[str]]]:
    """What the run's journal tells of the copies: the event and the machines."""
    told = [e for e in trip.world.journal if e.event.value.startswith("protection.")]
    return [(e.event.value.removeprefix("protection."), sorted(dict(e.facts["machines"]))) for e in told]  # type: ignore[call-overload]


def test_a_round_trip_ends_where_it_began(trip: Trip) -> None:
    trip.until_failed_back()
    serving = trip.serving()
    trip.retire()
    assert trip.is_canonical()
    assert {server.origin.instance_id for server in trip.b1()} == serving


def test_the_second_round_is_as_the_first(trip: Trip) -> None:
    for number in (1, 2):
        trip.world.new_run(f"over-{number}")
        trip.until_failed_back(f"back-{number}")
        trip.retire()
        assert trip.is_canonical()
        assert len(trip.machines(A, "running")) == 4
        trip.terminate()
        assert len(trip.machines(A, "running")) == 2
    assert trip.machines(A, "running") == {server.origin.instance_id for server in trip.b1()}


# -- reverse ------------------------------------------------------------------------------------------


def test_reversed_servers_carry_the_groups_tags(trip: Trip) -> None:
    trip.fail_over()
    trip.look_reverse()
    for server in trip.world.drs.servers(A):
        server.tags.clear()
    detail = trip.reverse()
    assert {server.tags["Role"] for server in trip.world.drs.servers(A)} == {"web"}
    assert detail.startswith("us-east-1 replicates from us-west-2")


def test_what_there_is_no_time_for_is_reversed_by_the_next_look(trip: Trip, monkeypatch: pytest.MonkeyPatch) -> None:
    trip.fail_over()
    monkeypatch.setattr(reverse_replication, "_TIME_LIMIT_SECONDS", -1)
    look = trip.look_reverse()
    assert (look["status"], trip.world.drs.servers(A)) == ("waiting", [])
    assert "its turn comes with the next look" in look["detail"]
    monkeypatch.undo()
    assert trip.reverse().startswith("us-east-1 replicates from us-west-2")


def test_reversing_again_changes_nothing(trip: Trip) -> None:
    trip.fail_over()
    trip.reverse()
    before = trip.world.calls("drs:ReverseReplication")
    trip.reverse()
    assert trip.world.calls("drs:ReverseReplication") == before
    assert len(trip.world.drs.servers(A)) == 2


@pytest.mark.parametrize("operation", ["drs:ReverseReplication", "drs:TagResource", "drs:DescribeSourceServers"])
@pytest.mark.parametrize(
    "fault", [FaultKind.ANSWER_LOST, FaultKind.CONNECTION_REFUSED, FaultKind.THROTTLED, FaultKind.SERVER_ERROR]
)
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_reversal_that_breaks_off_anywhere_is_completed(
    trip: Trip, operation: str, fault: FaultKind, nth: int
) -> None:
    trip.fail_over()
    trip.world.engine.interceptor.inject_fault(operation, fault, nth=nth, times=3)
    trip.reverse()
    assert len(trip.world.drs.servers(A)) == 2
    assert all(server.tags["Role"] == "web" for server in trip.world.drs.servers(A))


def test_a_dark_origin_is_deferred_and_the_journal_says_since_when(trip: Trip) -> None:
    trip.fail_over()
    now = trip.world.engine.clock.now()
    trip.world.engine.interceptor.schedule_outage(A, now, black_hole_seconds=5)
    detail = trip.reverse(if_unreachable="defer")
    assert detail.startswith("deferred: us-east-1 does not answer")
    assert timedelta(minutes=2) <= trip.world.engine.clock.now() - now <= timedelta(minutes=4)
    launched = min(i.launched_at for i in trip.world.drs.recovery_instances(B))
    assert events(trip)[-1] == ("deferred", sorted(i.ec2_instance_id for i in trip.world.drs.recovery_instances(B)))
    entry = next(e for e in trip.world.journal if e.event == "protection.deferred")
    assert str(entry.facts["since"])[:16] == launched.isoformat()[:16]
    assert trip.world.drs.servers(A) == []


def test_a_dark_origin_fails_where_it_may_not_be_deferred(trip: Trip) -> None:
    trip.fail_over()
    trip.world.engine.interceptor.schedule_outage(A, trip.world.engine.clock.now())
    with pytest.raises(Failed, match="ServiceUnavailable"):
        trip.reverse()


def test_a_region_that_only_drs_cannot_reach_is_deferred_too(trip: Trip) -> None:
    trip.fail_over()
    trip.world.drs.lose_origin_region(A)
    assert "could not be reached" in trip.reverse(if_unreachable="defer")


def test_a_short_outage_is_waited_for(trip: Trip) -> None:
    trip.fail_over()
    now = trip.world.engine.clock.now()
    trip.world.engine.interceptor.schedule_outage(A, now, now + timedelta(seconds=60))
    assert not trip.reverse(if_unreachable="defer").startswith("deferred")
    assert len(trip.world.drs.servers(A)) == 2


def test_nothing_is_reversed_while_a_person_must_mend_something(trip: Trip) -> None:
    trip.fail_over()
    stopped = trip.world.drs.recovery_instances(B)[0].ec2_instance_id
    ec2 = trip.world.client("ec2", B)
    ec2.stop_instances(InstanceIds=[stopped])
    with pytest.raises(Failed, match=f"NotReady: replication can't be reversed: .*{stopped} is STOPPED"):
        trip.reverse()
    assert trip.world.drs.servers(A) == []


def test_a_drill_is_never_reversed(trip: Trip) -> None:
    trip.world.drive("drs_recover", **recover(is_drill=True))
    with pytest.raises(Failed, match="NotFound: no live recovery instance in us-west-2"):
        trip.reverse()


def test_a_server_that_was_not_recovered_is_named_and_left_out(trip: Trip) -> None:
    lost = trip.world.drs.servers(B)[0].server_id
    trip.world.drs.fail_launch(lost, "no capacity", times=1)
    with pytest.raises(Failed, match="LaunchFailed"):
        trip.world.drive("drs_recover", **recover())
    assert f"left out: {lost} (web-1)" in trip.reverse()
    assert len(trip.world.drs.servers(A)) == 1


# -- waiting for replication --------------------------------------------------------------------------


def test_the_wait_tells_how_far_it_is(trip: Trip) -> None:
    trip.fail_over()
    trip.reverse()
    trip.world.later(600)
    told = trip.world.call("drs_await_replication", trip.waiting(A))["detail"]
    assert "0 of 2 servers in us-east-1 in step" in told
    assert "INITIAL_SYNC" in told
    assert "of 8.0 GiB" in told
    assert "ETA" in told
    assert trip.wait(A).startswith("2 of 2 servers in us-east-1 in step")


def test_a_stalled_server_needs_a_person(trip: Trip) -> None:
    trip.fail_over()
    trip.reverse()
    a2 = trip.world.drs.servers(A)[0].server_id
    trip.world.drs.stall_replication(a2, "NOT_CONVERGING")
    with pytest.raises(Failed, match=rf"ReplicationStalled: {a2}.*STALLED \(NOT_CONVERGING\)"):
        trip.wait(A)


def test_after_the_fence_a_newer_recovery_point_is_waited_for(trip: Trip) -> None:
    trip.fail_over()
    trip.reverse()
    trip.wait(A)
    for server in trip.world.drs.servers(A):
        trip.world.drs.set_lag(server.server_id, 90)
    began = trip.world.engine.clock.now()
    trip.wait(A)
    assert trip.world.engine.clock.now() - began < timedelta(seconds=5), "without a fence the lag allowed is enough"
    began = trip.world.engine.clock.now()
    trip.wait(A, since="fence")
    assert trip.world.engine.clock.now() - began > timedelta(seconds=90)


# -- failing back -------------------------------------------------------------------------------------


def test_a_failback_launches_failback_servers_only(trip: Trip) -> None:
    trip.fail_over()
    trip.reverse()
    trip.wait(A)
    other = trip.world.drs.add_source_server(
        A, "web-of-another", "eu-west-1", "i-0fedcba9876543210", tags={"Application": "website", "Role": "web"}
    )
    trip.fail_back()
    assert len(trip.world.drs.recovery_instances(A)) == 2
    assert other.server_id not in {i.server_id for i in trip.world.drs.recovery_instances(A)}


def test_without_a_reversal_there_is_nothing_to_fail_back_to(trip: Trip) -> None:
    trip.fail_over()
    with pytest.raises(Failed, match=r"NotFound: group 'web' .* in us-east-1, direction FAILBACK: no source server"):
        trip.fail_back()


def test_a_drill_over_a_live_machine_is_refused_before_it_starts(trip: Trip) -> None:
    trip.until_failed_back()
    trip.world.new_run("drill")
    for region, direction in ((B, None), (A, "FAILBACK")):
        with pytest.raises(Failed, match=r"NotReady: .*live recovery instance"):
            trip.world.look("drs_recover", **recover(is_drill=True, region=region, direction=direction))


def test_a_failback_drill_is_launched_and_terminated_in_the_region_it_enters(trip: Trip) -> None:
    trip.fail_over()
    trip.reverse()
    trip.wait(A)
    trip.world.new_run("drill", origin=B, target=A)
    trip.world.drive("drs_recover", **recover(is_drill=True, region=A, direction="FAILBACK"))
    assert all(i.is_drill for i in trip.world.drs.recovery_instances(A))
    assert "protection.lost" not in [e.event.value for e in trip.world.journal]
    trip.world.drive("drs_recover_undo", kind="drs.terminate", step="end", groups=GROUPS, region=A)
    assert trip.left() == (2, 0, 2), "the failover's own machines serve on"
    assert "undone" not in trip.world.journal[-1].facts


def test_ending_a_drill_ends_no_recovery_of_a_run_that_was_taken_over(trip: Trip) -> None:
    trip.fail_over()
    trip.world.new_run("drill", take_over=trip.world.run["id"])
    trip.world.drive("drs_recover_undo", kind="drs.terminate", groups=GROUPS)
    assert trip.left()[0] == 2


def test_ending_a_drill_ends_that_of_a_run_that_was_taken_over(trip: Trip) -> None:
    trip.world.drive("drs_recover", **recover(is_drill=True))
    trip.world.later(120)
    trip.world.new_run("drill", take_over=trip.world.run["id"])
    trip.world.drive("drs_recover_undo", groups=GROUPS)
    assert trip.left()[0] == 2, "as a way back it takes back what this run did"
    trip.world.drive("drs_recover_undo", kind="drs.terminate", groups=GROUPS)
    assert trip.left()[0] == 0


def test_the_journal_says_since_when_each_machine_has_no_copy(trip: Trip) -> None:
    trip.fail_over()
    trip.reverse()
    trip.wait(A)
    there = sorted(i.ec2_instance_id for i in trip.world.drs.recovery_instances(B))
    assert events(trip) == [("lost", there), ("reversed", there), ("proven", there)]
    lost = next(e for e in trip.world.journal if e.event == "protection.lost")
    assert lost.facts["region"] == B
    assert str(lost.facts["since"]) < lost.at.isoformat()
    trip.fail_back()
    trip.reprotect()
    back = sorted(trip.serving())
    assert events(trip) == [("lost", back), ("reversed", back), ("proven", back)]


# -- the fence ----------------------------------------------------------------------------------------


def test_the_fence_takes_the_recovered_machines_out_of_the_region_that_is_left(trip: Trip) -> None:
    trip.world.load_balancer()
    trip.fail_over()
    behind: dict[str, Any] = {"target_group_arn": TARGET_GROUP, "port": 80, "group": group()}
    trip.world.drive("alb_register", **behind)
    trip.reverse()
    trip.world.new_run("back", origin=B, target=A)
    trip.world.drive("alb_deregister", kind="alb.deregister", step="fence", region=B, **behind)
    shown = trip.world.client("elbv2", B).describe_target_health(TargetGroupArn=TARGET_GROUP)
    assert shown["TargetHealthDescriptions"] == []
    assert "undone" not in trip.world.journal[-1].facts
    trip.world.drive("alb_register", kind="alb.deregister", step="fence", region=B, **behind)
    assert trip.world.journal[-1].facts["undone"] is True, "as the way back of the fence"


def test_a_planned_failover_fences_the_machines_that_are_protected(trip: Trip) -> None:
    trip.world.load_balancer()
    arn = TARGET_GROUP.replace(B, A)
    trip.origin_load_balancer(arn)
    behind: dict[str, Any] = {"target_group_arn": arn, "port": 80, "group": group()}
    trip.world.drive("alb_deregister", kind="alb.deregister", step="fence", region=A, **behind)
    shown = trip.world.client("elbv2", A).describe_target_health(TargetGroupArn=arn)
    assert shown["TargetHealthDescriptions"] == []


# -- back into the old body ---------------------------------------------------------------------------


def test_a_failback_into_the_machine_it_came_from_keeps_that_machine(trip: Trip) -> None:
    """The id of the machine that serves is the id that was protected before: it is reversed all the same, and kept."""
    ec2 = trip.world.client("ec2", A)
    old = {server.tags["Name"]: server.origin.instance_id for server in trip.b1()}
    ec2.create_tags(Resources=list(old.values()), Tags=[{"Key": "AWSDRS", "Value": "AllowLaunchingIntoThisInstance"}])
    trip.fail_over()
    trip.reverse()
    trip.wait(A)
    ec2.stop_instances(InstanceIds=list(old.values()))
    trip.world.new_run("back", origin=B, target=A)
    into = recover(region=A, direction="FAILBACK", into=dict(old))
    trip.world.drive("drs_launch_into", step="back", **into)
    assert trip.serving() == set(old.values())
    before = trip.world.calls("drs:ReverseReplication")
    with pytest.raises(Failed, match="NotProtected"):
        trip.retire()
    trip.reprotect()
    assert trip.world.calls("drs:ReverseReplication") > before
    trip.retire()
    trip.terminate()
    assert trip.is_canonical()
    assert trip.machines(A, "running") == set(old.values())

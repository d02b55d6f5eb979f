"""The whole round, and its steps, through the handlers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.drs.protection import reverse_replication
from leeward.twin.engine import FaultKind
from tests.drs.round_trips import GROUPS, A, B, RoundTrip, create_source_instances
from tests.support.task_world import TARGET_GROUP, TaskFailed, TaskWorld, recover_parameters, server_group


@pytest.fixture
def trip(world: TaskWorld) -> RoundTrip:
    create_source_instances(world)
    return RoundTrip(world)


def protection_events(trip: RoundTrip) -> list[tuple[str, list[str]]]:
    """What the run's journal tells of the copies: the event and the machines."""
    told = [e for e in trip.world.journal if e.event.value.startswith("protection.")]
    return [(e.event.value.removeprefix("protection."), sorted(dict(e.facts["machines"]))) for e in told]  # type: ignore[call-overload]


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


# -- reverse ------------------------------------------------------------------------------------------


def test_reversed_servers_have_group_tags(trip: RoundTrip) -> None:
    trip.fail_over()
    trip.poll_reverse()
    for server in trip.world.drs.servers(A):
        server.tags.clear()
    detail = trip.reverse()
    assert {server.tags["Role"] for server in trip.world.drs.servers(A)} == {"web"}
    assert detail.startswith("us-east-1 replicates from us-west-2")


def test_reversal_continues_in_next_poll_after_time_limit(trip: RoundTrip, monkeypatch: pytest.MonkeyPatch) -> None:
    trip.fail_over()
    monkeypatch.setattr(reverse_replication, "_TIME_LIMIT_SECONDS", -1)
    look = trip.poll_reverse()
    assert (look["status"], trip.world.drs.servers(A)) == ("waiting", [])
    assert "its turn comes with the next look" in look["detail"]
    monkeypatch.undo()
    assert trip.reverse().startswith("us-east-1 replicates from us-west-2")


def test_reverse_is_idempotent(trip: RoundTrip) -> None:
    trip.fail_over()
    trip.reverse()
    before = trip.world.count_calls("drs:ReverseReplication")
    trip.reverse()
    assert trip.world.count_calls("drs:ReverseReplication") == before
    assert len(trip.world.drs.servers(A)) == 2


@pytest.mark.parametrize("operation", ["drs:ReverseReplication", "drs:TagResource", "drs:DescribeSourceServers"])
@pytest.mark.parametrize(
    "fault", [FaultKind.ANSWER_LOST, FaultKind.CONNECTION_REFUSED, FaultKind.THROTTLED, FaultKind.SERVER_ERROR]
)
@pytest.mark.parametrize("nth", [1, 2, 3])
@pytest.mark.verify("36 interruptions of one reversal; `make test` has single ones")
def test_interrupted_reversal_is_completed(trip: RoundTrip, operation: str, fault: FaultKind, nth: int) -> None:
    trip.fail_over()
    trip.world.engine.interceptor.inject_fault(operation, fault, nth=nth, times=3)
    trip.reverse()
    assert len(trip.world.drs.servers(A)) == 2
    assert all(server.tags["Role"] == "web" for server in trip.world.drs.servers(A))


def test_reverse_defers_when_origin_is_unavailable(trip: RoundTrip) -> None:
    trip.fail_over()
    now = trip.world.engine.clock.now()
    trip.world.engine.interceptor.schedule_outage(A, now, black_hole_seconds=5)
    detail = trip.reverse(if_unreachable="defer")
    assert detail.startswith("deferred: us-east-1 does not answer")
    assert timedelta(minutes=2) <= trip.world.engine.clock.now() - now <= timedelta(minutes=4)
    launched = min(i.launched_at for i in trip.world.drs.recovery_instances(B))
    assert protection_events(trip)[-1] == (
        "deferred",
        sorted(i.ec2_instance_id for i in trip.world.drs.recovery_instances(B)),
    )
    entry = next(e for e in trip.world.journal if e.event == "protection.deferred")
    assert str(entry.facts["since"])[:16] == launched.isoformat()[:16]
    assert trip.world.drs.servers(A) == []


def test_reverse_fails_when_origin_is_unavailable_without_defer(trip: RoundTrip) -> None:
    trip.fail_over()
    trip.world.engine.interceptor.schedule_outage(A, trip.world.engine.clock.now())
    with pytest.raises(TaskFailed, match="ServiceUnavailable"):
        trip.reverse()


def test_reverse_defers_when_drs_cannot_reach_origin(trip: RoundTrip) -> None:
    trip.fail_over()
    trip.world.drs.lose_origin_region(A)
    assert "could not be reached" in trip.reverse(if_unreachable="defer")


def test_reverse_waits_for_short_outage(trip: RoundTrip) -> None:
    trip.fail_over()
    now = trip.world.engine.clock.now()
    trip.world.engine.interceptor.schedule_outage(A, now, now + timedelta(seconds=60))
    assert not trip.reverse(if_unreachable="defer").startswith("deferred")
    assert len(trip.world.drs.servers(A)) == 2


def test_reverse_fails_while_instance_is_stopped(trip: RoundTrip) -> None:
    trip.fail_over()
    stopped = trip.world.drs.recovery_instances(B)[0].ec2_instance_id
    ec2 = trip.world.client("ec2", B)
    ec2.stop_instances(InstanceIds=[stopped])
    with pytest.raises(TaskFailed, match=f"NotReady: replication can't be reversed: .*{stopped} is STOPPED"):
        trip.reverse()
    assert trip.world.drs.servers(A) == []


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


# -- waiting for replication --------------------------------------------------------------------------


def test_replication_wait_reports_progress(trip: RoundTrip) -> None:
    trip.fail_over()
    trip.reverse()
    trip.world.advance(600)
    told = trip.world.call("drs_await_replication", trip.wait_event(A))["detail"]
    assert "0 of 2 servers in us-east-1 in step" in told
    assert "INITIAL_SYNC" in told
    assert "of 8.0 GiB" in told
    assert "ETA" in told
    assert trip.wait(A).startswith("2 of 2 servers in us-east-1 in step")


def test_replication_wait_fails_for_stalled_server(trip: RoundTrip) -> None:
    trip.fail_over()
    trip.reverse()
    a2 = trip.world.drs.servers(A)[0].server_id
    trip.world.drs.stall_replication(a2, "NOT_CONVERGING")
    with pytest.raises(TaskFailed, match=rf"ReplicationStalled: {a2}.*STALLED \(NOT_CONVERGING\)"):
        trip.wait(A)


def test_replication_wait_requires_recovery_point_after_fence(trip: RoundTrip) -> None:
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


def test_failback_launches_only_failback_servers(trip: RoundTrip) -> None:
    trip.fail_over()
    trip.reverse()
    trip.wait(A)
    other = trip.world.drs.add_source_server(
        A, "web-of-another", "eu-west-1", "i-0fedcba9876543210", tags={"Application": "website", "Role": "web"}
    )
    trip.fail_back()
    assert len(trip.world.drs.recovery_instances(A)) == 2
    assert other.server_id not in {i.server_id for i in trip.world.drs.recovery_instances(A)}


def test_failback_fails_without_reversal(trip: RoundTrip) -> None:
    trip.fail_over()
    with pytest.raises(
        TaskFailed, match=r"NotFound: group 'web' .* in us-east-1, direction FAILBACK: no source server"
    ):
        trip.fail_back()


def test_drill_is_rejected_while_live_instance_exists(trip: RoundTrip) -> None:
    trip.until_failed_back()
    trip.world.start_new_run("drill")
    for region, direction in ((B, None), (A, "FAILBACK")):
        with pytest.raises(TaskFailed, match=r"NotReady: .*live recovery instance"):
            trip.world.poll_once("drs_recover", **recover_parameters(is_drill=True, region=region, direction=direction))


def test_failback_drill_launches_and_terminates_in_target(trip: RoundTrip) -> None:
    trip.fail_over()
    trip.reverse()
    trip.wait(A)
    trip.world.start_new_run("drill", origin=B, target=A)
    trip.world.run_until_done("drs_recover", **recover_parameters(is_drill=True, region=A, direction="FAILBACK"))
    assert all(i.is_drill for i in trip.world.drs.recovery_instances(A))
    assert "protection.lost" not in [e.event.value for e in trip.world.journal]
    trip.world.run_until_done("drs_recover_undo", kind="drs.terminate", step="end", groups=GROUPS, region=A)
    assert trip.remaining_counts() == (2, 0, 2), "the failover's own machines serve on"
    assert "undone" not in trip.world.journal[-1].facts


def test_drill_termination_keeps_recovery_of_taken_over_run(trip: RoundTrip) -> None:
    trip.fail_over()
    trip.world.start_new_run("drill", take_over=trip.world.run["id"])
    trip.world.run_until_done("drs_recover_undo", kind="drs.terminate", groups=GROUPS)
    assert trip.remaining_counts()[0] == 2


def test_drill_termination_ends_drill_of_taken_over_run(trip: RoundTrip) -> None:
    trip.world.run_until_done("drs_recover", **recover_parameters(is_drill=True))
    trip.world.advance(120)
    trip.world.start_new_run("drill", take_over=trip.world.run["id"])
    trip.world.run_until_done("drs_recover_undo", groups=GROUPS)
    assert trip.remaining_counts()[0] == 2, "as a way back it takes back what this run did"
    trip.world.run_until_done("drs_recover_undo", kind="drs.terminate", groups=GROUPS)
    assert trip.remaining_counts()[0] == 0


def test_journal_records_when_instances_become_unprotected(trip: RoundTrip) -> None:
    trip.fail_over()
    trip.reverse()
    trip.wait(A)
    there = sorted(i.ec2_instance_id for i in trip.world.drs.recovery_instances(B))
    assert protection_events(trip) == [("lost", there), ("reversed", there), ("proven", there)]
    lost = next(e for e in trip.world.journal if e.event == "protection.lost")
    assert lost.facts["region"] == B
    assert str(lost.facts["since"]) < lost.at.isoformat()
    trip.fail_back()
    trip.reverse_after_failback()
    back = sorted(trip.recovered_instances())
    assert protection_events(trip) == [("lost", back), ("reversed", back), ("proven", back)]


# -- the fence ----------------------------------------------------------------------------------------


def test_fence_deregisters_recovered_instances_in_origin(trip: RoundTrip) -> None:
    trip.world.load_balancer()
    trip.fail_over()
    behind: dict[str, Any] = {"target_group_arn": TARGET_GROUP, "port": 80, "group": server_group()}
    trip.world.run_until_done("alb_register", **behind)
    trip.reverse()
    trip.world.start_new_run("back", origin=B, target=A)
    trip.world.run_until_done("alb_deregister", kind="alb.deregister", step="fence", region=B, **behind)
    shown = trip.world.client("elbv2", B).describe_target_health(TargetGroupArn=TARGET_GROUP)
    assert shown["TargetHealthDescriptions"] == []
    assert "undone" not in trip.world.journal[-1].facts
    trip.world.run_until_done("alb_register", kind="alb.deregister", step="fence", region=B, **behind)
    assert trip.world.journal[-1].facts["undone"] is True, "as the way back of the fence"


def test_planned_failover_fences_source_instances(trip: RoundTrip) -> None:
    trip.world.load_balancer()
    arn = TARGET_GROUP.replace(B, A)
    trip.origin_load_balancer(arn)
    behind: dict[str, Any] = {"target_group_arn": arn, "port": 80, "group": server_group()}
    trip.world.run_until_done("alb_deregister", kind="alb.deregister", step="fence", region=A, **behind)
    shown = trip.world.client("elbv2", A).describe_target_health(TargetGroupArn=arn)
    assert shown["TargetHealthDescriptions"] == []


# -- back into the old body ---------------------------------------------------------------------------


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
    into = recover_parameters(region=A, direction="FAILBACK", into=dict(old))
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

"""The clean-up after a failback: nothing too early, and the same end wherever it breaks off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from leeward.twin.engine import FaultKind
from tests.drs.round_trips import A, B, RoundTrip, create_source_instances, failed_back_world
from tests.support.task_world import TaskFailed, TaskWorld

# What destroys something, in the order in which AWS wants it.
ORDER = [
    "drs:StopReplication",
    "ec2:ModifyInstanceAttribute",
    "drs:TerminateRecoveryInstances",
    "drs:DeleteRecoveryInstance",
    "drs:DisconnectSourceServer",
    "drs:DeleteSourceServer",
]

# What each task lists, and acts by.
LISTS = {
    "leeward-drs-retire": ("drs:DescribeSourceServers", "drs:DescribeRecoveryInstances"),
    "leeward-ec2-terminate": ("drs:DescribeSourceServers", "ec2:DescribeInstances"),
}


@pytest.fixture
def trip() -> Iterator[RoundTrip]:
    with failed_back_world("web-1", "web-2") as made:
        yield made


def destructive_calls(trip: RoundTrip) -> list[str]:
    """The destroying calls of the handlers that were carried out, in their order, each once."""
    calls = [
        c for c in trip.world.engine.interceptor.calls if c.caller in ("leeward-drs-retire", "leeward-ec2-terminate")
    ]
    made = [c.operation for c in calls if c.operation in ORDER and c.outcome == "ok"]
    return list(dict.fromkeys(made))


def test_retire_calls_drs_in_safe_order(trip: RoundTrip) -> None:
    trip.retire()
    assert destructive_calls(trip) == ORDER
    assert trip.is_initial_state()


def breaking_points(fault: FaultKind) -> list[int]:
    """Which calls of a clean retirement to break, by their number: each that destroys something, each entry in the
    journal before and after it, and the first of each call that reads, to which it is all one how it fails."""
    with failed_back_world("web-1") as trip:
        trip.retire()
        seen: dict[tuple[str, str, int], int] = {}
        done = 0
        for number, call in enumerate(trip.world.engine.interceptor.calls, 1):
            if call.operation in (*ORDER, "dynamodb:PutItem", "dynamodb:TransactWriteItems"):
                seen.setdefault((call.operation, call.region, done), number)
            elif fault is FaultKind.CONNECTION_REFUSED:
                seen.setdefault((call.operation, call.region, 0), number)
            done += call.operation in ORDER
        return sorted(seen.values())


@pytest.mark.parametrize("fault", [FaultKind.CONNECTION_REFUSED, FaultKind.ANSWER_LOST])
@pytest.mark.verify("interrupts every call in turn")
def test_retire_interrupted_at_any_call_reaches_same_end(fault: FaultKind) -> None:
    """Three strikes, so that the client's own tries don't hide it: the invocation fails there, and is made again."""
    points = breaking_points(fault)
    assert len(points) >= 2 * len(ORDER)
    for point in points:
        with failed_back_world("web-1") as trip:
            rule = trip.world.engine.interceptor.inject_fault("*", fault, nth=point, times=3)
            trip.retire()
            # An event is sent to the bus once, and no task waits for it.
            assert rule.injected_count in (1, 3)
            assert trip.is_initial_state(), f"broken off at call {point}"
            assert destructive_calls(trip) == [act for act in ORDER if act in destructive_calls(trip)], (
                "in the same order"
            )


@pytest.mark.parametrize("act", ORDER)
@pytest.mark.parametrize("fault", [FaultKind.CONNECTION_REFUSED, FaultKind.ANSWER_LOST])
@pytest.mark.verify("abandons the retirement at every call in turn")
def test_another_run_completes_abandoned_retirement(act: str, fault: FaultKind) -> None:
    with failed_back_world("web-1") as trip:
        rule = trip.world.engine.interceptor.inject_fault(act, fault, times=None)
        with pytest.raises(TaskFailed, match="TimedOut"):
            trip.world.run_until_done("drs_retire", minutes=0.5, **trip.retire_event)
        rule.times = 0
        trip.world.start_new_run("another", origin=B, target=A)
        trip.retire()
        assert trip.is_initial_state()


def retire_and_terminate(trip: RoundTrip) -> None:
    """Retired and ended; whoever fails is started again, as a person would."""
    for act in (trip.retire, trip.terminate):
        try:
            act()
        except TaskFailed:
            trip.world.advance(60)
            act()


def list_call_numbers() -> list[int]:
    """The calls of a clean-up that list something, by their number: the first of each kind between two acts."""
    with failed_back_world("web-1") as trip:
        retire_and_terminate(trip)
        found: dict[tuple[str, str, int], int] = {}
        done = 0
        for number, call in enumerate(trip.world.engine.interceptor.calls, 1):
            if call.operation in LISTS[call.caller]:
                found.setdefault((call.operation, call.region, done), number)
            done += call.operation in (*ORDER, "ec2:TerminateInstances")
        return sorted(found.values())


@pytest.mark.verify("empties every list response in turn")
def test_one_empty_list_response_loses_and_leaves_no_instance() -> None:
    points = list_call_numbers()
    assert len(points) > 15
    for point in points:
        with failed_back_world("web-1") as trip:
            serving = trip.recovered_instances()
            rule = trip.world.engine.interceptor.inject_fault("*", FaultKind.EMPTY_LIST, nth=point)
            retire_and_terminate(trip)
            assert rule.injected_count == 1
            assert trip.instances(A, "running") == serving, f"at call {point}"
            assert trip.is_initial_state(), f"at call {point}"


def count_ec2_polls(*roles: str) -> int:
    """How often EC2 of the Region that is retired is asked once the last copy is being terminated."""
    with failed_back_world(*roles) as trip:
        trip.retire()
        made = [call.operation for call in trip.world.engine.interceptor.calls if call.region == B]
        last = len(made) - made[::-1].index("drs:TerminateRecoveryInstances")
        return made[last:].count("ec2:DescribeInstances")


def test_termination_polling_does_not_grow_with_instances() -> None:
    assert count_ec2_polls("web-1") == count_ec2_polls("web-1", "web-2", "web-3") > 0


# -- nothing too early --------------------------------------------------------------------------------


def is_unchanged(trip: RoundTrip) -> bool:
    return destructive_calls(trip) == [] and trip.remaining_counts() == (2, 2, 2)


def test_retire_fails_before_production_is_protected(world: TaskWorld) -> None:
    create_source_instances(world)
    trip = RoundTrip(world)
    trip.fail_over()
    with pytest.raises(
        TaskFailed, match=r"NotProtected: nothing is retired in us-west-2: .*no machine that a failback"
    ):
        trip.retire()
    trip.reverse()
    trip.wait(A)
    with pytest.raises(TaskFailed, match="NotProtected"):
        trip.retire()
    trip.fail_back()
    with pytest.raises(TaskFailed, match=r"NotProtected: .*it protects i-\w+, not i-\w+, which serves"):
        trip.retire()
    trip.reverse(region=A, other_region=B)
    with pytest.raises(TaskFailed, match=r"NotProtected: .*its replication of i-\w+ is RESCAN"):
        trip.retire()
    assert is_unchanged(trip)
    trip.wait(B)
    trip.retire()
    assert trip.is_initial_state()


def test_one_unprotected_instance_blocks_retirement(trip: RoundTrip) -> None:
    behind = trip.original_servers()[0].server_id
    trip.world.drs.set_lag(behind, 900)
    with pytest.raises(TaskFailed, match=rf"NotProtected: .*{behind}.*is 15m behind, more than 5m") as failed:
        trip.retire()
    assert trip.original_servers()[1].server_id not in failed.value.cause
    assert is_unchanged(trip)


def test_stall_during_retirement_stops_before_termination(trip: RoundTrip) -> None:
    trip.world.look_once("drs_retire", **trip.retire_event)
    trip.world.drs.stall_replication(trip.original_servers()[0].server_id)
    with pytest.raises(TaskFailed, match=r"NotProtected: .*is STALLED"):
        trip.retire()
    assert destructive_calls(trip) == ["drs:StopReplication"]
    assert trip.remaining_counts() == (2, 2, 2)
    trip.world.drs.resume_replication(trip.original_servers()[0].server_id)
    trip.world.advance(3600)
    trip.retire()
    assert trip.is_initial_state()


def test_retire_rejects_stopped_replacement(trip: RoundTrip) -> None:
    serving = sorted(trip.recovered_instances())[0]
    trip.world.client("ec2", A).stop_instances(InstanceIds=[serving])
    with pytest.raises(TaskFailed, match=rf"NotProtected: .*it protects {serving}, which is stopped"):
        trip.retire()
    assert is_unchanged(trip)


def test_retire_rejects_drill_as_replacement(world: TaskWorld) -> None:
    create_source_instances(world)
    trip = RoundTrip(world)
    trip.fail_over()
    trip.reverse()
    trip.wait(A)
    trip.fail_back(is_drill=True)
    with pytest.raises(TaskFailed, match=r"NotProtected: .*no machine that a failback launched"):
        trip.retire()
    assert is_unchanged(trip)


def test_retire_rejects_swapped_regions(trip: RoundTrip) -> None:
    with pytest.raises(TaskFailed, match=r"NotProtected: .*are the Regions mixed up"):
        trip.retire(region=A, other_region=B)
    assert is_unchanged(trip)


def test_retire_fails_when_region_is_unavailable(trip: RoundTrip) -> None:
    trip.world.engine.interceptor.schedule_outage(B, trip.world.engine.clock.now())
    with pytest.raises(TaskFailed, match="ServiceUnavailable"):
        trip.retire()
    assert is_unchanged(trip)


def test_retire_is_done_without_copies(world: TaskWorld) -> None:
    trip = RoundTrip(world)
    assert trip.retire() == "2 of 2 machines have no copy left in us-west-2"
    assert destructive_calls(trip) == []


def test_failed_termination_is_retried_and_reported(trip: RoundTrip) -> None:
    trip.world.look_once("drs_retire", **trip.retire_event)
    copy = trip.world.drs.recovery_instances(B)[0]
    trip.world.client("drs", B).terminate_recovery_instances(recoveryInstanceIDs=[copy.recovery_instance_id])
    trip.world.advance(300)
    output = trip.world.look_once("drs_retire", **trip.retire_event)["detail"]
    assert "when calling the TerminateInstances operation" in output, "it was protected then"
    trip.retire()
    assert trip.is_initial_state()

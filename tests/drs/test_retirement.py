"""The clean-up after a failback: nothing too early, and the same end wherever it breaks off."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from leeward.twin.engine import FaultKind
from tests.drs.trips import A, B, Trip, bodies, failed_back
from tests.lambdas.world import Failed, World

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
def trip() -> Iterator[Trip]:
    with failed_back("web-1", "web-2") as made:
        yield made


def acts(trip: Trip) -> list[str]:
    """The destroying calls of the handlers that were carried out, in their order, each once."""
    calls = [
        c for c in trip.world.engine.interceptor.calls if c.caller in ("leeward-drs-retire", "leeward-ec2-terminate")
    ]
    made = [c.operation for c in calls if c.operation in ORDER and c.outcome == "ok"]
    return list(dict.fromkeys(made))


def test_it_keeps_to_the_order(trip: Trip) -> None:
    trip.retire()
    assert acts(trip) == ORDER
    assert trip.is_canonical()


def breaking_points(fault: FaultKind) -> list[int]:
    """Which calls of a clean retirement to break, by their number: each that destroys something, each entry in the
    journal before and after it, and the first of each call that reads, to which it is all one how it fails."""
    with failed_back("web-1") as trip:
        trip.retire()
        seen: dict[tuple[str, str, int], int] = {}
        done = 0
        for number, call in enumerate(trip.world.engine.interceptor.calls, 1):
            if call.operation in (*ORDER, "dynamodb:PutItem"):
                seen.setdefault((call.operation, call.region, done), number)
            elif fault is FaultKind.CONNECTION_REFUSED:
                seen.setdefault((call.operation, call.region, 0), number)
            done += call.operation in ORDER
        return sorted(seen.values())


@pytest.mark.parametrize("fault", [FaultKind.CONNECTION_REFUSED, FaultKind.ANSWER_LOST])
def test_broken_off_at_any_call_before_or_after_it_acted_it_reaches_the_same_end(fault: FaultKind) -> None:
    """Three strikes, so that the client's own tries don't hide it: the invocation fails there, and is made again."""
    points = breaking_points(fault)
    assert len(points) >= 2 * len(ORDER)
    for point in points:
        with failed_back("web-1") as trip:
            rule = trip.world.engine.interceptor.inject_fault("*", fault, nth=point, times=3)
            trip.retire()
            # An event to the bus is sent once, and nobody waits for it.
            assert rule.injected_count in (1, 3)
            assert trip.is_canonical(), f"broken off at call {point}"
            assert acts(trip) == [act for act in ORDER if act in acts(trip)], "in the same order"


@pytest.mark.parametrize("act", ORDER)
@pytest.mark.parametrize("fault", [FaultKind.CONNECTION_REFUSED, FaultKind.ANSWER_LOST])
def test_given_up_at_any_act_another_run_completes_it(act: str, fault: FaultKind) -> None:
    with failed_back("web-1") as trip:
        rule = trip.world.engine.interceptor.inject_fault(act, fault, times=None)
        with pytest.raises(Failed, match="TimedOut"):
            trip.world.drive("drs_retire", minutes=0.5, **trip.retiring)
        rule.times = 0
        trip.world.new_run("another", origin=B, target=A)
        trip.retire()
        assert trip.is_canonical()


def cleaned_up(trip: Trip) -> None:
    """Retired and ended; whoever fails is started again, as a person would."""
    for act in (trip.retire, trip.terminate):
        try:
            act()
        except Failed:
            trip.world.later(60)
            act()


def lists() -> list[int]:
    """The calls of a clean-up that list something, by their number: the first of each kind between two acts."""
    with failed_back("web-1") as trip:
        cleaned_up(trip)
        found: dict[tuple[str, str, int], int] = {}
        done = 0
        for number, call in enumerate(trip.world.engine.interceptor.calls, 1):
            if call.operation in LISTS[call.caller]:
                found.setdefault((call.operation, call.region, done), number)
            done += call.operation in (*ORDER, "ec2:TerminateInstances")
        return sorted(found.values())


def test_a_list_that_is_once_empty_costs_no_machine_and_leaves_none_behind() -> None:
    points = lists()
    assert len(points) > 15
    for point in points:
        with failed_back("web-1") as trip:
            serving = trip.serving()
            rule = trip.world.engine.interceptor.inject_fault("*", FaultKind.EMPTY_LIST, nth=point)
            cleaned_up(trip)
            assert rule.injected_count == 1
            assert trip.machines(A, "running") == serving, f"at call {point}"
            assert trip.is_canonical(), f"at call {point}"


def asked_of_ec2(*roles: str) -> int:
    """How often EC2 of the Region that is retired is asked once the last copy is being terminated."""
    with failed_back(*roles) as trip:
        trip.retire()
        made = [call.operation for call in trip.world.engine.interceptor.calls if call.region == B]
        last = len(made) - made[::-1].index("drs:TerminateRecoveryInstances")
        return made[last:].count("ec2:DescribeInstances")


def test_more_machines_are_no_more_questions_whether_they_are_gone() -> None:
    assert asked_of_ec2("web-1") == asked_of_ec2("web-1", "web-2", "web-3") > 0


# -- nothing too early --------------------------------------------------------------------------------


def untouched(trip: Trip) -> bool:
    return acts(trip) == [] and trip.left() == (2, 2, 2)


def test_nothing_is_retired_before_the_machine_that_serves_is_protected(world: World) -> None:
    bodies(world)
    trip = Trip(world)
    trip.fail_over()
    with pytest.raises(Failed, match=r"NotProtected: nothing is retired in us-west-2: .*no machine that a failback"):
        trip.retire()
    trip.reverse()
    trip.wait(A)
    with pytest.raises(Failed, match="NotProtected"):
        trip.retire()
    trip.fail_back()
    with pytest.raises(Failed, match=r"NotProtected: .*it protects i-\w+, not i-\w+, which serves"):
        trip.retire()
    trip.reverse(region=A, other_region=B)
    with pytest.raises(Failed, match=r"NotProtected: .*its replication of i-\w+ is RESCAN"):
        trip.retire()
    assert untouched(trip)
    trip.wait(B)
    trip.retire()
    assert trip.is_canonical()


def test_one_machine_that_is_not_protected_keeps_all(trip: Trip) -> None:
    behind = trip.b1()[0].server_id
    trip.world.drs.set_lag(behind, 900)
    with pytest.raises(Failed, match=rf"NotProtected: .*{behind}.*is 15m behind, more than 5m") as failed:
        trip.retire()
    assert trip.b1()[1].server_id not in failed.value.cause
    assert untouched(trip)


def test_a_stall_in_the_middle_stops_it_before_the_copy_is_terminated(trip: Trip) -> None:
    trip.world.look("drs_retire", **trip.retiring)
    trip.world.drs.stall_replication(trip.b1()[0].server_id)
    with pytest.raises(Failed, match=r"NotProtected: .*is STALLED"):
        trip.retire()
    assert acts(trip) == ["drs:StopReplication"]
    assert trip.left() == (2, 2, 2)
    trip.world.drs.resume_replication(trip.b1()[0].server_id)
    trip.world.later(3600)
    trip.retire()
    assert trip.is_canonical()


def test_a_machine_that_no_longer_runs_is_no_replacement(trip: Trip) -> None:
    serving = sorted(trip.serving())[0]
    trip.world.client("ec2", A).stop_instances(InstanceIds=[serving])
    with pytest.raises(Failed, match=rf"NotProtected: .*it protects {serving}, which is stopped"):
        trip.retire()
    assert untouched(trip)


def test_a_drill_is_no_replacement(world: World) -> None:
    bodies(world)
    trip = Trip(world)
    trip.fail_over()
    trip.reverse()
    trip.wait(A)
    trip.fail_back(is_drill=True)
    with pytest.raises(Failed, match=r"NotProtected: .*no machine that a failback launched"):
        trip.retire()
    assert untouched(trip)


def test_mixed_up_regions_destroy_nothing(trip: Trip) -> None:
    with pytest.raises(Failed, match=r"NotProtected: .*are the Regions mixed up"):
        trip.retire(region=A, other_region=B)
    assert untouched(trip)


def test_a_region_that_does_not_answer_proves_nothing(trip: Trip) -> None:
    trip.world.engine.interceptor.schedule_outage(B, trip.world.engine.clock.now())
    with pytest.raises(Failed, match="ServiceUnavailable"):
        trip.retire()
    assert untouched(trip)


def test_with_nothing_to_retire_it_is_done(world: World) -> None:
    trip = Trip(world)
    assert trip.retire() == "2 of 2 machines have no copy left in us-west-2"
    assert acts(trip) == []


def test_a_termination_that_failed_is_tried_again_and_its_reason_told(trip: Trip) -> None:
    trip.world.look("drs_retire", **trip.retiring)
    copy = trip.world.drs.recovery_instances(B)[0]
    trip.world.client("drs", B).terminate_recovery_instances(recoveryInstanceIDs=[copy.recovery_instance_id])
    trip.world.later(300)
    told = trip.world.look("drs_retire", **trip.retiring)["detail"]
    assert "when calling the TerminateInstances operation" in told, "it was protected then"
    trip.retire()
    assert trip.is_canonical()

"""Reversing replication after a failover, and waiting until the copies are in sync."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from leeward.twin.engine import FaultKind
from tests.drs.round_trips import GROUPS, REVERSE, A, B, RoundTrip, open_round_trip
from tests.support.nonempty import nonempty
from tests.support.task_world import TaskFailed

pytestmark = pytest.mark.forked


@pytest.fixture(scope="module")
def trip() -> Iterator[RoundTrip]:
    """A failover has ended: B serves."""
    with open_round_trip() as made:
        made.fail_over()
        yield made


def protection_events(trip: RoundTrip) -> list[tuple[str, list[str]]]:
    """What the run's journal tells of the copies: the event and the machines."""
    output = [e for e in trip.world.journal if e.event.value.startswith("protection.")]
    return [(e.event.value.removeprefix("protection."), sorted(dict(e.facts["machines"]))) for e in output]  # type: ignore[call-overload]


def test_reversed_servers_have_group_tags(trip: RoundTrip) -> None:
    trip.poll_reverse()
    for server in trip.world.drs.servers(A):
        server.tags.clear()
    detail = trip.reverse()
    assert {server.tags["Role"] for server in trip.world.drs.servers(A)} == {"web"}
    assert detail.startswith("us-east-1 replicates from us-west-2")


def test_reversal_continues_in_next_poll_after_slice_of_call(trip: RoundTrip) -> None:
    """The first call has time to reverse one of two servers."""
    with trip.world.slow_calls(seconds=2.8):
        look = trip.world.look_once("drs_reverse", step="reverse", **REVERSE)
        assert (look["status"], len(trip.world.drs.servers(A))) == ("waiting", 1)
        assert look["detail"].count("is being reversed") == look["detail"].count("continues with the next poll") == 1
        assert trip.reverse().startswith("us-east-1 replicates from us-west-2")
    assert trip.world.count_calls("drs:ReverseReplication") == 2
    assert len(trip.world.drs.servers(A)) == 2


def test_reverse_is_idempotent(trip: RoundTrip) -> None:
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
    trip.world.engine.interceptor.inject_fault(operation, fault, nth=nth, times=3)
    trip.reverse()
    assert len(trip.world.drs.servers(A)) == 2
    assert all(server.tags["Role"] == "web" for server in trip.world.drs.servers(A))


def test_reverse_defers_when_origin_is_unavailable(trip: RoundTrip) -> None:
    now = trip.world.engine.clock.now()
    trip.world.engine.interceptor.schedule_outage(A, now, black_hole=timedelta(seconds=5))
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
    trip.world.engine.interceptor.schedule_outage(A, trip.world.engine.clock.now())
    with pytest.raises(TaskFailed, match="ServiceUnavailable"):
        trip.reverse()


def test_poll_during_outage_calls_only_the_unavailable_region(trip: RoundTrip) -> None:
    """The state of this Region's servers doesn't matter before the other Region responds."""
    trip.world.engine.interceptor.schedule_outage(A, trip.world.engine.clock.now())
    before = len(trip.world.engine.interceptor.calls)
    assert trip.world.look_once("drs_reverse", step="reverse", **REVERSE)["status"] == "waiting"
    made = trip.world.engine.interceptor.calls[before:]
    assert {(call.operation, call.region) for call in made if call.operation.startswith("drs:")} == {
        ("drs:DescribeSourceServers", A)
    }


def test_reverse_defers_when_drs_cannot_reach_origin(trip: RoundTrip) -> None:
    trip.world.drs.lose_origin_region(A)
    assert "could not be reached" in trip.reverse(if_unreachable="defer")


def test_reverse_waits_for_short_outage(trip: RoundTrip) -> None:
    now = trip.world.engine.clock.now()
    trip.world.engine.interceptor.schedule_outage(A, now, now + timedelta(seconds=60))
    assert not trip.reverse(if_unreachable="defer").startswith("deferred")
    assert len(trip.world.drs.servers(A)) == 2


def test_reverse_fails_while_instance_is_stopped(trip: RoundTrip) -> None:
    stopped = trip.world.drs.recovery_instances(B)[0].ec2_instance_id
    ec2 = trip.world.client("ec2", B)
    ec2.stop_instances(InstanceIds=[stopped])
    with pytest.raises(TaskFailed, match=f"NotReady: replication can't be reversed: .*{stopped} is STOPPED"):
        trip.reverse()
    assert trip.world.drs.servers(A) == []


def test_replication_wait_reports_progress(trip: RoundTrip) -> None:
    trip.reverse()
    trip.world.advance(600)
    output = trip.world.call("drs_await_replication", trip.wait_event(A))["detail"]
    assert "0 of 2 servers in us-east-1 in step" in output
    assert "INITIAL_SYNC" in output
    assert "of 8.0 GiB" in output
    assert "ETA" in output
    assert trip.wait(A).startswith("2 of 2 servers in us-east-1 in step")


def test_replication_wait_fails_for_stalled_server(trip: RoundTrip) -> None:
    trip.reverse()
    a2 = trip.world.drs.servers(A)[0].server_id
    trip.world.drs.stall_replication(a2, "NOT_CONVERGING")
    with pytest.raises(TaskFailed, match=rf"ReplicationStalled: {a2}.*STALLED \(NOT_CONVERGING\)"):
        trip.wait(A)


def test_failback_fails_without_reversal(trip: RoundTrip) -> None:
    with pytest.raises(
        TaskFailed, match=r"NotFound: group 'web' .* in us-east-1, direction FAILBACK: no source server"
    ):
        trip.fail_back()


def test_drill_termination_keeps_recovery_of_taken_over_run(trip: RoundTrip) -> None:
    trip.world.start_new_run("drill", take_over=trip.world.run["id"])
    trip.world.run_until_done("drs_recover_undo", kind="drs.terminate", groups=GROUPS)
    assert trip.remaining_counts()[0] == 2


def test_drill_reversal_ignores_production_instances(trip: RoundTrip) -> None:
    with pytest.raises(TaskFailed, match=r"NotFound: no drill instance in us-west-2"):
        trip.reverse(is_drill=True)


def test_copy_of_production_instance_is_never_removed(trip: RoundTrip) -> None:
    trip.reverse()
    with pytest.raises(TaskFailed, match=r"NotProtected: .*is the copy of i-\w+, which is not a drill instance"):
        trip.world.run_until_done("drs_discard", step="discard", groups=GROUPS, region=A, other_region=B)
    assert trip.remaining_counts() == (2, 0, 2)
    assert not [c for c in nonempty(trip.world.engine.interceptor.calls) if c.operation == "drs:StopReplication"]

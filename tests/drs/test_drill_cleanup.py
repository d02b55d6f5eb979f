"""A failback drill from the normal state, on both sides, and its clean-up."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from leeward.twin.engine import FaultKind
from tests.drs.round_trips import GROUPS, A, B, RoundTrip, open_round_trip
from tests.support.nonempty import nonempty
from tests.support.task_world import TaskFailed, recover_parameters

DISCARD: dict[str, Any] = {"groups": GROUPS, "region": A, "other_region": B}


pytestmark = pytest.mark.forked


@pytest.fixture(scope="module")
def trip() -> Iterator[RoundTrip]:
    """A drill in progress: launched in B, replicating to A."""
    with open_round_trip() as made:
        made.world.run_until_done("drs_recover", **recover_parameters(is_drill=True))
        made.reverse(is_drill=True)
        made.wait(A)
        yield made


def clean_up_drill(trip: RoundTrip, kind: str = "drs.discard") -> str:
    return str(trip.world.run_until_done("drs_discard", kind=kind, step="discard", **DISCARD)["detail"])


def terminate_drill(trip: RoundTrip, region: str) -> None:
    trip.world.run_until_done("drs_recover_undo", kind="drs.terminate", step="end", groups=GROUPS, region=region)


def test_cleanup_of_failback_drill_leaves_nothing(trip: RoundTrip) -> None:
    trip.world.run_until_done(
        "drs_recover", step="back", **recover_parameters(is_drill=True, region=A, direction="FAILBACK")
    )
    assert trip.remaining_counts() == (2, 2, 2)
    with pytest.raises(TaskFailed, match=r"NotReady: terminate i-.* in us-east-1 first"):
        clean_up_drill(trip)
    terminate_drill(trip, A)
    clean_up_drill(trip)
    terminate_drill(trip, B)
    assert trip.is_initial_state()
    assert not [e for e in nonempty(trip.world.journal) if e.event.value in ("protection.lost", "protection.reversed")]


def test_undo_of_reversal_removes_copies(trip: RoundTrip) -> None:
    trip.world.run_until_done("drs_discard", kind="drs.reverse", step="discard", undo=True, **DISCARD)
    assert trip.world.journal[-1].facts["undone"] is True
    assert trip.remaining_counts() == (2, 0, 0)


def test_copies_of_another_run_are_kept(trip: RoundTrip) -> None:
    own = trip.world.run["id"]
    trip.world.start_new_run("other")
    assert "nothing that a drill" in clean_up_drill(trip)
    assert trip.remaining_counts() == (2, 0, 2)
    trip.world.start_new_run("successor", take_over=own)
    clean_up_drill(trip)
    assert trip.remaining_counts() == (2, 0, 0)


def test_untagged_copies_of_interrupted_reversal_are_removed(trip: RoundTrip) -> None:
    for server in trip.world.drs.servers(A):
        server.tags.clear()
    clean_up_drill(trip)
    assert trip.remaining_counts() == (2, 0, 0)


@pytest.mark.parametrize("call", ["StopReplication", "DisconnectSourceServer", "DeleteSourceServer"])
@pytest.mark.parametrize("fault", [FaultKind.CONNECTION_REFUSED, FaultKind.ANSWER_LOST])
def test_interrupted_cleanup_is_completed(trip: RoundTrip, call: str, fault: FaultKind) -> None:
    trip.world.engine.interceptor.inject_fault(f"drs:{call}", fault, times=3)
    clean_up_drill(trip)
    assert trip.remaining_counts() == (2, 0, 0)


@pytest.mark.parametrize(
    ("call", "nth"), [("DescribeSourceServers", 2), ("DescribeRecoveryInstances", 1), ("DescribeRecoveryInstances", 3)]
)
def test_one_empty_list_response_leaves_nothing_behind(trip: RoundTrip, call: str, nth: int) -> None:
    for act in (partial(clean_up_drill, trip), partial(terminate_drill, trip, B)):
        trip.world.engine.interceptor.inject_fault(f"drs:{call}", FaultKind.EMPTY_LIST, nth=nth)
        try:
            act()
        except TaskFailed:  # NotFound, of the groups themselves: a person looks, and goes on
            act()
    assert trip.remaining_counts() == (0, 0, 0)


def disconnect_copies_only(trip: RoundTrip) -> None:
    """The copies are disconnected, and could not be deleted."""
    trip.world.engine.interceptor.inject_fault("drs:DeleteSourceServer", FaultKind.ACCESS_DENIED)
    with pytest.raises(TaskFailed, match=r"AccessDenied: .*DeleteSourceServer"):
        trip.world.run_until_done("drs_discard", kind="drs.reverse", step="discard", undo=True, **DISCARD)
    assert trip.remaining_counts() == (2, 0, 2)


@pytest.mark.parametrize("fault", [None, FaultKind.ANSWER_LOST, FaultKind.CONNECTION_REFUSED])
@pytest.mark.verify("interrupts every call in turn")
def test_next_drill_removes_leftovers_of_taken_over_drill(trip: RoundTrip, fault: FaultKind | None) -> None:
    own = trip.world.run["id"]
    disconnect_copies_only(trip)
    terminate_drill(trip, B)
    trip.world.start_new_run("successor", take_over=own)
    trip.world.run_until_done("drs_recover", **recover_parameters(is_drill=True))
    if fault is not None:
        trip.world.engine.interceptor.inject_fault("drs:DeleteSourceServer", fault)
    trip.reverse(is_drill=True)
    trip.wait(A)
    clean_up_drill(trip)
    assert trip.remaining_counts() == (2, 0, 0)


def test_leftovers_of_another_drill_require_manual_deletion(trip: RoundTrip) -> None:
    disconnect_copies_only(trip)
    terminate_drill(trip, B)
    trip.world.start_new_run("other")
    trip.world.run_until_done("drs_recover", **recover_parameters(is_drill=True))
    with pytest.raises(TaskFailed, match=r"NotReady: .*is disconnected, left by an earlier failback: delete it"):
        trip.reverse(is_drill=True)
    assert trip.remaining_counts() == (2, 0, 2)

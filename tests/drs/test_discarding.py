"""A failback drill from the normal state, on both sides, and its clean-up."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from leeward.twin.engine import FaultKind
from tests.drs.trips import GROUPS, A, B, Trip, bodies
from tests.lambdas.world import Failed, World, recover

DISCARD: dict[str, Any] = {"groups": GROUPS, "region": A, "other_region": B}


@pytest.fixture
def trip(world: World) -> Trip:
    """A drill is under way: launched in B, replicating to A."""
    bodies(world)
    made = Trip(world)
    world.drive("drs_recover", **recover(is_drill=True))
    made.reverse(is_drill=True)
    made.wait(A)
    return made


def discard(trip: Trip, kind: str = "drs.discard") -> str:
    return str(trip.world.drive("drs_discard", kind=kind, step="discard", **DISCARD)["detail"])


def end(trip: Trip, region: str) -> None:
    trip.world.drive("drs_recover_undo", kind="drs.terminate", step="end", groups=GROUPS, region=region)


def test_a_drill_on_both_sides_leaves_nothing_behind(trip: Trip) -> None:
    trip.world.drive("drs_recover", step="back", **recover(is_drill=True, region=A, direction="FAILBACK"))
    assert trip.left() == (2, 2, 2)
    with pytest.raises(Failed, match=r"NotReady: terminate i-.* in us-east-1 first"):
        discard(trip)
    end(trip, A)
    discard(trip)
    end(trip, B)
    assert trip.is_canonical()
    assert not [e for e in trip.world.journal if e.event.value in ("protection.lost", "protection.reversed")]


def test_as_a_way_back_it_undoes_the_reversal(trip: Trip) -> None:
    discard(trip, kind="drs.reverse")
    assert trip.world.journal[-1].facts["undone"] is True
    assert trip.left() == (2, 0, 0)


def test_another_runs_copies_stay(trip: Trip) -> None:
    own = trip.world.run["id"]
    trip.world.new_run("other")
    assert "nothing that a drill" in discard(trip)
    assert trip.left() == (2, 0, 2)
    trip.world.new_run("successor", take_over=own)
    discard(trip)
    assert trip.left() == (2, 0, 0)


def test_a_reversal_that_broke_off_before_its_tags_is_discarded_too(trip: Trip) -> None:
    for server in trip.world.drs.servers(A):
        server.tags.clear()
    discard(trip)
    assert trip.left() == (2, 0, 0)


def test_the_copy_of_a_machine_that_serves_is_never_discarded(world: World) -> None:
    bodies(world)
    trip = Trip(world)
    trip.fail_over()
    trip.reverse()
    with pytest.raises(Failed, match=r"NotProtected: .*is the copy of i-\w+, which is no drill's"):
        discard(trip)
    assert trip.left() == (2, 0, 2)
    assert not [c for c in world.engine.interceptor.calls if c.operation == "drs:StopReplication"]


@pytest.mark.parametrize("call", ["StopReplication", "DisconnectSourceServer", "DeleteSourceServer"])
@pytest.mark.parametrize("fault", [FaultKind.CONNECTION_REFUSED, FaultKind.ANSWER_LOST])
def test_broken_off_it_is_completed(trip: Trip, call: str, fault: FaultKind) -> None:
    trip.world.engine.interceptor.inject_fault(f"drs:{call}", fault, times=3)
    discard(trip)
    assert trip.left() == (2, 0, 0)


@pytest.mark.parametrize(
    ("call", "nth"), [("DescribeSourceServers", 2), ("DescribeRecoveryInstances", 1), ("DescribeRecoveryInstances", 3)]
)
def test_a_list_that_is_once_empty_leaves_nothing_behind(trip: Trip, call: str, nth: int) -> None:
    for act in (partial(discard, trip), partial(end, trip, B)):
        trip.world.engine.interceptor.inject_fault(f"drs:{call}", FaultKind.EMPTY_LIST, nth=nth)
        try:
            act()
        except Failed:  # NotFound, of the groups themselves: a person looks, and goes on
            act()
    assert trip.left() == (0, 0, 0)


def test_a_drills_reversal_takes_drills_alone_and_a_real_one_what_serves(world: World) -> None:
    bodies(world)
    trip = Trip(world)
    trip.fail_over()
    with pytest.raises(Failed, match=r"NotFound: no drill's instance in us-west-2"):
        trip.reverse(is_drill=True)


def half_discarded(trip: Trip) -> None:
    """The copies are disconnected, and could not be deleted."""
    trip.world.engine.interceptor.inject_fault("drs:DeleteSourceServer", FaultKind.ACCESS_DENIED)
    with pytest.raises(Failed, match=r"AccessDenied: .*DeleteSourceServer"):
        discard(trip, kind="drs.reverse")
    assert trip.left() == (2, 0, 2)


@pytest.mark.parametrize("fault", [None, FaultKind.ANSWER_LOST, FaultKind.CONNECTION_REFUSED])
def test_the_next_drill_clears_away_what_the_one_it_takes_over_from_could_not(
    trip: Trip, fault: FaultKind | None
) -> None:
    own = trip.world.run["id"]
    half_discarded(trip)
    end(trip, B)
    trip.world.new_run("successor", take_over=own)
    trip.world.drive("drs_recover", **recover(is_drill=True))
    if fault is not None:
        trip.world.engine.interceptor.inject_fault("drs:DeleteSourceServer", fault)
    trip.reverse(is_drill=True)
    trip.wait(A)
    discard(trip)
    assert trip.left() == (2, 0, 0)


def test_what_another_drill_has_left_is_a_persons_to_delete(trip: Trip) -> None:
    half_discarded(trip)
    end(trip, B)
    trip.world.new_run("other")
    trip.world.drive("drs_recover", **recover(is_drill=True))
    with pytest.raises(Failed, match=r"NotReady: .*is disconnected, left by an earlier failback: delete it"):
        trip.reverse(is_drill=True)
    assert trip.left() == (2, 0, 2)

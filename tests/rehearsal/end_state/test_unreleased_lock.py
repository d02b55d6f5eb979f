"""A lock that a run could not release, because its Region was unavailable, is no difference of the end state."""

from __future__ import annotations

import pytest

from leeward.rehearsal.end_state.comparison import ABSENT, StateDifference
from leeward.rehearsal.end_state.trial_goal import _is_lock_in
from leeward.rehearsal.sweep.sweep_runner import SweepOptions, run_sweep
from leeward.rehearsal.sweep.sweep_setup import SweepTarget
from leeward.twin.state_dump.state_document import ResourceKey
from tests.support.paths import REPOSITORY

HOME = "ap-southeast-1"


def lock_item(region: str = HOME, sk: str = "LOCK", was: str = ABSENT) -> StateDifference:
    return StateDifference(
        ResourceKey("dynamodb", region, "rows", f"leeward-ticketing/LOCK#ticketing/{sk}"), "", was, "{}"
    )


def test_lock_left_in_unavailable_region_is_no_difference() -> None:
    assert _is_lock_in({HOME}, lock_item())


@pytest.mark.parametrize(
    ("unavailable", "difference"),
    [
        ({HOME}, lock_item("eu-west-1")),
        ({HOME}, lock_item(sk="GUARD#ap-southeast-1")),
        ({HOME}, lock_item(was="{}")),
        (set(), lock_item()),
    ],
)
def test_any_other_item_is_a_difference(unavailable: set[str], difference: StateDifference) -> None:
    assert not _is_lock_in(unavailable, difference)


@pytest.mark.verify("plays a failover and a failback, twice")
def test_failback_whose_lock_region_fails_at_the_end_passes() -> None:
    target = SweepTarget(REPOSITORY, "ticketing", "failback", 7)
    report = run_sweep(target, SweepOptions(only=f"step:tell_the_team:dark:{HOME}"))
    assert (report.took_effect, report.failures) == (1, [])

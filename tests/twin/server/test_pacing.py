"""How much virtual time is due."""

from __future__ import annotations

import pytest

from leeward.twin.server.pacing import VirtualTimePacer


def test_real_time_times_the_pace_is_due_until_it_is_spent() -> None:
    pacer = VirtualTimePacer(60, last_real_time=100.0)
    pacer.update(100.1)
    assert pacer.due_seconds == pytest.approx(6)
    pacer.spend(4)
    pacer.update(100.2)
    assert pacer.due_seconds == pytest.approx(8)


def test_a_machine_that_slept_makes_no_leap() -> None:
    pacer = VirtualTimePacer(60, last_real_time=100.0)
    pacer.update(3700.0)
    assert pacer.due_seconds == pytest.approx(15)  # a quarter of a second


def test_a_machine_that_cannot_keep_up_gathers_no_debt() -> None:
    pacer = VirtualTimePacer(600, last_real_time=0.0)
    for real in range(1, 100):
        pacer.update(float(real))
        pacer.spend(10)
    assert pacer.due_seconds <= 150


def test_at_pace_0_nothing_is_ever_due() -> None:
    pacer = VirtualTimePacer(60, last_real_time=0.0)
    pacer.change_pace(0, 0.1)
    pacer.update(50.0)
    assert pacer.due_seconds == 0
    pacer.change_pace(10, 50.0)  # and none of the standstill is made up for
    assert pacer.due_seconds == 0


@pytest.mark.parametrize("pace", [-1, float("inf"), float("nan")])
def test_no_other_pace_is_taken(pace: float) -> None:
    with pytest.raises(ValueError, match="a pace is 0 or more"):
        VirtualTimePacer(1, 0.0).change_pace(pace, 0.0)


def test_a_clock_that_goes_back_owes_nothing() -> None:
    pacer = VirtualTimePacer(60, last_real_time=100.0)
    pacer.update(90.0)
    assert pacer.due_seconds == 0

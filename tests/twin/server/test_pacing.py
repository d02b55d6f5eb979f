"""How much virtual time is due."""

from __future__ import annotations

import pytest

from leeward.twin.server.pacing import VirtualTimePacer


def test_due_time_is_real_time_times_pace() -> None:
    pacer = VirtualTimePacer(60, last_real_time=100.0)
    pacer.update(100.1)
    assert pacer.due_seconds == pytest.approx(6)
    pacer.spend(4)
    pacer.update(100.2)
    assert pacer.due_seconds == pytest.approx(8)


def test_suspended_host_causes_no_jump() -> None:
    pacer = VirtualTimePacer(60, last_real_time=100.0)
    pacer.update(3700.0)
    assert pacer.due_seconds == pytest.approx(15)  # a quarter of a second


def test_slow_host_accumulates_no_backlog() -> None:
    pacer = VirtualTimePacer(600, last_real_time=0.0)
    for real in range(1, 100):
        pacer.update(float(real))
        pacer.spend(10)
    assert pacer.due_seconds <= 150


def test_pace_zero_is_never_due() -> None:
    pacer = VirtualTimePacer(60, last_real_time=0.0)
    pacer.change_pace(0, 0.1)
    pacer.update(50.0)
    assert pacer.due_seconds == 0
    pacer.change_pace(10, 50.0)  # and none of the standstill is made up for
    assert pacer.due_seconds == 0


@pytest.mark.parametrize("pace", [-1, float("inf"), float("nan")])
def test_invalid_pace_is_rejected(pace: float) -> None:
    with pytest.raises(ValueError, match="the pace must be 0 or more"):
        VirtualTimePacer(1, 0.0).change_pace(pace, 0.0)


def test_backward_clock_is_ignored() -> None:
    pacer = VirtualTimePacer(60, last_real_time=100.0)
    pacer.update(90.0)
    assert pacer.due_seconds == 0

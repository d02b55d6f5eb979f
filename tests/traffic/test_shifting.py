"""A gradual shift: decided by the error rate, noted between looks, and led back by its own undo."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from common.errors import ErrorRateRisen
from traffic.error_rates import Rate
from traffic.shifting import Plan, Reached, Side, watched

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
PLAN = Plan(
    hosted_zone="Z1",
    record="api.example.com",
    type="CNAME",
    ttl=30,
    target=Side(set_identifier="ireland", value="ie"),
    origin=Side(set_identifier="singapore", value="sg"),
    stages=(10, 50, 100),
    bake_seconds=300,
    most_errors_percent=1.0,
    api="tickets",
    stage="prod",
    region="eu-west-1",
)


def at(stage: int, minutes: float) -> Reached:
    return Reached(stage, None, NOW - timedelta(minutes=minutes), PLAN.stages[stage])


def test_a_stage_is_over_when_its_bake_time_is() -> None:
    assert not watched(PLAN, at(0, 4.9), Rate(0, 100), NOW).over
    seen = watched(PLAN, at(0, 5), Rate(1, 100), NOW)
    assert (seen.over, seen.last) == (True, False)
    assert watched(PLAN, at(2, 5), Rate(0, 100), NOW).last


def test_more_errors_than_allowed_end_it_at_once() -> None:
    with pytest.raises(ErrorRateRisen, match=r"with 50 % .* 2 of 100 answers \(2.0 %\)"):
        watched(PLAN, at(1, 0.5), Rate(2, 100), NOW)


def test_no_answers_are_no_errors() -> None:
    assert "0 of 0 answers" in watched(PLAN, at(0, 5), Rate(0, 0), NOW).text


def test_weights_are_shares() -> None:
    assert [entry.weight for entry in PLAN.weighted(10).entries] == [10, 90]


@pytest.mark.parametrize("reached", [Reached(), Reached(1, "/change/C1", None, 50), at(2, 3)])
def test_what_is_noted_is_what_is_read(reached: Reached) -> None:
    assert Reached.parse(reached.text) == reached
    assert Reached.parse(None) == Reached()

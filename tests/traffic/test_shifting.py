"""A gradual shift's decisions: when a stage has been watched for long enough, and when it has gone wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leeward.common.errors import ErrorRateRisen
from leeward.traffic.error_rates import Rate
from leeward.traffic.shifting import Plan, Reached, Side, watched

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PLAN = Plan(
    hosted_zone="Z1",
    record="api.example.com",
    type="CNAME",
    ttl=30,
    target=Side(set_identifier="there", value="b.example.com"),
    origin=Side(set_identifier="here", value="a.example.com"),
    stages=(10, 50, 100),
    bake_seconds=300,
    most_errors_percent=2.0,
    api="api",
    stage="live",
    region="us-west-2",
)


def test_a_stage_is_over_when_it_has_been_watched_for_its_time() -> None:
    since = Reached(stage=0, since=NOW, share=10)
    assert not watched(PLAN, since, Rate(0, 100), NOW + timedelta(seconds=299)).over
    found = watched(PLAN, since, Rate(0, 100), NOW + timedelta(seconds=300))
    assert (found.over, found.last) == (True, False)
    assert found.text == "10 % of the users in us-west-2 for 5m; 0 of 100 answers (0.0 %) were errors"


def test_the_bake_time_is_counted_in_the_minutes_that_are_watched() -> None:
    since = Reached(stage=0, since=NOW + timedelta(seconds=20), share=10)
    assert not watched(PLAN, since, Rate(0, 100), NOW + timedelta(seconds=359)).over
    assert watched(PLAN, since, Rate(0, 100), NOW + timedelta(seconds=360)).over
    assert "10 % of the users in us-west-2 for 0s" in watched(PLAN, since, Rate(0, 0), NOW + timedelta(seconds=30)).text


def test_the_last_stage_is_the_last() -> None:
    assert not watched(PLAN, Reached(stage=1, since=NOW), Rate(0, 9), NOW).last
    assert watched(PLAN, Reached(stage=2, since=NOW), Rate(0, 9), NOW).last


def test_as_many_errors_as_are_allowed_are_allowed_and_one_more_is_not() -> None:
    reached = Reached(stage=0, since=NOW)
    assert watched(PLAN, reached, Rate(2, 100), NOW)
    with pytest.raises(ErrorRateRisen, match=r"with 10 % of the users in us-west-2, 3 of 100 answers \(3.0 %\)"):
        watched(PLAN, reached, Rate(3, 100), NOW)


def test_no_answers_are_no_errors() -> None:
    assert Rate(0, 0).percent == 0
    assert Rate(1, 8).percent == 12.5
    assert watched(PLAN, Reached(stage=0, since=NOW), Rate(0, 0), NOW)


def test_the_shares_make_a_whole() -> None:
    assert [(e.set_identifier, e.weight) for e in PLAN.weighted(10).entries] == [("there", 10), ("here", 90)]
    assert PLAN.weighted_text(10) == "there 10, here 90"


@pytest.mark.parametrize(
    "reached",
    [Reached(), Reached(2, "C123", None, 50), Reached(0, None, NOW, 10)],
    ids=["none", "changing", "watching"],
)
def test_how_far_it_is_survives_as_text(reached: Reached) -> None:
    assert Reached.parse(reached.text) == reached
    assert Reached.parse(None) == Reached()

"""A gradual shift's decisions: when a stage has been watched for long enough, and when it has gone wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from leeward.common.errors import ErrorRateRisen
from leeward.traffic.checks.error_rates import ErrorRate
from leeward.traffic.routing.gradual_shift import ShiftPlan, ShiftProgress, ShiftSide, observe_stage

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
PLAN = ShiftPlan(
    hosted_zone="Z1",
    record="api.example.com",
    type="CNAME",
    ttl=30,
    target=ShiftSide(set_identifier="there", value="b.example.com"),
    origin=ShiftSide(set_identifier="here", value="a.example.com"),
    stages=(10, 50, 100),
    bake_seconds=300,
    most_errors_percent=2.0,
    api="api",
    stage="live",
    region="us-west-2",
)


def test_stage_ends_after_bake_time() -> None:
    since = ShiftProgress(stage=0, since=NOW, share=10)
    assert not observe_stage(PLAN, since, ErrorRate(0, 100), NOW + timedelta(seconds=299)).is_over
    found = observe_stage(PLAN, since, ErrorRate(0, 100), NOW + timedelta(seconds=300))
    assert (found.is_over, found.is_last) == (True, False)
    assert found.text == "10 % of the users in us-west-2 for 5m; 0 of 100 answers (0.0 %) were errors"


def test_bake_time_counts_whole_watched_minutes() -> None:
    since = ShiftProgress(stage=0, since=NOW + timedelta(seconds=20), share=10)
    assert not observe_stage(PLAN, since, ErrorRate(0, 100), NOW + timedelta(seconds=359)).is_over
    assert observe_stage(PLAN, since, ErrorRate(0, 100), NOW + timedelta(seconds=360)).is_over
    assert (
        "10 % of the users in us-west-2 for 0s"
        in observe_stage(PLAN, since, ErrorRate(0, 0), NOW + timedelta(seconds=30)).text
    )


def test_last_stage_is_marked_last() -> None:
    assert not observe_stage(PLAN, ShiftProgress(stage=1, since=NOW), ErrorRate(0, 9), NOW).is_last
    assert observe_stage(PLAN, ShiftProgress(stage=2, since=NOW), ErrorRate(0, 9), NOW).is_last


def test_error_rate_above_limit_fails() -> None:
    reached = ShiftProgress(stage=0, since=NOW)
    assert observe_stage(PLAN, reached, ErrorRate(2, 100), NOW)
    with pytest.raises(ErrorRateRisen, match=r"with 10 % of the users in us-west-2, 3 of 100 answers \(3.0 %\)"):
        observe_stage(PLAN, reached, ErrorRate(3, 100), NOW)


def test_no_requests_mean_zero_error_rate() -> None:
    assert ErrorRate(0, 0).percent == 0
    assert ErrorRate(1, 8).percent == 12.5
    assert observe_stage(PLAN, ShiftProgress(stage=0, since=NOW), ErrorRate(0, 0), NOW)


def test_weights_of_stage_add_up_to_100() -> None:
    assert [(e.set_identifier, e.weight) for e in PLAN.weighted_record(10).entries] == [("there", 10), ("here", 90)]
    assert PLAN.weights_text(10) == "there 10, here 90"


@pytest.mark.parametrize(
    "reached",
    [ShiftProgress(), ShiftProgress(2, "C123", None, 50), ShiftProgress(0, None, NOW, 10)],
    ids=["none", "changing", "watching"],
)
def test_progress_round_trips_as_text(reached: ShiftProgress) -> None:
    assert ShiftProgress.parse(reached.text) == reached
    assert ShiftProgress.parse(None) == ShiftProgress()


@pytest.mark.parametrize(
    ("member", "value", "valid"),
    [
        ("stages", (), False),
        ("stages", (100,) * 10, True),
        ("stages", (100,) * 11, False),
        ("bake_seconds", 0, True),
        ("bake_seconds", -1, False),
        ("most_errors_percent", 0, True),
        ("most_errors_percent", -0.5, False),
        ("most_errors_percent", 100, True),
        ("most_errors_percent", 100.5, False),
        ("ttl", 1, True),
        ("ttl", 0, False),
    ],
)
def test_plan_has_limits(member: str, value: object, valid: bool) -> None:
    given = PLAN.model_dump() | {member: value}
    if valid:
        assert getattr(ShiftPlan.model_validate(given), member) == value
    else:
        with pytest.raises(ValidationError):
            ShiftPlan.model_validate(given)


def test_shift_begins_before_its_first_stage() -> None:
    begun = ShiftProgress()
    assert (begun.stage, begun.share, begun.next_stage) == (-1, 0, 0)
    assert ShiftProgress(stage=1).next_stage == 2
    assert ShiftProgress(2, "C1", NOW, 50).text == f"2|50|C1|{NOW.isoformat()}"
    assert begun.text == "-1|0||"


def test_weighted_record_is_that_of_the_plan() -> None:
    record = PLAN.weighted_record(100)
    assert (record.hosted_zone, record.record, record.type, record.ttl) == ("Z1", "api.example.com", "CNAME", 30)
    assert [(e.value, e.weight) for e in record.entries] == [("b.example.com", 100), ("a.example.com", 0)]


def test_limit_of_errors_is_named() -> None:
    with pytest.raises(ErrorRateRisen, match=r"more than 2 %$"):
        observe_stage(PLAN, ShiftProgress(stage=1, since=NOW), ErrorRate(21, 1000), NOW)

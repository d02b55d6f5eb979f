"""Durations and ARNs as people write them, and what is said when they are wrong."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.base import durations
from leeward.base.arns import Arn


@pytest.mark.parametrize(("text", "seconds"), [("45s", 45), ("15m", 900), ("1h30m", 5400), ("2d", 172_800), ("0s", 0)])
def test_parse_duration(text: str, seconds: int) -> None:
    assert durations.parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "15", "m", "15 m", "-5m", "1.5h", "5m1h", "15min", "99999999999s", "٣m"])
def test_parse_duration_rejects_invalid_text_with_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"such as|longer than"):
        durations.parse_duration(text)


@given(st.integers(min_value=0, max_value=99_999_999))
def test_show_duration_is_inverse_of_parse(seconds: int) -> None:
    assert durations.parse_duration(durations.format_duration(seconds)) == timedelta(seconds=seconds)


@given(st.integers(min_value=0, max_value=10_000_000))
def test_iso_duration_round_trips(seconds: int) -> None:
    assert durations.parse_iso_duration(durations.format_iso_duration(timedelta(seconds=seconds))) == timedelta(
        seconds=seconds
    )


@pytest.mark.parametrize("text", ["P", "PT", "5m", "", "PT5X"])
def test_parse_duration_rejects_invalid_iso8601(text: str) -> None:
    with pytest.raises(ValueError, match="ISO 8601"):
        durations.parse_iso_duration(text)


def test_arn_parse_and_format_round_trip() -> None:
    text = "arn:aws:elasticloadbalancing:us-east-1:111122223333:targetgroup/web/0a1b"
    assert str(Arn.parse(text)) == text
    assert Arn.parse(text).region == "us-east-1"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("not-an-arn", "is not an ARN"),
        ("arn:azure:s3:::b", "partition 'azure'"),
        ("arn:aws::us-east-1:111122223333:x", "no service"),
        ("arn:aws:drs:us-east-1:1234:source-server/s-1", "not 12 digits"),
        ("arn:aws:drs:us-east-1:111122223333:", "no resource"),
    ],
)
def test_parse_arn_names_invalid_part(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Arn.parse(text)

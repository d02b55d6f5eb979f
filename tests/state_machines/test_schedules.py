"""Schedule expressions, against what EventBridge Scheduler's documentation says of them."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

import pytest

from leeward.base.schedule_expressions import parse_schedule

UTC_ZONE, BERLIN = ZoneInfo("UTC"), ZoneInfo("Europe/Berlin")


def first_times(text: str, after: str, zone: ZoneInfo = UTC_ZONE, count: int = 3) -> list[str]:
    start = datetime.fromisoformat(after).replace(tzinfo=UTC)
    return [f"{moment:%Y-%m-%d %H:%M}" for moment in islice(parse_schedule(text).fire_times(start, zone), count)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cron(0 10 ? * TUE *)", ["2026-03-03 10:00", "2026-03-10 10:00", "2026-03-17 10:00"]),
        ("cron(0 10 ? * 3 *)", ["2026-03-03 10:00", "2026-03-10 10:00", "2026-03-17 10:00"]),
        ("cron(0/30 8-9 1 * ? *)", ["2026-03-01 09:30", "2026-04-01 08:00", "2026-04-01 08:30"]),
        ("cron(15 12 L * ? *)", ["2026-03-31 12:15", "2026-04-30 12:15", "2026-05-31 12:15"]),
        ("cron(0 9 ? * MON#1 *)", ["2026-03-02 09:00", "2026-04-06 09:00", "2026-05-04 09:00"]),
        ("cron(0 9 ? * FRIL *)", ["2026-03-27 09:00", "2026-04-24 09:00", "2026-05-29 09:00"]),
        ("cron(0 9 15W * ? *)", ["2026-03-16 09:00", "2026-04-15 09:00", "2026-05-15 09:00"]),
        ("cron(0 0 1 JAN,JUL ? 2027)", ["2027-01-01 00:00", "2027-07-01 00:00"]),
        ("rate(7 days)", ["2026-03-08 09:00", "2026-03-15 09:00", "2026-03-22 09:00"]),
    ],
)
def test_schedule_fire_times(text: str, expected: list[str]) -> None:
    assert first_times(text, "2026-03-01 09:00") == expected


def test_schedule_follows_daylight_saving_time() -> None:
    assert first_times("cron(0 10 ? * SUN *)", "2026-03-20 00:00", BERLIN, 2) == [
        "2026-03-22 09:00",
        "2026-03-29 08:00",
    ]


def test_skipped_hour_never_fires_and_repeated_hour_fires_once() -> None:
    # Berlin: 02:00 -> 03:00 on 29 March 2026, 03:00 -> 02:00 on 25 October 2026.
    assert first_times("cron(30 2 29 3 ? 2026-2027)", "2026-01-01 00:00", BERLIN) == ["2027-03-29 00:30"]
    assert first_times("cron(30 2 25 10 ? 2026)", "2026-01-01 00:00", BERLIN) == ["2026-10-25 00:30"]


@pytest.mark.parametrize(
    "text",
    ["cron(0 10 * * TUE *)", "cron(0 10 ? * ?  *)", "cron(0 10 ? * TUE)", "cron(60 10 ? * TUE *)", "cron(0 24 1 * ? *)",
     "cron(0 10 ? * TUESDAY *)", "cron(0/0 10 ? * TUE *)", "rate(1 days)", "rate(0 hours)", "rate(7 weeks)", "daily",
     "cron(0 10 9-5 * ? *)"],
)  # fmt: skip
def test_invalid_schedule_is_rejected_with_expected_form(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|needs a \?"):
        parse_schedule(text)


def test_impossible_date_has_no_next_time() -> None:
    assert first_times("cron(0 0 31 2 ? *)", "2026-03-01 09:00") == []

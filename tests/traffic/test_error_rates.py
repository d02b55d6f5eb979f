"""The error rate of an API: of whole minutes, and of nothing from before the stage that is watched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from traffic.error_rates import Rate, since

NOW = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)


class CloudWatch:
    """Ten answers a minute; all of those before `well` were errors."""

    def __init__(self, well: datetime) -> None:
        self.well = well
        self.asked: list[tuple[datetime, datetime]] = []

    def get_metric_data(self, **request: Any) -> Any:
        start, end = request["StartTime"], request["EndTime"]
        assert start < end, "CloudWatch refuses an empty span"
        self.asked.append((start, end))
        minutes = [start + timedelta(minutes=n) for n in range(int((end - start) / timedelta(minutes=1)))]
        errors = [10.0 if minute < self.well else 0.0 for minute in minutes]
        return {
            "MetricDataResults": [
                {"Id": "m5xxerror", "Values": errors},
                {"Id": "mcount", "Values": [10.0] * len(minutes)},
            ]
        }


def test_the_minute_in_which_it_began_is_left_out() -> None:
    """A Region that was out of service answered 503 to every health check until it was put in service."""
    began = NOW - timedelta(minutes=3, seconds=20)
    client = CloudWatch(well=began.replace(second=0) + timedelta(minutes=1))
    assert since(client, "tickets", "prod", began, NOW) == Rate(0, 30)
    assert client.asked == [(NOW - timedelta(minutes=3), NOW)]


def test_a_whole_minute_counts_from_its_beginning() -> None:
    client = CloudWatch(well=NOW)
    assert since(client, "tickets", "prod", NOW - timedelta(minutes=2), NOW) == Rate(20, 20)


def test_before_the_first_whole_minute_nothing_is_asked() -> None:
    client = CloudWatch(well=NOW)
    assert since(client, "tickets", "prod", NOW - timedelta(seconds=20), NOW) == Rate(0, 0)
    assert client.asked == []

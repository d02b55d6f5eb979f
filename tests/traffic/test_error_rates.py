"""The error rate of an API: of whole minutes, and of nothing from before the stage that is watched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leeward.common.errors import SurprisingAnswer
from leeward.traffic.checks.error_rates import ErrorRate, measure_error_rate, next_whole_minute

NOW = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)


class FakeCloudWatch:
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


def test_first_partial_minute_is_excluded() -> None:
    """A Region that was out of service answered 503 to every health check until it was put in service."""
    began = NOW - timedelta(minutes=3, seconds=20)
    client = FakeCloudWatch(well=began.replace(second=0) + timedelta(minutes=1))
    assert measure_error_rate(client, "tickets", "prod", began, NOW) == ErrorRate(0, 30)
    assert client.asked == [(NOW - timedelta(minutes=3), NOW)]


def test_whole_first_minute_is_included() -> None:
    client = FakeCloudWatch(well=NOW)
    assert measure_error_rate(client, "tickets", "prod", NOW - timedelta(minutes=2), NOW) == ErrorRate(20, 20)


def test_no_query_before_first_whole_minute() -> None:
    client = FakeCloudWatch(well=NOW)
    assert measure_error_rate(client, "tickets", "prod", NOW - timedelta(seconds=20), NOW) == ErrorRate(0, 0)
    assert client.asked == []


class FakeMetrics:
    """Answers with `results`; keeps what it was asked."""

    def __init__(self, *results: dict[str, object]) -> None:
        self.results = results
        self.asked: list[dict[str, Any]] = []

    def get_metric_data(self, **request: Any) -> Any:
        self.asked = request["MetricDataQueries"]
        return {"MetricDataResults": list(self.results)}


def test_query_selects_count_and_errors_of_stage() -> None:
    metrics = FakeMetrics()
    measure_error_rate(metrics, "tickets", "prod", NOW - timedelta(minutes=2), NOW)
    dimensions = [{"Name": "ApiName", "Value": "tickets"}, {"Name": "Stage", "Value": "prod"}]
    for query, name in zip(metrics.asked, ("5XXError", "Count"), strict=True):
        metric = {"Namespace": "AWS/ApiGateway", "MetricName": name, "Dimensions": dimensions}
        assert query == {"Id": f"m{name.lower()}", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}}


@pytest.mark.parametrize("results", [(), ({"Id": "mcount"},), ({"Id": "m5xxerror", "Values": []},)])
def test_missing_metrics_count_as_no_requests(results: tuple[dict[str, object], ...]) -> None:
    assert measure_error_rate(FakeMetrics(*results), "tickets", "prod", NOW - timedelta(minutes=2), NOW) == ErrorRate(
        0, 0
    )


def test_unexpected_metric_response_is_rejected() -> None:
    with pytest.raises(SurprisingAnswer, match="cloudwatch:GetMetricData"):
        measure_error_rate(FakeMetrics({"Values": [1.0]}), "tickets", "prod", NOW - timedelta(minutes=2), NOW)


@pytest.mark.parametrize(("seconds", "queries"), [(0, 0), (0.9, 0), (1, 1), (60, 1)])
def test_shortest_span_is_a_second(seconds: float, queries: int) -> None:
    client = FakeCloudWatch(well=NOW)
    measure_error_rate(client, "tickets", "prod", NOW, NOW + timedelta(seconds=seconds))
    assert len(client.asked) == queries


@pytest.mark.parametrize(("seconds", "whole"), [(0, 0), (0.5, 60), (1, 60), (59.5, 60), (60, 60), (60.5, 120)])
def test_next_whole_minute_contains_nothing_earlier(seconds: float, whole: int) -> None:
    assert next_whole_minute(NOW + timedelta(seconds=seconds)) == NOW + timedelta(seconds=whole)


@pytest.mark.parametrize(
    ("errors", "responses", "text"),
    [(0, 0, "0 of 0 answers (0.0 %)"), (1, 8, "1 of 8 answers (12.5 %)"), (8, 8, "8 of 8 answers (100.0 %)")],
)
def test_rate_is_a_share_in_percent(errors: int, responses: int, text: str) -> None:
    assert ErrorRate(errors, responses).text == text

"""The share of an API's answers that were errors: what CloudWatch is asked, and what its answers are taken for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from common.errors import SurprisingAnswer
from traffic import error_rates
from traffic.error_rates import Rate

START = datetime(2026, 3, 1, 9, 0, 40, tzinfo=UTC)
NOW = datetime(2026, 3, 1, 9, 5, 10, tzinfo=UTC)


class Metrics:
    """CloudWatch with what it answers; keeps what it was asked."""

    def __init__(self, *results: dict[str, object]) -> None:
        self.results = results
        self.asked: dict[str, Any] = {}

    def get_metric_data(self, **request: Any) -> Any:
        self.asked = request
        return {"MetricDataResults": list(self.results)}


def test_errors_and_answers_are_summed_over_the_minutes() -> None:
    metrics = Metrics({"Id": "m5xxerror", "Values": [1.0, 2.0]}, {"Id": "mcount", "Values": [40.0, 20.0]})
    assert error_rates.since(metrics, "tickets", "prod", START, NOW) == Rate(errors=3, answers=60)


def test_whole_minutes_of_the_stage_are_asked_for() -> None:
    metrics = Metrics()
    error_rates.since(metrics, "tickets", "prod", START, NOW)
    assert (metrics.asked["StartTime"], metrics.asked["EndTime"]) == (START.replace(second=0), NOW)
    asked = [query["MetricStat"] for query in metrics.asked["MetricDataQueries"]]
    assert [query["Metric"]["MetricName"] for query in asked] == ["5XXError", "Count"]
    assert {query["Metric"]["Namespace"] for query in asked} == {"AWS/ApiGateway"}
    assert {(query["Period"], query["Stat"]) for query in asked} == {(60, "Sum")}
    dimensions = [{"Name": "ApiName", "Value": "tickets"}, {"Name": "Stage", "Value": "prod"}]
    assert all(query["Metric"]["Dimensions"] == dimensions for query in asked)
    assert [query["Id"] for query in metrics.asked["MetricDataQueries"]] == ["m5xxerror", "mcount"]


@pytest.mark.parametrize("results", [(), ({"Id": "mcount"},), ({"Id": "m5xxerror", "Values": []},)])
def test_metrics_that_have_not_come_yet_are_no_answers(results: tuple[dict[str, object], ...]) -> None:
    assert error_rates.since(Metrics(*results), "tickets", "prod", START, NOW) == Rate(0, 0)


def test_an_answer_of_another_shape_is_told() -> None:
    with pytest.raises(SurprisingAnswer, match="cloudwatch:GetMetricData"):
        error_rates.since(Metrics({"Values": [1.0]}), "tickets", "prod", START, NOW)

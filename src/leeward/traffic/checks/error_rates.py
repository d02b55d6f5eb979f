"""Measure an API's share of 5xx responses from CloudWatch metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import Field

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import AwsResponse, parse_response

# API Gateway publishes metrics every minute (API Gateway Developer Guide, "Dimensions and metrics").
_PERIOD = 60
# boto3 sends StartTime and EndTime in whole seconds, and GetMetricData rejects an empty time range.
_MIN_SPAN = timedelta(seconds=1)


class MetricDataClient(Protocol):
    """The CloudWatch operation that is used."""

    def get_metric_data(self, **request: Any) -> Any:
        """Call GetMetricData."""
        ...


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """The number of 5xx errors among a number of responses."""

    errors: int
    responses: int

    @property
    def percent(self) -> float:
        """The share of errors in percent, or 0 without responses."""
        return 100 * self.errors / self.responses if self.responses else 0.0

    @property
    def text(self) -> str:
        """The rate as text for operators."""
        return f"{self.errors} of {self.responses} answers ({self.percent:.1f} %)"


class _MetricResult(AwsResponse):
    id: str = Field(alias="Id")
    values: tuple[float, ...] = Field((), alias="Values")


def next_whole_minute(moment: datetime) -> datetime:
    """Return the start of the first metric minute that contains nothing from before `moment`."""
    minute = moment.replace(second=0, microsecond=0)
    return minute if minute == moment else minute + timedelta(seconds=_PERIOD)


def measure_error_rate(client: MetricDataClient, api: str, stage: str, start: datetime, now: datetime) -> ErrorRate:
    """Return the error rate of the REST API named `api` in a stage, in whole minutes from `start` until `now`.

    The minute that contains `start` is excluded, because it includes earlier responses. For a Region that was just put
    in service, these are the 503 responses to health checks.
    """
    first = next_whole_minute(start)
    if now - first < _MIN_SPAN:
        return ErrorRate(0, 0)
    call = "cloudwatch:GetMetricData"
    queries = [_metric_query(name, api, stage) for name in ("5XXError", "Count")]
    with translate_errors(call):
        response = client.get_metric_data(MetricDataQueries=queries, StartTime=first, EndTime=now)
        results: Sequence[_MetricResult] = [
            parse_response(_MetricResult, result, call) for result in response["MetricDataResults"]
        ]
    total = {result.id: int(sum(result.values)) for result in results}
    return ErrorRate(total.get("m5xxerror", 0), total.get("mcount", 0))


def _metric_query(name: str, api: str, stage: str) -> dict[str, object]:
    dimensions = [{"Name": "ApiName", "Value": api}, {"Name": "Stage", "Value": stage}]
    metric = {"Namespace": "AWS/ApiGateway", "MetricName": name, "Dimensions": dimensions}
    return {"Id": f"m{name.lower()}", "MetricStat": {"Metric": metric, "Period": _PERIOD, "Stat": "Sum"}}

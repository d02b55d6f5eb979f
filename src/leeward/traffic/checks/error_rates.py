"""The share of an API's answers that were errors of its own, as CloudWatch counts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from pydantic import Field

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import AwsResponse, parse_response

# API Gateway's metrics come by the minute (API Gateway Developer Guide, "Dimensions and metrics").
_PERIOD = 60
# StartTime and EndTime go out in whole seconds, and must differ (GetMetricData refuses what has no length).
_MIN_SPAN = timedelta(seconds=1)


class MetricDataClient(Protocol):
    """The part of boto3's client that is used."""

    def get_metric_data(self, **request: Any) -> Any:
        """GetMetricData."""
        ...


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """`errors` of `answers`."""

    errors: int
    responses: int

    @property
    def percent(self) -> float:
        """The errors' share; 0 where there were no answers."""
        return 100 * self.errors / self.responses if self.responses else 0.0

    @property
    def text(self) -> str:
        """For people."""
        return f"{self.errors} of {self.responses} answers ({self.percent:.1f} %)"


class _MetricResult(AwsResponse):
    id: str = Field(alias="Id")
    values: tuple[float, ...] = Field((), alias="Values")


def next_whole_minute(moment: datetime) -> datetime:
    """The first minute of the metrics that holds nothing from before `moment`."""
    begun = moment.replace(second=0, microsecond=0)
    return begun if begun == moment else begun + timedelta(seconds=_PERIOD)


def measure_error_rate(client: MetricDataClient, api: str, stage: str, start: datetime, now: datetime) -> ErrorRate:
    """The rate of the REST API `api` (its name) in its stage, of the whole minutes from `start` until now.

    The minute in which `start` lies is left out. It tells of what was before: of a Region that has just been put in
    service, the 503 of every health check that asked until then.
    """
    first = next_whole_minute(start)
    if now - first < _MIN_SPAN:
        return ErrorRate(0, 0)
    call = "cloudwatch:GetMetricData"
    queries = [_metric_query(name, api, stage) for name in ("5XXError", "Count")]
    with translate_errors(call):
        answer = client.get_metric_data(MetricDataQueries=queries, StartTime=first, EndTime=now)
        results: Sequence[_MetricResult] = [
            parse_response(_MetricResult, result, call) for result in answer["MetricDataResults"]
        ]
    total = {result.id: int(sum(result.values)) for result in results}
    return ErrorRate(total.get("m5xxerror", 0), total.get("mcount", 0))


def _metric_query(name: str, api: str, stage: str) -> dict[str, object]:
    dimensions = [{"Name": "ApiName", "Value": api}, {"Name": "Stage", "Value": stage}]
    metric = {"Namespace": "AWS/ApiGateway", "MetricName": name, "Dimensions": dimensions}
    return {"Id": f"m{name.lower()}", "MetricStat": {"Metric": metric, "Period": _PERIOD, "Stat": "Sum"}}

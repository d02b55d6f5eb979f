"""CloudWatch metrics for alarms, put by the API and not through a log, often in another Region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leeward.common.aws.clients import client, translate_errors
from leeward.common.naming.telemetry_names import NAMESPACE


def put_metric(region: str, metric: str, values: Mapping[tuple[tuple[str, str], ...], float]) -> None:
    """Put one value of `metric` for each set of dimensions in `region`, in one call."""
    if not values:
        return
    cloudwatch: Any = client("cloudwatch", region)
    data = [
        {"MetricName": metric, "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions], "Value": float(value)}
        for dimensions, value in values.items()
    ]
    with translate_errors("cloudwatch:PutMetricData"):
        cloudwatch.put_metric_data(Namespace=NAMESPACE, MetricData=data)

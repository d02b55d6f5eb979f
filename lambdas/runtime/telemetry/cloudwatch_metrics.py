"""Figures in CloudWatch, put by the API rather than through a log: an alarm stands on them, often in another Region."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from leeward.common.aws.clients import client, translate_errors
from leeward.common.naming.telemetry_names import NAMESPACE


def put_metric(region: str, metric: str, values: Mapping[tuple[tuple[str, str], ...], float]) -> None:
    """One figure of `metric` for each set of dimensions, in one call, in CloudWatch of `region`."""
    if not values:
        return
    made: Any = client("cloudwatch", region)
    data = [
        {"MetricName": metric, "Dimensions": [{"Name": n, "Value": v} for n, v in dimensions], "Value": float(value)}
        for dimensions, value in values.items()
    ]
    with translate_errors("cloudwatch:PutMetricData"):
        made.put_metric_data(Namespace=NAMESPACE, MetricData=data)

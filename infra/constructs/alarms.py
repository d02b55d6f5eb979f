"""CloudWatch alarms, and the topic that they notify."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from leeward.state_machines.deployment.trigger_definitions import SignalAlarm

_Alarm = cloudwatch.CfnAlarm
_MINUTE, _HOUR = 60, 3600


def create_signal_alarm(scope: Construct, alarm: SignalAlarm) -> cloudwatch.CfnAlarm:
    """Create the alarm of one signal. Missing data is never unhealthy, and a single signal notifies no one."""
    return cloudwatch.CfnAlarm(
        scope,
        alarm.name,
        alarm_name=alarm.name,
        alarm_description="One signal about the origin. A quorum of signals starts the runbook",
        period=_MINUTE,
        evaluation_periods=alarm.minutes,
        datapoints_to_alarm=alarm.minutes,
        treat_missing_data="notBreaching",
        **_metric_properties(alarm),
    )


def create_watch_alarm(scope: Construct, alarm: SignalAlarm, topic: str, description: str) -> cloudwatch.CfnAlarm:
    """Create the alarm of an hourly watch. It also fires when the watch doesn't report."""
    return cloudwatch.CfnAlarm(
        scope,
        alarm.name,
        alarm_name=alarm.name,
        alarm_description=description,
        period=_HOUR,
        evaluation_periods=alarm.minutes * _MINUTE // _HOUR,
        datapoints_to_alarm=alarm.minutes * _MINUTE // _HOUR,
        treat_missing_data="breaching",
        alarm_actions=[topic],
        ok_actions=[topic],
        **_metric_properties(alarm),
    )


@dataclass(frozen=True, slots=True)
class AlarmMetric:
    """A metric of AWS or of Leeward."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    statistic: str = "Sum"


def create_threshold_alarm(
    scope: Construct,
    name: str,
    metrics: Sequence[AlarmMetric],
    *,
    threshold: float,
    description: str,
    topic: str,
    minutes: int = 5,
    periods: int = 1,
    missing_data: str = "notBreaching",
) -> cloudwatch.CfnAlarm:
    """Create an alarm that notifies the topic when the sum of the metrics exceeds `threshold` in each of `periods`."""
    queries = [
        _Alarm.MetricDataQueryProperty(
            id=f"m{number}",
            return_data=False,
            metric_stat=_Alarm.MetricStatProperty(
                metric=_Alarm.MetricProperty(
                    namespace=metric.namespace,
                    metric_name=metric.name,
                    dimensions=[_Alarm.DimensionProperty(name=n, value=v) for n, v in metric.dimensions.items()],
                ),
                period=minutes * _MINUTE,
                stat=metric.statistic,
            ),
        )
        for number, metric in enumerate(metrics)
    ]
    total = " + ".join(f"FILL(m{number}, 0)" for number in range(len(metrics))) if len(metrics) > 1 else "m0"
    expression = _Alarm.MetricDataQueryProperty(id="all", label=name, return_data=True, expression=total)
    options: dict[str, Any] = {
        "description": description,
        "topic": topic,
        "periods": periods,
        "missing_data": missing_data,
    }
    return _create_alarm(scope, name, [*queries, expression], threshold=threshold, **options)


def create_query_alarm(
    scope: Construct, name: str, query: str, *, threshold: float, description: str, topic: str, minutes: int = 5
) -> cloudwatch.CfnAlarm:
    """Create an alarm on a CloudWatch Metrics Insights query, for metrics whose resources change over time."""
    metric_query = _Alarm.MetricDataQueryProperty(id="all", label=name, expression=query, period=minutes * _MINUTE)
    return _create_alarm(
        scope,
        name,
        [metric_query],
        threshold=threshold,
        description=description,
        topic=topic,
        periods=1,
        missing_data="notBreaching",
    )


def _create_alarm(
    scope: Construct,
    name: str,
    queries: list[Any],
    *,
    threshold: float,
    description: str,
    topic: str,
    periods: int,
    missing_data: str,
) -> cloudwatch.CfnAlarm:
    return _Alarm(
        scope,
        name,
        alarm_name=name,
        alarm_description=description,
        metrics=queries,
        comparison_operator="GreaterThanThreshold",
        threshold=threshold,
        evaluation_periods=periods,
        datapoints_to_alarm=periods,
        treat_missing_data=missing_data,
        alarm_actions=[topic],
        ok_actions=[topic],
    )


def _metric_properties(alarm: SignalAlarm) -> dict[str, object]:
    return {
        "namespace": alarm.namespace,
        "metric_name": alarm.metric,
        "dimensions": [
            cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value) for name, value in alarm.dimensions.items()
        ],
        "statistic": alarm.statistic,
        "comparison_operator": alarm.comparison,
        "threshold": alarm.threshold,
    }

"""Alarms, as CloudWatch has them, and where they are told."""

from __future__ import annotations

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from state_machines.triggers import SignalAlarm

_MINUTE, _HOUR = 60, 3600


def of_signal(scope: Construct, alarm: SignalAlarm) -> cloudwatch.CfnAlarm:
    """The alarm of one signal. A figure that does not come is never unhealthy; nobody is told of one signal alone."""
    return cloudwatch.CfnAlarm(
        scope,
        alarm.name,
        alarm_name=alarm.name,
        alarm_description="One view of the origin; a quorum of them starts the runbook",
        period=_MINUTE,
        evaluation_periods=alarm.minutes,
        datapoints_to_alarm=alarm.minutes,
        treat_missing_data="notBreaching",
        **_figure(alarm),
    )


def of_watch(scope: Construct, alarm: SignalAlarm, topic: str, description: str) -> cloudwatch.CfnAlarm:
    """The alarm of an hourly watch. One that does not report is as bad as one that reports trouble."""
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
        **_figure(alarm),
    )


def _figure(alarm: SignalAlarm) -> dict[str, object]:
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

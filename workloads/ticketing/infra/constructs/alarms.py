"""The service's alarms. Each is in the Region that it monitors, and notifies the runbooks' topic there."""

from __future__ import annotations

from collections.abc import Mapping

from aws_cdk import Stack
from aws_cdk import aws_cloudwatch as cloudwatch

from leeward.common.naming import resource_names as scheme
from workloads.ticketing.infra.configuration.resource_names import TicketingNames

_MINUTE = 60
_Query = cloudwatch.CfnAlarm.MetricDataQueryProperty


def add_alarms(scope: Stack, names: TicketingNames) -> None:
    """Add the three alarms.

    The topic belongs to `leeward-ticketing-engine`. Alarms that fire before that stack exists notify no one.
    """
    topic = f"arn:aws:sns:{scope.region}:{names.account}:{scheme.topic_name(names.plan.name)}"
    _add_error_alarm(scope, names, topic)
    cloudwatch.CfnAlarm(
        scope,
        "lost-writes",
        alarm_name="ticketing-lost-writes",
        alarm_description="Both Regions wrote the same ticket, and one write was lost. GET /ticket/{id} shows it",
        alarm_actions=[topic],
        namespace="Ticketing",
        metric_name="LostWrites",
        dimensions=_dimensions({"service": "ticketing"}),
        statistic="Sum",
        period=_MINUTE,
        evaluation_periods=1,
        threshold=0,
        comparison_operator="GreaterThanThreshold",
        treat_missing_data="notBreaching",
    )
    for region in names.regions:
        if region != scope.region:
            cloudwatch.CfnAlarm(
                scope,
                "replication",
                alarm_name="ticketing-replication-lag",
                alarm_description=f"Replication to {region} is slow",
                alarm_actions=[topic],
                ok_actions=[topic],
                namespace="AWS/DynamoDB",
                metric_name="ReplicationLatency",
                dimensions=_dimensions({"TableName": names.table, "ReceivingRegion": region}),
                statistic="Average",
                period=_MINUTE,
                evaluation_periods=3,
                datapoints_to_alarm=2,
                threshold=30_000,
                comparison_operator="GreaterThanThreshold",
                treat_missing_data="notBreaching",
            )


def _add_error_alarm(scope: Stack, names: TicketingNames, topic: str) -> None:
    """Add the alarm on errors in users' requests.

    It excludes probes, because a Region that is out of service returns 503 to about sixteen health checkers.
    """
    stage = {"ApiName": names.api.name, "Stage": names.api.stage}
    probes = {**stage, "Resource": names.api.health.path, "Method": "GET"}
    cloudwatch.CfnAlarm(
        scope,
        "errors",
        alarm_name="ticketing-5xx",
        alarm_description="More than 5% of the responses to users are 5xx",
        alarm_actions=[topic],
        ok_actions=[topic],
        metrics=[
            _Query(
                id="share",
                label="share of 5xx",
                expression="IF(answers - FILL(probes, 0) > 0, "
                "(errors - FILL(refused, 0)) / (answers - FILL(probes, 0)), 0)",
                return_data=True,
            ),
            _sum_query("answers", "Count", stage),
            _sum_query("errors", "5XXError", stage),
            _sum_query("probes", "Count", probes),
            _sum_query("refused", "5XXError", probes),
        ],
        evaluation_periods=3,
        datapoints_to_alarm=2,
        threshold=0.05,
        comparison_operator="GreaterThanThreshold",
        treat_missing_data="notBreaching",
    )


def _sum_query(name: str, metric: str, dimensions: Mapping[str, str]) -> cloudwatch.CfnAlarm.MetricDataQueryProperty:
    return _Query(
        id=name,
        return_data=False,
        metric_stat=cloudwatch.CfnAlarm.MetricStatProperty(
            metric=cloudwatch.CfnAlarm.MetricProperty(
                namespace="AWS/ApiGateway", metric_name=metric, dimensions=_dimensions(dimensions)
            ),
            period=_MINUTE,
            stat="Sum",
        ),
    )


def _dimensions(values: Mapping[str, str]) -> list[cloudwatch.CfnAlarm.DimensionProperty]:
    return [cloudwatch.CfnAlarm.DimensionProperty(name=name, value=value) for name, value in values.items()]

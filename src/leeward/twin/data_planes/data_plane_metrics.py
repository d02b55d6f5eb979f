"""The CloudWatch metrics that AWS services publish by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from moto.cloudwatch.models import cloudwatch_backends

from leeward.twin.aws.global_tables import GlobalTables
from leeward.twin.data_planes.rest_apis import SimulatedRestApis
from leeward.twin.engine import Engine

_METRICS_SECONDS = 60


def publish_replication_latency(
    engine: Engine, regions: Sequence[str], table_names: Sequence[str], tables: GlobalTables
) -> None:
    """Publish ReplicationLatency, in milliseconds, every minute in the Region of the writes.

    A table whose replication is paused has no data point, as in DynamoDB.
    """

    def publish() -> None:
        for region in regions:
            for other in regions:
                if other == region or engine.interceptor.has_outage(region) or engine.interceptor.has_outage(other):
                    continue
                at = engine.clock.now().replace(tzinfo=None)
                data = [
                    {
                        "MetricName": "ReplicationLatency", "Value": tables.lag * 1000, "Unit": "Milliseconds",
                        "Dimensions": [
                            {"Name": "TableName", "Value": name}, {"Name": "ReceivingRegion", "Value": other},
                        ],
                        "Timestamp": at,
                    }
                    for name in table_names
                    if not tables.is_paused(name)
                ]  # fmt: skip
                cloudwatch_backends[engine.account][region].put_metric_data("AWS/DynamoDB", data)

    engine.clock.call_every(_METRICS_SECONDS, publish, name="replication's lag", inline=True)


def publish_api_metrics(engine: Engine, apis: SimulatedRestApis) -> None:
    """Publish API Gateway's Count and 5XXError of the past minute, every minute."""

    def publish() -> None:
        past_minute = engine.clock.now().replace(second=0, microsecond=0) - timedelta(minutes=1)
        for key, count in apis.request_counts.items():
            region, name, stage, minute = key
            if minute != past_minute:
                continue
            at = minute.replace(tzinfo=None)  # as moto keeps what a client sends
            dimensions = [{"Name": "ApiName", "Value": name}, {"Name": "Stage", "Value": stage}]
            data = [
                {"MetricName": metric, "Value": value, "Dimensions": dimensions, "Timestamp": at, "Unit": "Count"}
                for metric, value in (("Count", count), ("5XXError", apis.error_counts[key]))
            ]
            cloudwatch_backends[engine.account][region].put_metric_data("AWS/ApiGateway", data)

    engine.clock.call_every(_METRICS_SECONDS, publish, name="metrics", inline=True)

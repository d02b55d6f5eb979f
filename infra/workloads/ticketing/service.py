"""`ticketing-service`: all that one Region needs to serve, and nothing that is in the other."""

from __future__ import annotations

from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from infra.workloads.ticketing.bucket import PageBucket
from infra.workloads.ticketing.domains import Domains
from infra.workloads.ticketing.functions import Functions
from infra.workloads.ticketing.gateway import Gateway
from infra.workloads.ticketing.identity import Identity
from infra.workloads.ticketing.names import Names

_MINUTE = 60


class ServiceStack(Stack):
    """One Region's service."""

    def __init__(self, app: App, names: Names, region: str) -> None:
        super().__init__(
            app,
            f"ticketing-service-{region}",
            stack_name="ticketing-service",
            description=f"Ticketing: what {region} serves with",
            env=names.environment(region),
            termination_protection=True,
        )
        key = _key(self, names, region)
        functions = Functions(self, "functions", names=names, region=region, key=key)
        gateway = Gateway(self, "gateway", names=names, function=functions.api, key=key)
        Domains(self, "domains", names=names, region=region, api=gateway.api)
        Identity(self, "identity", names=names, region=region)
        PageBucket(self, "page", names=names, region=region)
        _alarms(self, names)


def _key(scope: Stack, names: Names, region: str) -> kms.Key:
    key = kms.Key(
        scope,
        "key",
        alias=names.key_alias(),
        description="Ticketing: the tickets and logs of this Region",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.RETAIN,
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{region}.amazonaws.com")],
            actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            resources=["*"],  # of a key's own policy: this key
            conditions={
                "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{names.account}:log-group:*"}
            },
        )
    )
    return key


def _alarms(scope: Stack, names: Names) -> None:
    """What an operator is told of. They stand in the Region that they watch; who is told, is the runbooks' topic."""
    common = {"evaluation_periods": 3, "datapoints_to_alarm": 2, "treat_missing_data": "notBreaching"}
    cloudwatch.CfnAlarm(
        scope,
        "errors",
        alarm_name="ticketing-5xx",
        alarm_description="More than a twentieth of the answers are 5xx",
        namespace="AWS/ApiGateway",
        metric_name="5XXError",
        dimensions=[
            cloudwatch.CfnAlarm.DimensionProperty(name="ApiName", value=names.api.name),
            cloudwatch.CfnAlarm.DimensionProperty(name="Stage", value=names.api.stage),
        ],
        statistic="Average",
        period=_MINUTE,
        threshold=0.05,
        comparison_operator="GreaterThanThreshold",
        **common,
    )
    cloudwatch.CfnAlarm(
        scope,
        "lost-writes",
        alarm_name="ticketing-lost-writes",
        alarm_description="Both Regions wrote the same ticket, and one write was replaced: GET /ticket/{id} shows it",
        namespace="Ticketing",
        metric_name="LostWrites",
        dimensions=[cloudwatch.CfnAlarm.DimensionProperty(name="service", value="ticketing")],
        statistic="Sum",
        period=_MINUTE,
        threshold=0,
        comparison_operator="GreaterThanThreshold",
        evaluation_periods=1,
        treat_missing_data="notBreaching",
    )
    for region in names.both:
        if region != scope.region:
            cloudwatch.CfnAlarm(
                scope,
                "replication",
                alarm_name="ticketing-replication-lag",
                alarm_description=f"What is written here reaches {region} late",
                namespace="AWS/DynamoDB",
                metric_name="ReplicationLatency",
                dimensions=[
                    cloudwatch.CfnAlarm.DimensionProperty(name="TableName", value=names.table),
                    cloudwatch.CfnAlarm.DimensionProperty(name="ReceivingRegion", value=region),
                ],
                statistic="Average",
                period=_MINUTE,
                threshold=30_000,
                comparison_operator="GreaterThanThreshold",
                **common,
            )

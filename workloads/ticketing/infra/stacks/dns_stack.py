"""`ticketing-dns`: the Regions' health checks and alarms, and the records of the active routing variant.

The stack is in us-east-1, because the metrics of health checks are only there. DNS responses and health checks are
Route 53's data plane, which is global, so nothing here depends on us-east-1 after the deployment. The records' values
come from `application.yaml`, which has the outputs of the service stacks.
"""

from __future__ import annotations

from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_sns as sns

from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent
from leeward.state_machines.components.route53_records import FailoverRecordsComponent, LatencyRecordsComponent
from leeward.state_machines.components.route53_weighted_records import WeightedRecordsComponent
from workloads.ticketing.infra.configuration.resource_names import GLOBAL_REGION, TicketingNames
from workloads.ticketing.infra.constructs import arc_readiness_checks

_Check = route53.CfnHealthCheck
_Group = route53.CfnRecordSetGroup
# The weights in normal operation for the weighted variant: primary, standby.
_NORMAL_WEIGHT = {True: 100, False: 0}


class DnsStack(Stack):
    """The health checks with alarms, and the records."""

    def __init__(self, app: App, names: TicketingNames) -> None:
        super().__init__(
            app,
            "ticketing-dns",
            description=f"Ticketing: health checks, alarms, and DNS records ({names.records.kind})",
            env=names.environment(GLOBAL_REGION),
            termination_protection=True,
        )
        self._names = names
        checks = {region: self._create_health_check(region) for region in names.regions}
        topic = self._create_topic()
        for region, check in checks.items():
            self._add_alarm(region, check, topic)
            CfnOutput(self, f"check-{region}", value=check.attr_health_check_id)
        check_ids = {region: check.attr_health_check_id for region, check in checks.items()}
        # `leeward-ticketing-routing` creates the records behind routing controls.
        if not isinstance(names.records, RoutingControlsComponent):
            self._add_records(names.records, check_ids)
        if self.node.try_get_context(arc_readiness_checks.CONTEXT_KEY) == "true":
            arc_readiness_checks.add_readiness_checks(self, names)

    def _create_health_check(self, region: str) -> route53.CfnHealthCheck:
        health = self._names.api.health
        return _Check(
            self,
            f"health-{region}",
            health_check_config=_Check.HealthCheckConfigProperty(
                type="HTTPS",
                fully_qualified_domain_name=self._names.regional_domain(region),
                resource_path=health.path,
                port=443,
                enable_sni=True,
                request_interval=health.interval_seconds,
                failure_threshold=health.threshold,
                measure_latency=True,
            ),
            health_check_tags=[_Check.HealthCheckTagProperty(key="Name", value=f"ticketing {region}")],
        )

    def _create_topic(self) -> sns.Topic:
        """Create a topic in this Region, because an alarm can only notify a topic in its own Region."""
        alarms = iam.ServicePrincipal("cloudwatch.amazonaws.com")
        own_account = {"StringEquals": {"aws:SourceAccount": self._names.account}}
        key = kms.Key(
            self, "key", description="Ticketing: encrypts messages of the health check alarms", enable_key_rotation=True
        )
        key.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[alarms],
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=["*"],
                conditions=own_account,
            )
        )
        topic = sns.Topic(
            self, "topic", topic_name="ticketing-health", display_name="Ticketing", master_key=key, enforce_ssl=True
        )
        topic.add_to_resource_policy(
            iam.PolicyStatement(
                principals=[alarms], actions=["sns:Publish"], resources=[topic.topic_arn], conditions=own_account
            )
        )
        for number, mail in enumerate(self._names.plan.environment.mails):
            sns.CfnSubscription(self, f"mail{number}", protocol="email", endpoint=mail, topic_arn=topic.topic_arn)
        return topic

    def _add_alarm(self, region: str, check: route53.CfnHealthCheck, topic: sns.Topic) -> None:
        cloudwatch.CfnAlarm(
            self,
            f"alarm-{region}",
            alarm_name=f"ticketing-health-{region}",
            alarm_description=f"Route 53 considers {region} unhealthy: {self._names.regional_domain(region)}",
            namespace="AWS/Route53",
            metric_name="HealthCheckStatus",
            dimensions=[cloudwatch.CfnAlarm.DimensionProperty(name="HealthCheckId", value=check.attr_health_check_id)],
            statistic="Minimum",
            period=60,
            evaluation_periods=1,
            threshold=1,
            comparison_operator="LessThanThreshold",
            treat_missing_data="breaching",
            alarm_actions=[topic.topic_arn],
            ok_actions=[topic.topic_arn],
        )

    def _add_records(
        self,
        records: FailoverRecordsComponent | LatencyRecordsComponent | WeightedRecordsComponent,
        checks: dict[str, str],
    ) -> None:
        names = self._names
        sets = []
        for region in names.regions:
            primary = region == names.regions[0]
            kind: dict[str, object] = {}
            if isinstance(records, FailoverRecordsComponent):
                kind = {"failover": "PRIMARY" if primary else "SECONDARY"}
            elif isinstance(records, LatencyRecordsComponent):
                kind = {"region": region}
            else:
                kind = {"weight": _NORMAL_WEIGHT[primary]}
            sets.append(
                _Group.RecordSetProperty(
                    name=names.api.domain,
                    type="CNAME",
                    ttl=str(int(records.ttl.total_seconds())),
                    resource_records=[records.values[region]],
                    set_identifier=records.set_identifiers[region],
                    health_check_id=checks[region],
                    **kind,
                )
            )
        _Group(self, "records", hosted_zone_id=names.zone.id, record_sets=sets)

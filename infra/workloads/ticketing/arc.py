"""ARC, for the variant `routing-control`: cluster, control panel, a control per Region, safety rule, health checks.

A record follows a *calculated* health check: the Region's control is on, and its endpoint is healthy. Readiness checks
(recovery group, cells, resource set) are closed to new customers: made only where the context says `readiness=true`.
"""

from __future__ import annotations

from aws_cdk import CfnOutput
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53recoverycontrol as control
from aws_cdk import aws_route53recoveryreadiness as readiness
from constructs import Construct

from infra.workloads.ticketing.names import Names

_Check = route53.CfnHealthCheck
# How long a change must hold before the rule counts it (ARC's own default).
_WAIT_MS = 5000


class Arc(Construct):
    """`checks`: region -> the id of the health check that its record follows."""

    def __init__(self, scope: Construct, name: str, *, names: Names, health: dict[str, str]) -> None:
        super().__init__(scope, name)
        cluster = control.CfnCluster(self, "cluster", name="ticketing")
        panel = control.CfnControlPanel(self, "panel", name="ticketing", cluster_arn=cluster.attr_cluster_arn)
        controls = {
            region: control.CfnRoutingControl(
                self,
                f"control-{region}",
                name=f"ticketing-{region}",
                cluster_arn=cluster.attr_cluster_arn,
                control_panel_arn=panel.attr_control_panel_arn,
            )
            for region in names.both
        }
        control.CfnSafetyRule(
            self,
            "at-least-one",
            name="ticketing-at-least-one-region",
            control_panel_arn=panel.attr_control_panel_arn,
            assertion_rule=control.CfnSafetyRule.AssertionRuleProperty(
                asserted_controls=[one.attr_routing_control_arn for one in controls.values()], wait_period_ms=_WAIT_MS
            ),
            rule_config=control.CfnSafetyRule.RuleConfigProperty(type="ATLEAST", threshold=1, inverted=False),
        )
        self.checks = {region: self._both(region, controls[region], health[region]) for region in names.both}
        # What application.yaml keeps, because looking it up in a disaster would ask a control plane.
        for region, one in controls.items():
            CfnOutput(self, f"ControlArn-{region}", value=one.attr_routing_control_arn)
        CfnOutput(self, "ClusterArn", value=cluster.attr_cluster_arn)
        if self.node.try_get_context("readiness") == "true":
            self._readiness(names)

    def _both(self, region: str, one: control.CfnRoutingControl, health: str) -> str:
        switched = _Check(
            self,
            f"switched-{region}",
            health_check_config=_Check.HealthCheckConfigProperty(
                type="RECOVERY_CONTROL", routing_control_arn=one.attr_routing_control_arn
            ),
            health_check_tags=[_Check.HealthCheckTagProperty(key="Name", value=f"ticketing control {region}")],
        )
        calculated = _Check(
            self,
            f"followed-{region}",
            health_check_config=_Check.HealthCheckConfigProperty(
                type="CALCULATED", child_health_checks=[switched.attr_health_check_id, health], health_threshold=2
            ),
            health_check_tags=[_Check.HealthCheckTagProperty(key="Name", value=f"ticketing followed {region}")],
        )
        return str(calculated.attr_health_check_id)

    def _readiness(self, names: Names) -> None:
        """A cell per Region, and a check of what each has: the API's stage and the table's replica."""
        cells = [readiness.CfnCell(self, f"cell-{region}", cell_name=f"ticketing-{region}") for region in names.both]
        readiness.CfnRecoveryGroup(
            self, "group", recovery_group_name="ticketing", cells=[cell.attr_cell_arn for cell in cells]
        )
        resources = readiness.CfnResourceSet(
            self,
            "resources",
            resource_set_name="ticketing-tables",
            resource_set_type="AWS::DynamoDB::Table",
            resources=[
                readiness.CfnResourceSet.ResourceProperty(
                    resource_arn=f"arn:aws:dynamodb:{region}:{names.account}:table/{names.table}",
                    readiness_scopes=[cell.attr_cell_arn],
                )
                for region, cell in zip(names.both, cells, strict=True)
            ],
        )
        check = readiness.CfnReadinessCheck(
            self, "check", readiness_check_name="ticketing-tables", resource_set_name="ticketing-tables"
        )
        check.add_dependency(resources)

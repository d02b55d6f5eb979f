"""`leeward-<application>-routing`: the ARC routing controls, their safety rule, and the DNS records that follow them.

The stack is in us-west-2, where ARC's control plane is. A run needs neither that Region nor this stack. It calls the
cluster's five endpoints, which are in the documents.
"""

from __future__ import annotations

from typing import Any

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_route53 as route53
from aws_cdk import aws_route53recoverycontrol as arc
from constructs import Construct

from leeward.common.naming import resource_names
from leeward.infra.inputs.deployment_plan import DeploymentPlan, NotDeployable
from leeward.state_machines.components.apigateway_rest_api import RestApiComponent
from leeward.state_machines.components.arc_routing_controls import RoutingControlsComponent

ROUTING_REGION = "us-west-2"
# How long the cluster waits before it evaluates another change, so that rapid toggling is rejected (ARC's default).
_SAFETY_RULE_WAIT_MS = 5000
_DEFAULT_TTL_SECONDS = 60


def find_routing_controls(plan: DeploymentPlan) -> tuple[str, RoutingControlsComponent] | None:
    """Return the application's routing controls and their component's name, if they are the active routing."""
    routing = plan.application.routing
    if routing is not None and routing.use != "routing-control":
        return None
    return next(plan.application.components_of_kind(RoutingControlsComponent), None)


class RoutingStack(Stack):
    """The routing controls of one application, in a cluster of their own, so that access to one doesn't include
    another.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        plan: DeploymentPlan,
        component: str,
        controls: RoutingControlsComponent,
        **stack: Any,
    ) -> None:
        super().__init__(scope, name, **stack)
        self._plan, self._controls = plan, controls
        cluster_name = f"{resource_names.application_prefix(plan.name)}-{component}"
        cluster = arc.CfnCluster(self, "cluster", name=cluster_name)
        panel = arc.CfnControlPanel(self, "panel", name=cluster_name, cluster_arn=cluster.attr_cluster_arn)
        switches = {
            region: arc.CfnRoutingControl(
                self,
                f"control-{region}",
                name=region,
                cluster_arn=cluster.attr_cluster_arn,
                control_panel_arn=panel.attr_control_panel_arn,
            )
            for region in plan.application.regions.both
        }
        arc.CfnSafetyRule(
            self,
            "never-none",
            name="never-none",
            control_panel_arn=panel.attr_control_panel_arn,
            assertion_rule=arc.CfnSafetyRule.AssertionRuleProperty(
                asserted_controls=[switch.attr_routing_control_arn for switch in switches.values()],
                wait_period_ms=_SAFETY_RULE_WAIT_MS,
            ),
            rule_config=arc.CfnSafetyRule.RuleConfigProperty(inverted=False, threshold=1, type="ATLEAST"),
        )
        for region, switch in switches.items():
            self._add_record(region, switch.attr_routing_control_arn)
            CfnOutput(
                self,
                f"Control{''.join(part.capitalize() for part in region.split('-'))}",
                value=switch.attr_routing_control_arn,
                description=f"application.yaml: components.{component}.controls.{region}",
            )
        CfnOutput(
            self,
            "Cluster",
            value=cluster.attr_cluster_arn,
            description=f"Copy its five endpoints to components.{component}.endpoints",
        )

    def _add_record(self, region: str, control: str) -> None:
        check = self._add_record_health_check(region, control)
        controls, site = self._controls, self._plan.application.site
        if controls.record is None or site is None:
            return
        primary = region == self._plan.application.regions.primary
        route53.CfnRecordSet(
            self,
            f"record-{region}",
            hosted_zone_id=self._hosted_zone_id(),
            name=controls.record,
            type="CNAME",
            ttl=str(int(controls.ttl.total_seconds()) if controls.ttl else _DEFAULT_TTL_SECONDS),
            set_identifier=region,
            failover="PRIMARY" if primary else "SECONDARY",
            resource_records=[site.endpoints[region]],
            health_check_id=check,
        )

    def _add_record_health_check(self, region: str, control: str) -> str:
        """Return the health check of a record: the routing control, and the endpoint's own health if the documents have
        it.
        """
        switch = self._create_health_check(f"switch-{region}", type="RECOVERY_CONTROL", routing_control_arn=control)
        if self._controls.health is None:
            return switch
        own = self._plan.application.component(self._controls.health, RestApiComponent).health.ids[region]
        return self._create_health_check(
            f"both-{region}", type="CALCULATED", child_health_checks=[switch, own], health_threshold=2
        )

    def _create_health_check(self, name: str, **config: Any) -> str:
        check = route53.CfnHealthCheck(
            self,
            name,
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(**config),
            health_check_tags=[route53.CfnHealthCheck.HealthCheckTagProperty(key="Name", value=name)],
        )
        check_id: str = check.attr_health_check_id
        return check_id

    def _hosted_zone_id(self) -> str:
        if self._controls.hosted_zone is not None:
            return self._controls.hosted_zone
        zone = self._plan.settings.hosted_zone
        if zone is None:
            raise NotDeployable(
                f"infra/environments/{self._plan.environment.environment}.yaml: {self._controls.record} needs a hosted "
                f"zone: add applications.{self._plan.name}.hosted_zone with its id and name"
            )
        return zone.id

"""`leeward-website-workload`: the website in one Region."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from constructs import Construct

from leeward.infra.inputs.deployment_plan import DeploymentPlan
from workloads.website.infra.constructs.drs_templates import DrsTemplates
from workloads.website.infra.constructs.load_balancer import WebsiteLoadBalancer
from workloads.website.infra.constructs.network import WebsiteNetwork
from workloads.website.infra.constructs.servers import WebsiteServers


class WebsiteStack(Stack):
    """The network, the load balancer, and the DRS templates in both Regions, and the servers in the primary Region."""

    def __init__(
        self, scope: Construct, name: str, *, plan: DeploymentPlan, region: str, image: str, **stack: Any
    ) -> None:
        super().__init__(scope, name, **stack)
        regions = plan.application.regions
        network = WebsiteNetwork(self, "network", region=region, is_standby=region == regions.standby)
        balancer = WebsiteLoadBalancer(self, "web", network=network, application=plan.name)
        DrsTemplates(self, "drs", network=network, application=plan.name)
        if region == regions.primary:
            servers = WebsiteServers(
                self,
                "servers",
                network=network,
                image=image,
                region=region,
                standby=regions.standby,
                application=plan.name,
            )
            for page, group in balancer.groups.items():
                group.add_target(targets.InstanceTarget(servers.web[f"{page}-page"]))

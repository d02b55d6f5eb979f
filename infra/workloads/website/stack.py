"""`leeward-website-workload`: the website in one Region."""

from __future__ import annotations

from typing import Any

from aws_cdk import Stack
from aws_cdk import aws_elasticloadbalancingv2_targets as targets
from constructs import Construct

from leeward.infra.plan import Plan
from leeward.infra.workloads.website.balancer import Balancer
from leeward.infra.workloads.website.network import Network
from leeward.infra.workloads.website.replication import Replication
from leeward.infra.workloads.website.servers import Servers


class WebsiteStack(Stack):
    """Network, load balancer and DRS's templates in both Regions; the servers in the primary."""

    def __init__(self, scope: Construct, name: str, *, plan: Plan, region: str, settings: str, **stack: Any) -> None:
        super().__init__(scope, name, **stack)
        regions = plan.application.regions
        network = Network(self, "network", region=region, second=region == regions.standby)
        balancer = Balancer(self, "web", network=network, application=plan.name)
        Replication(self, "drs", network=network, application=plan.name)
        if region == regions.primary:
            servers = Servers(
                self,
                "servers",
                network=network,
                image=settings,
                region=region,
                standby=regions.standby,
                application=plan.name,
            )
            for page, group in balancer.groups.items():
                group.add_target(targets.InstanceTarget(servers.web[f"{page}-page"]))

"""Creates a load balancer per Region for the target groups in the application document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.components.alb_target_group import TargetGroupComponent
from leeward.twin.aws.moto_fixes.elbv2_target_health import TargetHealth
from leeward.twin.aws.seeded_services.elbv2_load_balancers import (
    HealthCheckSettings,
    seed_load_balancer,
    seed_target_group,
)
from leeward.twin.internet.web_servers import ServerSoftware

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client


def create_load_balancers(application: Application, software: Mapping[str, ServerSoftware]) -> None:
    """Create all target groups, and a load balancer per Region that routes each page's path to its target group.

    The first target group gets all requests that match no rule.
    """
    routes: dict[str, dict[str, str]] = {}
    for _, component in application.components_of_kind(TargetGroupComponent):
        paths = list(software[component.serves].pages) or ["/"]
        for region, arn in component.target_groups.items():
            seed_target_group(arn, port=component.port, health_check=HealthCheckSettings(path=paths[0]))
            region_routes = routes.setdefault(region, {"/*": arn})
            for path in paths:
                region_routes.setdefault(path, arn)
    if application.site is None:
        return
    for region, dns_name in application.site.endpoints.items():
        if region in routes:
            seed_load_balancer(application.account, region, dns_name, routes[region])


def register_targets(
    elbv2: ElasticLoadBalancingv2Client,
    target_health: TargetHealth,
    application: Application,
    region: str,
    instances: Mapping[str, list[str]],
) -> None:
    """Register the serving instances with their target groups in `region` as healthy."""
    for _, component in application.components_of_kind(TargetGroupComponent):
        arn = component.target_groups[region]
        elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": i} for i in instances[component.serves]])
        target_health.assume_healthy(arn)

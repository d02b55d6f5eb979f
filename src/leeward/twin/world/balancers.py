"""A load balancer per Region in front of the target groups that the application document names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from leeward.state_machines.components import TargetGroup
from leeward.state_machines.documents.application import Application
from leeward.twin.aws.load_balancers import HealthCheck, seed_load_balancer, seed_target_group
from leeward.twin.aws.target_health import TargetHealth
from leeward.twin.internet.machines import Software

if TYPE_CHECKING:
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client


def build(application: Application, software: Mapping[str, Software]) -> None:
    """Every target group of the document, and in each Region a load balancer that routes each page's path to the
    group which serves it; the first group takes what no rule names."""
    routes: dict[str, dict[str, str]] = {}
    for _, component in application.of_kind(TargetGroup):
        paths = list(software[component.serves].pages) or ["/"]
        for region, arn in component.target_groups.items():
            seed_target_group(arn, port=component.port, health_check=HealthCheck(path=paths[0]))
            here = routes.setdefault(region, {"/*": arn})
            for path in paths:
                here.setdefault(path, arn)
    if application.site is None:
        return
    for region, dns_name in application.site.endpoints.items():
        if region in routes:
            seed_load_balancer(application.account, region, dns_name, routes[region])


def register(
    elbv2: ElasticLoadBalancingv2Client,
    health: TargetHealth,
    application: Application,
    region: str,
    instances: Mapping[str, list[str]],
) -> None:
    """Put the serving machines behind their target groups in `region`; they have been healthy for long."""
    for _, component in application.of_kind(TargetGroup):
        arn = component.target_groups[region]
        elbv2.register_targets(TargetGroupArn=arn, Targets=[{"Id": i} for i in instances[component.serves]])
        health.assume_healthy(arn)

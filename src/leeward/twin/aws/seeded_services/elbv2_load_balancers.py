"""Creates load balancers with fixed DNS names and target groups with fixed ARNs. moto would generate them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from leeward.base.arns import Arn


@dataclass(frozen=True, slots=True)
class HealthCheckSettings:
    """A target group's health check settings, in seconds and counts. The defaults are short but common."""

    path: str = "/"
    interval: int = 10
    timeout: int = 5
    healthy_threshold: int = 3
    unhealthy_threshold: int = 2
    deregistration_delay: int = 30


def seed_target_group(arn: str, *, port: int, health_check: HealthCheckSettings | None = None) -> None:
    """Create a target group for instances with this ARN, in the ARN's account and Region.

    Raises ValueError when `arn` isn't the ARN of a target group.
    """
    parsed, check = Arn.parse(arn), health_check or HealthCheckSettings()
    kind, _, rest = parsed.resource.partition("/")
    if parsed.service != "elasticloadbalancing" or kind != "targetgroup":
        raise ValueError(f"{arn!r} is not the ARN of a target group")
    backend: Any = elbv2_backends[parsed.account][parsed.region]
    group = backend.create_target_group(
        rest.split("/")[0],
        protocol="HTTP",
        port=str(port),
        vpc_id=_default_subnet(parsed.account, parsed.region).vpc_id,
        target_type="instance",
        healthcheck_protocol="HTTP",
        healthcheck_path=check.path,
        healthcheck_interval_seconds=check.interval,
        healthcheck_timeout_seconds=check.timeout,
        healthy_threshold_count=str(check.healthy_threshold),
        unhealthy_threshold_count=str(check.unhealthy_threshold),
    )
    group.attributes["deregistration_delay.timeout_seconds"] = str(check.deregistration_delay)
    del backend.target_groups[group.arn]
    group.arn = arn
    backend.target_groups[arn] = group


def seed_load_balancer(account_id: str, region: str, dns_name: str, routes: Mapping[str, str]) -> str:
    """Create an Application Load Balancer that listens at `dns_name` on port 80, and return its ARN.

    `routes` maps path patterns to target group ARNs. It must contain the default pattern `/*`.
    """
    backend: Any = elbv2_backends[account_id][region]
    subnet = _default_subnet(account_id, region)
    # `website-1234567890.us-east-1.elb.amazonaws.com` is the load balancer `website`.
    name = dns_name.split(".", maxsplit=1)[0].rpartition("-")[0]
    balancer = backend.create_load_balancer(name, [], [subnet.id])
    balancer.dns_name = dns_name
    balancer.state = "active"
    listener = backend.create_listener(balancer.arn, "HTTP", "80", None, None, [_forward_action(routes["/*"])])
    patterns = sorted((pattern for pattern in routes if pattern != "/*"), key=len, reverse=True)
    for priority, pattern in enumerate(patterns, 1):
        condition = {"Field": "path-pattern", "Values": [pattern]}
        backend.create_rule(listener.arn, [condition], priority, [_forward_action(routes[pattern])])
    arn: str = balancer.arn
    return arn


def _forward_action(target_group_arn: str) -> dict[str, object]:
    return {"Type": "forward", "TargetGroupArn": target_group_arn}


def _default_subnet(account_id: str, region: str) -> Any:
    backend: Any = ec2_backends[account_id][region]
    return backend.get_default_subnets()[region + "a"]

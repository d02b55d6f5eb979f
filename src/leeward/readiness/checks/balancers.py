"""Would the load balancer of the Region that is entered take the servers in, and would browsers trust it?"""

from __future__ import annotations

from collections.abc import Iterator

from leeward.common.aws import naming_errors
from leeward.common.errors import NotFound
from leeward.readiness.certificates import certificate
from leeward.readiness.findings import Finding, failed, ok
from leeward.readiness.reach import Reach
from leeward.readiness.subject import Subject
from leeward.traffic.target_groups import name


def look(subject: Subject, reach: Reach) -> Iterator[Finding]:
    """Target groups of both Regions belong to load balancers that are up; certificates of their listeners hold."""
    for region, arns in sorted(subject.target_groups.items()):
        balancers: set[str] = set()
        for arn in arns:
            finding, found = _target_group(reach, region, arn)
            yield finding
            balancers |= set(found)
        for balancer in sorted(balancers):
            yield from _balancer(reach, region, balancer)


def _target_group(reach: Reach, region: str, arn: str) -> tuple[Finding, list[str]]:
    check, subject = "balancer.target_group", f"{name(arn)} in {region}"
    fix = "deploy the application's stack of this Region again, or correct the ARN in application.yaml"
    try:
        with naming_errors("elasticloadbalancing:DescribeTargetGroups"):
            groups = reach.elbv2(region).describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    except NotFound:
        groups = []
    if not groups:
        return failed(check, subject, "it does not exist", fix), []
    balancers = groups[0].get("LoadBalancerArns", [])
    if not balancers:
        return failed(check, subject, "it belongs to no load balancer: users never reach what is put into it", fix), []
    return ok(check, subject, "it belongs to a load balancer"), balancers


def _balancer(reach: Reach, region: str, arn: str) -> Iterator[Finding]:
    subject = f"{arn.split('/')[-2]} in {region}"
    with naming_errors("elasticloadbalancing:DescribeLoadBalancers"):
        found = reach.elbv2(region).describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    state = found[0].get("State", {}).get("Code") if found else None
    if state == "active":
        yield ok("balancer.state", subject, "active")
    else:
        yield failed("balancer.state", subject, f"its state is {state}", "see the load balancer in the EC2 console")
    with naming_errors("elasticloadbalancing:DescribeListeners"):
        listeners = reach.elbv2(region).describe_listeners(LoadBalancerArn=arn)["Listeners"]
    for listener in listeners:
        for held in listener.get("Certificates", []):
            yield certificate("balancer.certificate", reach, region, held["CertificateArn"])

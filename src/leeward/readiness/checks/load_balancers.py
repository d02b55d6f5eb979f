"""Check target groups, load balancers, and listener certificates in both Regions."""

from __future__ import annotations

from collections.abc import Iterator

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import NotFound
from leeward.readiness.lookups.certificates import check_certificate
from leeward.readiness.model.check_clients import CheckClients
from leeward.readiness.model.findings import ReadinessFinding, failed, ok
from leeward.readiness.model.readiness_check import ReadinessCheck
from leeward.readiness.model.readiness_input import ReadinessInput
from leeward.traffic.routing.target_groups import target_group_name


def check(inputs: ReadinessInput, clients: CheckClients) -> Iterator[ReadinessFinding]:
    """Check that each target group belongs to an active load balancer with valid listener certificates."""
    for region, arns in sorted(inputs.target_groups.items()):
        balancers: set[str] = set()
        for arn in arns:
            finding, balancer_arns = _check_target_group(clients, region, arn)
            yield finding
            balancers |= set(balancer_arns)
        for balancer in sorted(balancers):
            yield from _check_load_balancer(clients, region, balancer)


def _check_target_group(clients: CheckClients, region: str, arn: str) -> tuple[ReadinessFinding, list[str]]:
    check, subject = "balancer.target_group", f"{target_group_name(arn)} in {region}"
    fix = "redeploy the application's stack in this Region, or correct the ARN in application.yaml"
    try:
        with translate_errors("elasticloadbalancing:DescribeTargetGroups"):
            groups = clients.elbv2(region).describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
    except NotFound:
        groups = []
    if not groups:
        return failed(check, subject, "it does not exist", fix), []
    balancers = groups[0].get("LoadBalancerArns", [])
    if not balancers:
        return failed(check, subject, "it belongs to no load balancer, so users can't reach its targets", fix), []
    return ok(check, subject, "it belongs to a load balancer"), balancers


def _check_load_balancer(clients: CheckClients, region: str, arn: str) -> Iterator[ReadinessFinding]:
    subject = f"{arn.split('/')[-2]} in {region}"
    with translate_errors("elasticloadbalancing:DescribeLoadBalancers"):
        balancers = clients.elbv2(region).describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"]
    state = balancers[0].get("State", {}).get("Code") if balancers else None
    if state == "active":
        yield ok("balancer.state", subject, "active")
    else:
        yield failed("balancer.state", subject, f"its state is {state}", "check the load balancer in the EC2 console")
    with translate_errors("elasticloadbalancing:DescribeListeners"):
        listeners = clients.elbv2(region).describe_listeners(LoadBalancerArn=arn)["Listeners"]
    for listener in listeners:
        for certificate in listener.get("Certificates", []):
            yield check_certificate("balancer.certificate", clients, region, certificate["CertificateArn"])


CHECK = ReadinessCheck("balancer", check)

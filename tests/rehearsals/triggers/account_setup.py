"""An account as a careful team keeps it: launch templates that name a network, HTTPS, a quota that is known."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from leeward.twin.aws.moto_fixes import service_quotas
from leeward.twin.engine import ACCOUNT
from tests.rehearsals.triggers.deployed_application import DeployedApplication
from tests.support.website_session import WEST

_INSTANCE_TYPE, _VCPUS = "t3.small", 64


@contextmanager
def with_full_account_setup(world: DeployedApplication) -> Iterator[None]:
    """`world` has what readiness looks at only where it is there."""
    engine = world.stage.engine
    _complete_launch_templates(engine.client("ec2", WEST))
    _add_https_listeners(engine.client("elbv2", WEST), engine.client("acm", WEST))
    service_quotas.set_vcpu_quota(ACCOUNT, WEST, _VCPUS)
    try:
        yield
    finally:
        service_quotas.set_vcpu_quota(ACCOUNT, WEST, None)


def _complete_launch_templates(ec2: Any) -> None:
    """Every launch template's default version names the instance type, the subnet and the security group."""
    subnet = ec2.describe_subnets()["Subnets"][0]
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [subnet["VpcId"]]}])["SecurityGroups"]
    network = {"DeviceIndex": 0, "SubnetId": subnet["SubnetId"], "Groups": [groups[0]["GroupId"]]}
    data = {"InstanceType": _INSTANCE_TYPE, "NetworkInterfaces": [network]}
    for template in ec2.describe_launch_templates()["LaunchTemplates"]:
        named = {"LaunchTemplateId": template["LaunchTemplateId"]}
        ec2.create_launch_template_version(**named, SourceVersion="1", LaunchTemplateData=data)
        ec2.modify_launch_template(**named, DefaultVersion="2")


def _add_https_listeners(balancers: Any, certificates: Any) -> None:
    arn = certificates.request_certificate(DomainName="www.website.example.com")["CertificateArn"]
    for balancer in balancers.describe_load_balancers()["LoadBalancers"]:
        for listener in balancers.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]:
            named = {"ListenerArn": listener["ListenerArn"], "Certificates": [{"CertificateArn": arn}]}
            balancers.modify_listener(**named, Port=443, Protocol="HTTPS")

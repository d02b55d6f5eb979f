"""The network of one Region: load balancers in public subnets, and servers and replicated data in private ones."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

HTTP, HTTPS, REPLICATION, DATABASE = 80, 443, 1500, 5432


class WebsiteNetwork(Construct):
    """The VPC and its security groups. The two Regions' networks don't overlap, so they can be connected."""

    def __init__(self, scope: Construct, name: str, *, region: str, is_standby: bool) -> None:
        super().__init__(scope, name)
        own, other = ("10.20.0.0/16", "10.10.0.0/16") if is_standby else ("10.10.0.0/16", "10.20.0.0/16")
        self.vpc = ec2.Vpc(
            self,
            "vpc",
            ip_addresses=ec2.IpAddresses.cidr(own),
            # Explicit zones, so that synthesis needs no AWS account.
            availability_zones=[f"{region}a", f"{region}b"],
            nat_gateways=1,
            subnet_configuration=[
                ec2.SubnetConfiguration(name="public", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24),
                ec2.SubnetConfiguration(name="servers", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=24),
                ec2.SubnetConfiguration(name="staging", subnet_type=ec2.SubnetType.PRIVATE_WITH_EGRESS, cidr_mask=24),
            ],
            flow_logs={"all": self._create_flow_logs()},
        )
        self.balancer = self._create_security_group("balancer", "Users to the load balancer")
        self.web = self._create_security_group("web", "The load balancer to the web servers")
        self.database = self._create_security_group("database", "The web servers to the database")
        self.staging = self._create_security_group("staging", "Replicated data to the servers of DRS")
        self.balancer.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(HTTP), "users")
        self.web.add_ingress_rule(self.balancer, ec2.Port.tcp(HTTP), "the load balancer")
        self.database.add_ingress_rule(self.web, ec2.Port.tcp(DATABASE), "the web servers")
        for network, source in ((own, "this Region"), (other, "the other Region")):
            description = f"replicated data from {source}"
            self.staging.add_ingress_rule(ec2.Peer.ipv4(network), ec2.Port.tcp(REPLICATION), description)
        Validations.of(self.balancer).acknowledge(
            Acknowledgment(id="AwsSolutions-EC23", reason="A public website, which anyone may access")
        )

    def _create_security_group(self, name: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, name, vpc=self.vpc, description=description)

    def _create_flow_logs(self) -> ec2.FlowLogOptions:
        group = logs.LogGroup(self, "flows", retention=logs.RetentionDays.THREE_MONTHS)
        role = iam.Role(self, "flow-role", assumed_by=iam.ServicePrincipal("vpc-flow-logs.amazonaws.com"))
        return ec2.FlowLogOptions(destination=ec2.FlowLogDestination.to_cloud_watch_logs(group, role))

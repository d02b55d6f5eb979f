"""The network of one Region: load balancers and replication servers in public subnets, and servers in private ones."""

from __future__ import annotations

from aws_cdk import Acknowledgment, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

HTTP, HTTPS, REPLICATION, DATABASE = 80, 443, 1500, 5432


class WebsiteNetwork(Construct):
    """The VPC and its security groups. The two Regions' networks don't overlap, so a company can connect them."""

    def __init__(self, scope: Construct, name: str, *, region: str, is_standby: bool) -> None:
        super().__init__(scope, name)
        own = "10.20.0.0/16" if is_standby else "10.10.0.0/16"
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
                ec2.SubnetConfiguration(name="staging", subnet_type=ec2.SubnetType.PUBLIC, cidr_mask=24),
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
        # The other Region's servers send through a NAT gateway, whose address that Region's stack creates.
        self.staging.add_ingress_rule(ec2.Peer.any_ipv4(), ec2.Port.tcp(REPLICATION), "replicated data")
        for group, reason in (
            (self.balancer, "A public website, which anyone may access"),
            (self.staging, "Agents of DRS send their data here, encrypted, and prove who they are"),
        ):
            Validations.of(group).acknowledge(Acknowledgment(id="AwsSolutions-EC23", reason=reason))

    def _create_security_group(self, name: str, description: str) -> ec2.SecurityGroup:
        return ec2.SecurityGroup(self, name, vpc=self.vpc, description=description)

    def _create_flow_logs(self) -> ec2.FlowLogOptions:
        group = logs.LogGroup(self, "flows", retention=logs.RetentionDays.THREE_MONTHS)
        role = iam.Role(self, "flow-role", assumed_by=iam.ServicePrincipal("vpc-flow-logs.amazonaws.com"))
        return ec2.FlowLogOptions(destination=ec2.FlowLogDestination.to_cloud_watch_logs(group, role))

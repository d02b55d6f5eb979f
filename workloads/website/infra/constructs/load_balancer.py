"""The load balancer of one Region, with a target group for each page."""

from __future__ import annotations

from aws_cdk import Acknowledgment, CfnOutput, Duration, RemovalPolicy, Validations
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_elasticloadbalancingv2 as elb
from aws_cdk import aws_s3 as s3
from constructs import Construct

from workloads.website.infra.constructs.network import HTTP, WebsiteNetwork

_PAGES = {"home": "/", "catalogue": "/catalogue"}


class WebsiteLoadBalancer(Construct):
    """The load balancer. `groups` has the target group of each page.

    In the standby Region, the groups are empty until a runbook registers recovered instances.
    """

    def __init__(self, scope: Construct, name: str, *, network: WebsiteNetwork, application: str) -> None:
        super().__init__(scope, name)
        balancer = elb.ApplicationLoadBalancer(
            self,
            "balancer",
            load_balancer_name=application,
            vpc=network.vpc,
            vpc_subnets=ec2.SubnetSelection(subnet_group_name="public"),
            internet_facing=True,
            security_group=network.balancer,
            deletion_protection=True,
            drop_invalid_header_fields=True,
            # Users stay with a Region as long as their connection is open, so it must not be open for the default hour.
            client_keep_alive=Duration.seconds(60),
        )
        balancer.log_access_logs(self._create_log_bucket())
        self.groups = {
            page: elb.ApplicationTargetGroup(
                self,
                page,
                target_group_name=f"{application}-{page}",
                vpc=network.vpc,
                port=HTTP,
                protocol=elb.ApplicationProtocol.HTTP,
                target_type=elb.TargetType.INSTANCE,
                deregistration_delay=Duration.seconds(30),
                health_check=elb.HealthCheck(path=path, interval=Duration.seconds(10), healthy_threshold_count=2),
            )
            for page, path in _PAGES.items()
        }
        listener = balancer.add_listener("http", port=HTTP, open=False, default_target_groups=[self.groups["home"]])
        listener.add_target_groups(
            "catalogue",
            priority=10,
            conditions=[elb.ListenerCondition.path_patterns(["/catalogue", "/catalogue/*"])],
            target_groups=[self.groups["catalogue"]],
        )
        CfnOutput(
            self, "Endpoint", value=balancer.load_balancer_dns_name, description="application.yaml: site.endpoints"
        )
        for page, group in self.groups.items():
            description = f"application.yaml: components.{page}-targets.target_groups"
            CfnOutput(self, f"Targets-{page}", value=group.target_group_arn, description=description)

    def _create_log_bucket(self) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "logs",
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            encryption=s3.BucketEncryption.S3_MANAGED,  # load balancers support no other encryption
            enforce_ssl=True,
            removal_policy=RemovalPolicy.RETAIN,
            lifecycle_rules=[s3.LifecycleRule(expiration=Duration.days(90))],
        )
        Validations.of(bucket).acknowledge(
            Acknowledgment(id="AwsSolutions-S1", reason="This bucket itself stores access logs")
        )
        return bucket

"""`ticketing-service`: everything that a Region needs to serve, independent of the other Region."""

from __future__ import annotations

from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from workloads.ticketing.infra.configuration.resource_names import TicketingNames
from workloads.ticketing.infra.constructs import alarms
from workloads.ticketing.infra.constructs.api_domains import ApiDomains
from workloads.ticketing.infra.constructs.api_gateway import TicketingGateway
from workloads.ticketing.infra.constructs.functions import TicketingFunctions
from workloads.ticketing.infra.constructs.page_bucket import PageBucket
from workloads.ticketing.infra.constructs.user_pool import TicketingUserPool


class ServiceStack(Stack):
    """The service in one Region."""

    def __init__(self, app: App, names: TicketingNames, region: str) -> None:
        super().__init__(
            app,
            f"ticketing-service-{region}",
            stack_name="ticketing-service",
            description=f"Ticketing: the service in {region}",
            env=names.environment(region),
            termination_protection=True,
        )
        key = _create_key(self, names, region)
        functions = TicketingFunctions(self, "functions", names=names, region=region, key=key)
        gateway = TicketingGateway(self, "gateway", names=names, function=functions.api, key=key)
        ApiDomains(self, "domains", names=names, region=region, api=gateway.api)
        TicketingUserPool(self, "identity", names=names, region=region)
        PageBucket(self, "page", names=names, region=region)
        alarms.add_alarms(self, names)


def _create_key(scope: Stack, names: TicketingNames, region: str) -> kms.Key:
    key = kms.Key(
        scope,
        "key",
        alias=names.key_alias(),
        description="Ticketing: encrypts tickets and logs in this Region",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.RETAIN,
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{region}.amazonaws.com")],
            actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            resources=["*"],  # in a key policy, "*" means this key
            conditions={
                "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{names.account}:log-group:*"}
            },
        )
    )
    return key

"""`ticketing-service`: all that one Region needs to serve, and nothing that is in the other."""

from __future__ import annotations

from aws_cdk import App, RemovalPolicy, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from leeward.infra.workloads.ticketing import alarms
from leeward.infra.workloads.ticketing.bucket import PageBucket
from leeward.infra.workloads.ticketing.domains import Domains
from leeward.infra.workloads.ticketing.functions import Functions
from leeward.infra.workloads.ticketing.gateway import Gateway
from leeward.infra.workloads.ticketing.identity import Identity
from leeward.infra.workloads.ticketing.names import Names


class ServiceStack(Stack):
    """One Region's service."""

    def __init__(self, app: App, names: Names, region: str) -> None:
        super().__init__(
            app,
            f"ticketing-service-{region}",
            stack_name="ticketing-service",
            description=f"Ticketing: what {region} serves with",
            env=names.environment(region),
            termination_protection=True,
        )
        key = _key(self, names, region)
        functions = Functions(self, "functions", names=names, region=region, key=key)
        gateway = Gateway(self, "gateway", names=names, function=functions.api, key=key)
        Domains(self, "domains", names=names, region=region, api=gateway.api)
        Identity(self, "identity", names=names, region=region)
        PageBucket(self, "page", names=names, region=region)
        alarms.add(self, names)


def _key(scope: Stack, names: Names, region: str) -> kms.Key:
    key = kms.Key(
        scope,
        "key",
        alias=names.key_alias(),
        description="Ticketing: the tickets and logs of this Region",
        enable_key_rotation=True,
        removal_policy=RemovalPolicy.RETAIN,
    )
    key.add_to_resource_policy(
        iam.PolicyStatement(
            principals=[iam.ServicePrincipal(f"logs.{region}.amazonaws.com")],
            actions=["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"],
            resources=["*"],  # of a key's own policy: this key
            conditions={
                "ArnLike": {"kms:EncryptionContext:aws:logs:arn": f"arn:aws:logs:{region}:{names.account}:log-group:*"}
            },
        )
    )
    return key

"""The AWS clients that the checks use. All calls are reads, so botocore's retries stay on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leeward.common.aws.clients import client
from leeward.common.aws.tables.state_table import StateTable

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_route53 import Route53Client

# Route 53's control plane. Readiness may depend on it, unlike a failover.
_GLOBAL_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class CheckClients:
    """AWS clients. `region` is the runbook's target Region, `topic` the ARN of the application's SNS topic."""

    region: str
    table_name: str
    topic: str
    now: datetime

    @property
    def drs(self) -> DrsClient:
        drs: DrsClient = client("drs", self.region)
        return drs

    @property
    def ec2(self) -> EC2Client:
        ec2: EC2Client = client("ec2", self.region)
        return ec2

    def elbv2(self, region: str) -> ElasticLoadBalancingv2Client:
        elbv2: ElasticLoadBalancingv2Client = client("elbv2", region)
        return elbv2

    @property
    def route53(self) -> Route53Client:
        route53: Route53Client = client("route53", _GLOBAL_REGION)
        return route53

    def client(self, service: str, region: str | None = None) -> Any:
        """Return a client for any other service. It is untyped. `region` defaults to the target Region."""
        return client(service, region or self.region)

    @property
    def table(self) -> StateTable:
        return StateTable(client("dynamodb", self.region), self.table_name)

    def table_in(self, region: str) -> StateTable:
        return StateTable(client("dynamodb", region), self.table_name)

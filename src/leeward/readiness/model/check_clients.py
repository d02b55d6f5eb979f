"""The clients that the checks look through. They read; each look is cheap to repeat, so botocore's retries stay on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from leeward.common.aws.clients import client
from leeward.common.aws.state_table import StateTable

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_route53 import Route53Client

# Route 53 answers for all Regions in this one. Readiness may ask a control plane: it is no failover.
_GLOBAL_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class CheckClients:
    """The account, from the Region that the runbook enters. `table_name` and `topic` are the application's own."""

    region: str
    table_name: str
    topic: str
    now: datetime

    @property
    def drs(self) -> DrsClient:
        made: DrsClient = client("drs", self.region)
        return made

    @property
    def ec2(self) -> EC2Client:
        made: EC2Client = client("ec2", self.region)
        return made

    def elbv2(self, region: str) -> ElasticLoadBalancingv2Client:
        made: ElasticLoadBalancingv2Client = client("elbv2", region)
        return made

    @property
    def route53(self) -> Route53Client:
        made: Route53Client = client("route53", _GLOBAL_REGION)
        return made

    def client(self, service: str, region: str | None = None) -> Any:
        """Any other client: boto3 makes them at run time."""
        return client(service, region or self.region)

    @property
    def table(self) -> StateTable:
        return StateTable(client("dynamodb", self.region), self.table_name)

    def table_in(self, region: str) -> StateTable:
        return StateTable(client("dynamodb", region), self.table_name)

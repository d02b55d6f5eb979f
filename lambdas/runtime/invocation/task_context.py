"""What a task works with: its environment, its clients (made when they are first used) and its journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from leeward.common.aws.clients import client
from leeward.common.aws.state_table import StateTable
from leeward.control.journal.run_journal import Journal
from leeward.lambdas.runtime.invocation.environment import TaskEnvironment
from leeward.traffic.checks.canary_sign_in import SecretsClient, UserPoolsClient
from leeward.traffic.checks.error_rates import MetricDataClient

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_stepfunctions import SFNClient

# Route 53 is one service for all Regions, and its control plane answers in this one.
_ROUTE53_REGION = "us-east-1"


@dataclass(frozen=True)
class RegionClients:
    """The clients of one Region. Most tasks work in the function's own, the target; a few in the origin too."""

    region: str

    @property
    def drs(self) -> DrsClient:
        made: DrsClient = client("drs", self.region)
        return made

    @property
    def drs_no_retry(self) -> DrsClient:
        """For calls that are not idempotent, or that are not to be waited for long."""
        made: DrsClient = client("drs", self.region, allow_retries=False)
        return made

    @property
    def ec2(self) -> EC2Client:
        made: EC2Client = client("ec2", self.region)
        return made

    @property
    def elbv2(self) -> ElasticLoadBalancingv2Client:
        made: ElasticLoadBalancingv2Client = client("elbv2", self.region)
        return made

    @property
    def dynamodb(self) -> DynamoDBClient:
        made: DynamoDBClient = client("dynamodb", self.region)
        return made

    @property
    def dynamodb_no_retry(self) -> DynamoDBClient:
        """For a Region that may not answer: a look sends once, and the next look is the retry."""
        made: DynamoDBClient = client("dynamodb", self.region, allow_retries=False)
        return made


@dataclass(frozen=True)
class TaskContext:
    """One invocation's tools. What has no Region of its own here is in the function's, the target."""

    environment: TaskEnvironment
    request_id: str
    _journals: dict[str, Journal] = field(default_factory=dict, repr=False)

    @property
    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    @property
    def region(self) -> str:
        return self.environment.region

    @cached_property
    def table(self) -> StateTable:
        return StateTable(client("dynamodb", self.region), self.environment.table)

    def table_in(self, region: str) -> StateTable:
        """Another Region's table; the function's own where it is the same."""
        return self.table if region == self.region else StateTable(client("dynamodb", region), self.environment.table)

    def journal(self, run_id: str) -> Journal:
        """The run's journal, written by this request; one for the whole request, since it numbers its entries."""
        if run_id not in self._journals:
            self._journals[run_id] = Journal(self.table, run_id, self.request_id)
        return self._journals[run_id]

    def clients(self, region: str | None = None) -> RegionClients:
        """The clients of a Region: the function's own where none is named."""
        return RegionClients(region or self.region)

    @property
    def route53(self) -> Route53Client:
        made: Route53Client = client("route53", _ROUTE53_REGION)
        return made

    def cloudwatch_in(self, region: str) -> MetricDataClient:
        """Of a Region."""
        made: MetricDataClient = client("cloudwatch", region)
        return made

    @property
    def secrets(self) -> SecretsClient:
        made: SecretsClient = client("secretsmanager", self.region)
        return made

    @property
    def user_pools(self) -> UserPoolsClient:
        made: UserPoolsClient = client("cognito-idp", self.region)
        return made

    @property
    def sns(self) -> SNSClient:
        made: SNSClient = client("sns", self.region)
        return made

    @property
    def step_functions(self) -> SFNClient:
        made: SFNClient = client("stepfunctions", self.region)
        return made

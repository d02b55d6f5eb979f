"""The context of a task: its environment, its AWS clients (created on first use), its table, and its journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from leeward.common.aws.clients import client
from leeward.common.aws.signal_clients import signal_client
from leeward.common.aws.tables.state_table import StateTable
from leeward.common.aws.tables.write_fence import RunFence
from leeward.control.journal.run_journal import Journal
from leeward.control.locking import application_lock
from leeward.control.notifications.domain_events import EventsClient
from leeward.control.run.run_reference import RunRef
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

# Route 53 is a global service, and its control plane is in this Region.
_ROUTE53_REGION = "us-east-1"


@dataclass(frozen=True)
class RegionClients:
    """The clients of one Region. Most tasks use only the function's Region, the target. A few use the origin too."""

    region: str

    @property
    def drs(self) -> DrsClient:
        drs: DrsClient = client("drs", self.region)
        return drs

    @property
    def drs_no_retry(self) -> DrsClient:
        """A client without retries, for calls that are not idempotent or must not take long."""
        drs: DrsClient = client("drs", self.region, allow_retries=False)
        return drs

    @property
    def ec2(self) -> EC2Client:
        ec2: EC2Client = client("ec2", self.region)
        return ec2

    @property
    def elbv2(self) -> ElasticLoadBalancingv2Client:
        elbv2: ElasticLoadBalancingv2Client = client("elbv2", self.region)
        return elbv2

    @property
    def dynamodb(self) -> DynamoDBClient:
        dynamodb: DynamoDBClient = client("dynamodb", self.region)
        return dynamodb

    @property
    def dynamodb_no_retry(self) -> DynamoDBClient:
        """A client without retries, for a Region that may not respond. The next poll is the retry."""
        dynamodb: DynamoDBClient = client("dynamodb", self.region, allow_retries=False)
        return dynamodb


@dataclass(frozen=True)
class TaskContext:
    """The tools of one invocation. Clients without a Region argument use the function's Region, which is the target.

    `run` is the run that the task belongs to, if any, and `head` the last entry of its journal that the caller knew.
    """

    environment: TaskEnvironment
    request_id: str
    run: RunRef | None = None
    head: str | None = None
    _journals: dict[str, Journal] = field(default_factory=dict, repr=False)

    @property
    def now(self) -> datetime:
        """Return the current time in UTC."""
        return datetime.now(UTC)

    @property
    def region(self) -> str:
        return self.environment.region

    @cached_property
    def table(self) -> StateTable:
        return StateTable(client("dynamodb", self.region), self.environment.table)

    def table_in(self, region: str) -> StateTable:
        """Return the state table of a Region."""
        return self.table if region == self.region else StateTable(client("dynamodb", region), self.environment.table)

    def journal(self, run_id: str) -> Journal:
        """Return the run's journal. One instance serves the whole request, because it numbers the entries."""
        if run_id not in self._journals:
            is_own = self.run is not None and self.run.id == run_id
            self._journals[run_id] = Journal(
                self.table,
                run_id,
                self.request_id,
                head=self.head if is_own else None,
                fence=self.lock_fence if is_own else None,
            )
        return self._journals[run_id]

    @cached_property
    def lock_fence(self) -> RunFence | None:
        """Return the fence that keeps a run without the lock from acting, or None outside of runs."""
        return None if self.run is None else application_lock.lock_fence(self.table, self.run)

    def clients(self, region: str | None = None) -> RegionClients:
        """Return the clients of a Region. The default is the function's Region."""
        return RegionClients(region or self.region)

    @property
    def route53(self) -> Route53Client:
        route53: Route53Client = client("route53", _ROUTE53_REGION)
        return route53

    def cloudwatch_in(self, region: str) -> MetricDataClient:
        """Return a CloudWatch client of a Region."""
        cloudwatch: MetricDataClient = client("cloudwatch", region)
        return cloudwatch

    @property
    def secrets(self) -> SecretsClient:
        secrets: SecretsClient = client("secretsmanager", self.region)
        return secrets

    @property
    def user_pools(self) -> UserPoolsClient:
        user_pools: UserPoolsClient = client("cognito-idp", self.region)
        return user_pools

    @property
    def sns(self) -> SNSClient:
        """A client that gives up within seconds. One retry, because a question's message may be the run's last."""
        sns: SNSClient = signal_client("sns", self.region, attempts=2)
        return sns

    @property
    def events(self) -> EventsClient:
        """A client that gives up within seconds."""
        events: EventsClient = signal_client("events", self.region)
        return events

    @property
    def step_functions(self) -> SFNClient:
        step_functions: SFNClient = client("stepfunctions", self.region)
        return step_functions

"""The service's functions in a Region: the API, the heartbeat on its schedule, and conflicts on the table's stream."""

from __future__ import annotations

from collections.abc import Sequence

from aws_cdk import Acknowledgment, CfnCondition, CfnParameter, Duration, Fn, RemovalPolicy, Validations
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from leeward.infra.constructs.task_functions import lambda_runtime, to_retention_days
from leeward.infra.packaging import LAMBDA_TARGET
from workloads.ticketing.infra.configuration import function_assets
from workloads.ticketing.infra.configuration.resource_names import TicketingNames
from workloads.ticketing.table_schema import INDEXES, STREAM_FILTER

# The API's client times out after about 6 seconds, and API Gateway after 29.
_TIMEOUT_SECONDS, _MEMORY_MB = 15, 1024
_HEARTBEAT_SECONDS = 60
_XRAY_REASON = "X-Ray actions do not support resource-level permissions"


class TicketingFunctions(Construct):
    """The three functions. Each role allows only what its function does, on this Region's replica of the table."""

    def __init__(self, scope: Construct, name: str, *, names: TicketingNames, region: str, key: kms.IKey) -> None:
        super().__init__(scope, name)
        self._names, self._region, self._key = names, region, key
        self._code = lambda_.Code.from_asset(str(function_assets.build_code_archive()))
        self._layer = lambda_.LayerVersion(
            self,
            "packages",
            code=lambda_.Code.from_asset(str(function_assets.build_layer())),
            compatible_runtimes=[lambda_runtime()],
            compatible_architectures=[lambda_.Architecture.ARM_64],
            description="The ticketing service's dependencies at their locked versions",
        )
        self._identity = CfnParameter(
            self,
            "Identity",
            default='{"issuers":[]}',
            description="The issuers, app clients, and public keys of BOTH Regions' pools: "
            "python -m workloads.ticketing.trusted_issuers",
        )
        self._identity.override_logical_id("Identity")
        self._table = f"arn:aws:dynamodb:{region}:{names.account}:table/{names.table}"
        items = [self._table, *(f"{self._table}/index/{index}" for index in INDEXES)]
        self.api = self._create_function(
            "api",
            names.api.function,
            "handler",
            [_allow_dynamodb(items, "GetItem", "PutItem", "Query", "ConditionCheckItem")],
        )
        self.heartbeat = self._create_function(
            "heartbeat", "ticketing-heartbeat", "heartbeat", [_allow_dynamodb([self._table], "PutItem")]
        )
        self.conflicts = self._create_function(
            "conflicts", "ticketing-conflicts", "conflicts", [_allow_dynamodb([self._table], "PutItem")]
        )
        self._schedule_heartbeat()
        self._subscribe_to_stream()

    def _create_function(
        self, name: str, function: str, module: str, statements: Sequence[iam.PolicyStatement]
    ) -> lambda_.Function:
        scope = Construct(self, name)
        log = logs.LogGroup(
            scope,
            "log",
            log_group_name=f"/aws/lambda/{function}",
            encryption_key=self._key,
            retention=to_retention_days(self._names.plan.environment.log_days),
            removal_policy=RemovalPolicy.DESTROY,
        )
        role = iam.Role(
            scope,
            "role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=f"{function}: only the permissions that it needs",
            inline_policies={
                "own": iam.PolicyDocument(
                    statements=[
                        *statements,
                        iam.PolicyStatement(
                            actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[self._key.key_arn]
                        ),
                    ]
                )
            },
        )
        created = lambda_.Function(
            scope,
            "function",
            function_name=function,
            description=f"Ticketing: {module}",
            runtime=lambda_runtime(),
            architecture=lambda_.Architecture.ARM_64,
            handler=f"workloads.ticketing.api.{module}.handler",
            code=self._code,
            layers=[self._layer],
            role=role,
            timeout=Duration.seconds(_TIMEOUT_SECONDS),
            memory_size=_MEMORY_MB,
            environment=self._build_environment(),
            environment_encryption=self._key,
            tracing=lambda_.Tracing.ACTIVE,
            log_group=log,
        )
        Validations.of(scope).acknowledge(
            Acknowledgment(
                id="AwsSolutions-L1", reason=f"Python {LAMBDA_TARGET.python}: raised with locks/ticketing.txt"
            ),
            Acknowledgment(id="AwsSolutions-IAM5[Resource::*]", reason=_XRAY_REASON),
        )
        return created

    def _build_environment(self) -> dict[str, str]:
        return {
            "TABLE_NAME": self._names.table,
            "PEER_REGION": self._names.other_region(self._region),
            "ALLOWED_ORIGINS": f"https://{self._names.page_domain}",
            "IDENTITY": self._identity.value_as_string,
            "VERSION": function_assets.code_version(),
            "HEARTBEAT_SECONDS": str(_HEARTBEAT_SECONDS),
            "POWERTOOLS_LOG_LEVEL": "INFO",
        }

    def _schedule_heartbeat(self) -> None:
        events.Rule(
            self,
            "beat",
            rule_name="ticketing-heartbeat",
            description="Writes the heartbeat by which the other Region monitors replication",
            schedule=events.Schedule.rate(Duration.seconds(_HEARTBEAT_SECONDS)),
            targets=[targets.LambdaFunction(self.heartbeat, retry_attempts=0)],
        )

    def _subscribe_to_stream(self) -> None:
        """Invoke `conflicts` for the table's stream. Its ARN is a parameter, because it is known only after the table
        exists.
        """
        stream = CfnParameter(
            self,
            "Stream",
            default="",
            description="The ARN of the stream of this Region's replica. Empty until the table exists",
        )
        stream.override_logical_id("Stream")

        has_stream = CfnCondition(self, "StreamIsThere", expression=Fn.condition_not(Fn.condition_equals(stream, "")))
        undelivered = sqs.Queue(
            self,
            "undelivered",
            queue_name="ticketing-conflicts-undelivered",
            encryption=sqs.QueueEncryption.SQS_MANAGED,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        Validations.of(undelivered).acknowledge(
            Acknowledgment(id="AwsSolutions-SQS3", reason="This queue is itself a dead-letter queue")
        )
        undelivered.grant_send_messages(self.conflicts)
        self.conflicts.add_to_role_policy(
            _allow_dynamodb(
                [f"{self._table}/stream/*"], "DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"
            )
        )
        Validations.of(self.conflicts.role).acknowledge(
            Acknowledgment(
                id=f"AwsSolutions-IAM5[Resource::{self._table}/stream/*]",
                reason="A stream's name is its creation time. Limited to this table's streams",
            )
        )
        source = lambda_.CfnEventSourceMapping(
            self,
            "stream",
            function_name=self.conflicts.function_name,
            event_source_arn=stream.value_as_string,
            starting_position="TRIM_HORIZON",
            batch_size=100,
            filter_criteria=lambda_.CfnEventSourceMapping.FilterCriteriaProperty(
                filters=[lambda_.CfnEventSourceMapping.FilterProperty(pattern=STREAM_FILTER)]
            ),
            bisect_batch_on_function_error=True,
            maximum_retry_attempts=10,
            destination_config=lambda_.CfnEventSourceMapping.DestinationConfigProperty(
                on_failure=lambda_.CfnEventSourceMapping.OnFailureProperty(destination=undelivered.queue_arn)
            ),
        )
        source.cfn_options.condition = has_stream


def _allow_dynamodb(resources: Sequence[str], *actions: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=[f"dynamodb:{action}" for action in actions], resources=list(resources))

"""The resources of each AWS call, and the IAM action where its name differs from the operation's.

Source: the service authorization reference. A test compares each resource type with a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

Parameters: TypeAlias = Mapping[str, Any]
Tags: TypeAlias = Mapping[str, str]
# Calls that are sent without a signature, and GetCallerIdentity, which no policy can deny (STS API reference).
FREE_ACTIONS = frozenset({"cognito-idp:InitiateAuth", "sts:GetCallerIdentity"})


@dataclass(frozen=True, slots=True)
class CallLocation:
    """The Region and account of a call."""

    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


ArnResolver: TypeAlias = Callable[[Parameters, CallLocation], Sequence[str]]


@dataclass(frozen=True, slots=True)
class ActionRule:
    """The rule for one action: its resource type, as AWS names it (None if it has none), and a call's resources."""

    kind: str | None
    arns: ArnResolver
    action: str | None = None
    """The IAM action, if it differs from the operation."""


def _any_resource() -> ActionRule:
    return ActionRule(None, lambda _parameters, _location: ("*",))


def _arn_from_parameter(kind: str, *names: str) -> ActionRule:
    """Return the rule for a call whose parameter is an ARN, or a list of ARNs: the first of `names` that is present.

    Without any of them, the call concerns all resources.
    """

    def arns(parameters: Parameters, _location: CallLocation) -> Sequence[str]:
        value = next((parameters[name] for name in names if name in parameters), "*")
        return [str(each) for each in value] if isinstance(value, list) else [str(value)]

    return ActionRule(kind, arns)


def _arn_from_id(
    kind: str, service: str, template: str, name: str, nested_name: str | None = None, *, action: str | None = None
) -> ActionRule:
    """Return the rule for a call with a parameter `name` that is an ID, an ARN, or a list of them.

    `template` builds the resource part of the ARN. With `nested_name`, the list contains mappings with that key.
    Without the parameter, the call concerns all resources.
    """

    def arns(parameters: Parameters, location: CallLocation) -> Sequence[str]:
        if name not in parameters:
            return ("*",)
        value = parameters[name]
        ids = [each[nested_name] if nested_name else each for each in value] if isinstance(value, list) else [value]
        return [each if str(each).startswith("arn:") else location.arn(service, template.format(each)) for each in ids]

    return ActionRule(kind, arns, action)


def _batch_tables() -> ActionRule:
    return ActionRule(
        "table",
        lambda parameters, location: [
            location.arn("dynamodb", f"table/{n}") for n in sorted(parameters["RequestItems"])
        ],
    )


def _route53_resource(name: str) -> ActionRule:
    def arns(parameters: Parameters, _location: CallLocation) -> Sequence[str]:
        resource_id = str(parameters["Id" if name == "change" else "HostedZoneId"]).rpartition("/")[2]
        return [f"arn:aws:route53:::{name}/{resource_id}"]

    return ActionRule(name, arns)


def _apigateway_path(kind: str, path: str) -> ActionRule:
    """API Gateway's permissions are HTTP methods on paths (API Gateway, "Control access with IAM permissions")."""

    def arns(parameters: Parameters, location: CallLocation) -> Sequence[str]:
        return [f"arn:aws:apigateway:{location.region}::{path.format(**parameters)}"]

    return ActionRule(kind, arns, "apigateway:GET")


def _s3(kind: str, action: str | None = None) -> ActionRule:
    """Return the rule for a call on an object or a bucket. Their ARNs contain no Region and no account."""

    def arns(parameters: Parameters, _location: CallLocation) -> Sequence[str]:
        path = f"/{parameters['Key']}" if kind == "object" else ""
        return [f"arn:aws:s3:::{parameters['Bucket']}{path}"]

    return ActionRule(kind, arns, action)


def _distribution() -> ActionRule:
    """Return the rule for a call on a CloudFront distribution, whose ARN contains no Region."""
    return ActionRule(
        "distribution",
        lambda parameters, location: [
            f"arn:aws:cloudfront::{location.account}:distribution/{parameters['DistributionId']}"
        ],
    )


def _queue() -> ActionRule:
    def arns(parameters: Parameters, location: CallLocation) -> Sequence[str]:
        return [location.arn("sqs", str(parameters["QueueUrl"]).rpartition("/")[2])]

    return ActionRule("queue", arns)


def _source_server(name: str = "sourceServerID", nested_name: str | None = None) -> ActionRule:
    return _arn_from_id("SourceServerResource", "drs", "source-server/{}", name, nested_name)


def _recovery_instance(name: str = "recoveryInstanceID") -> ActionRule:
    return _arn_from_id("RecoveryInstanceResource", "drs", "recovery-instance/{}", name)


_FUNCTION = _arn_from_id("function", "lambda", "function:{}", "FunctionName")
_TABLE = _arn_from_id("table", "dynamodb", "table/{}", "TableName")
_PLAN = _arn_from_parameter("RecoveryPlanResource", "recoveryPlanArn")
_EXECUTION = _arn_from_parameter(
    "RecoveryPlanExecutionResource", "recoveryPlanExecutionArn", "recoveryPlanExecutionStepArn"
)
_INSTANCE = _arn_from_id("instance", "ec2", "instance/{}", "InstanceId")
_DATABASE = _arn_from_id("db", "rds", "db:{}", "DBInstanceIdentifier")
_TARGETS = _arn_from_parameter("targetgroup", "TargetGroupArn")
_MACHINE = _arn_from_parameter("statemachine", "stateMachineArn")
_UNSCOPED_ACTIONS = (
    "ec2:DescribeInstanceTypeOfferings", "ec2:DescribeInstanceTypes", "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancers", "lambda:ListFunctions", "route53:ListHealthChecks",
    "route53:ListHostedZones",
)  # fmt: skip
ACTION_RULES: dict[str, ActionRule] = {
    **dict.fromkeys(_UNSCOPED_ACTIONS, _any_resource()),
    "apigateway:GetBasePathMappings": _apigateway_path(
        "BasePathMappings", "/domainnames/{domainName}/basepathmappings"
    ),
    "apigateway:GetDomainName": _apigateway_path("DomainName", "/domainnames/{domainName}"),
    "apigateway:GetStage": _apigateway_path("Stage", "/restapis/{restApiId}/stages/{stageName}"),
    "acm:DescribeCertificate": _arn_from_parameter("certificate", "CertificateArn"),
    "servicequotas:GetServiceQuota": ActionRule(
        "quota",
        lambda parameters, location: [
            location.arn("servicequotas", f"{parameters['ServiceCode']}/{parameters['QuotaCode']}")
        ],
    ),
    "sns:ListSubscriptionsByTopic": _arn_from_parameter("topic", "TopicArn"),
    "states:DescribeStateMachine": _MACHINE,
    "cloudfront:CreateInvalidation": _distribution(),
    "cloudwatch:GetMetricData": _any_resource(),
    "cloudwatch:GetMetricStatistics": _any_resource(),
    "cloudwatch:PutMetricData": _any_resource(),
    "iam:SimulatePrincipalPolicy": _arn_from_parameter("role", "PolicySourceArn"),
    "lambda:GetFunctionConcurrency": _FUNCTION,
    "lambda:GetFunctionConfiguration": _FUNCTION,
    "lambda:Invoke": _arn_from_id("function", "lambda", "function:{}", "FunctionName", action="lambda:InvokeFunction"),
    "rds:DescribeDBInstances": _DATABASE,
    "rds:PromoteReadReplica": _DATABASE,
    "secretsmanager:DescribeSecret": _arn_from_id("Secret", "secretsmanager", "secret:{}-AbCdEf", "SecretId"),
    "drs:DeleteRecoveryInstance": _recovery_instance(),
    "drs:DeleteSourceServer": _source_server(),
    "drs:DescribeJobLogItems": _arn_from_id("JobResource", "drs", "job/{}", "jobID"),
    "drs:DescribeJobs": _any_resource(),
    "drs:DescribeRecoveryInstances": _any_resource(),
    "drs:DescribeRecoverySnapshots": _source_server(),
    "drs:DescribeSourceServers": _any_resource(),
    "drs:DisconnectSourceServer": _source_server(),
    "drs:GetLaunchConfiguration": _source_server(),
    "drs:GetRecoveryPlanExecution": _EXECUTION,
    "drs:GetRecoveryPlanExecutionStep": _EXECUTION,
    "drs:ListRecoveryPlanExecutionSteps": _EXECUTION,
    "drs:ListRecoveryPlanExecutions": _PLAN,
    "drs:ListRecoveryPlanSteps": _PLAN,
    "drs:ListRecoveryPlans": _any_resource(),
    "drs:RetryRecoveryPlanExecutionStep": _EXECUTION,
    "drs:ReverseReplication": _recovery_instance(),
    "drs:StartRecovery": _source_server("sourceServers", "sourceServerID"),
    "drs:StartRecoveryPlanExecution": _PLAN,
    "drs:StopReplication": _source_server(),
    "drs:TagResource": _arn_from_parameter("SourceServerResource", "resourceArn"),
    "drs:TerminateRecoveryInstances": _recovery_instance("recoveryInstanceIDs"),
    "drs:UpdateLaunchConfiguration": _source_server(),
    "dynamodb:BatchGetItem": _batch_tables(),
    "dynamodb:BatchWriteItem": _batch_tables(),
    "dynamodb:DeleteItem": _TABLE,
    "dynamodb:DescribeContinuousBackups": _TABLE,
    "dynamodb:DescribeTable": _TABLE,
    "dynamodb:GetItem": _TABLE,
    "dynamodb:PutItem": _TABLE,
    "dynamodb:ConditionCheckItem": _TABLE,
    "dynamodb:Query": _TABLE,
    "dynamodb:Scan": _TABLE,
    "dynamodb:UpdateItem": _TABLE,
    "ec2:DescribeInstanceAttribute": _INSTANCE,
    "ec2:DescribeInstanceStatus": _any_resource(),
    "ec2:DescribeInstances": _any_resource(),
    "ec2:ModifyInstanceAttribute": _INSTANCE,
    "ec2:TerminateInstances": _arn_from_id("instance", "ec2", "instance/{}", "InstanceIds"),
    "elasticloadbalancing:DeregisterTargets": _TARGETS,
    "elasticloadbalancing:DescribeTargetGroups": _any_resource(),
    "elasticloadbalancing:DescribeTargetHealth": _any_resource(),
    "elasticloadbalancing:RegisterTargets": _TARGETS,
    "events:PutEvents": ActionRule(
        "event-bus",
        lambda parameters, location: sorted(
            {
                location.arn("events", f"event-bus/{each.get('EventBusName', 'default')}")
                for each in parameters["Entries"]
            }
        ),
    ),
    "route53-recovery-cluster:GetRoutingControlState": _arn_from_parameter("routingcontrol", "RoutingControlArn"),
    "route53-recovery-cluster:UpdateRoutingControlStates": ActionRule(
        "routingcontrol",
        lambda parameters, _location: [
            each["RoutingControlArn"] for each in parameters["UpdateRoutingControlStateEntries"]
        ],
    ),
    "route53:ChangeResourceRecordSets": _route53_resource("hostedzone"),
    "route53:GetChange": _route53_resource("change"),
    "route53:ListResourceRecordSets": _route53_resource("hostedzone"),
    "s3:DeleteObject": _s3("object"),
    "s3:GetObject": _s3("object"),
    "s3:HeadBucket": _s3("bucket", "s3:ListBucket"),
    "s3:HeadObject": _s3("object", "s3:GetObject"),
    "s3:ListObjectsV2": _s3("bucket", "s3:ListBucket"),
    "s3:PutObject": _s3("object"),
    "secretsmanager:GetSecretValue": _arn_from_id("Secret", "secretsmanager", "secret:{}-AbCdEf", "SecretId"),
    "sns:GetTopicAttributes": _arn_from_parameter("topic", "TopicArn"),
    "sqs:SendMessage": _queue(),
    "sns:Publish": _arn_from_parameter("topic", "TopicArn"),
    "states:DescribeExecution": _arn_from_parameter("execution", "executionArn"),
    "states:GetExecutionHistory": _arn_from_parameter("execution", "executionArn"),
    "states:ListExecutions": _MACHINE,
    "states:RedriveExecution": _arn_from_parameter("execution", "executionArn"),
    "states:StopExecution": _arn_from_parameter("execution", "executionArn"),
    "states:SendTaskFailure": _any_resource(),
    "states:SendTaskSuccess": _any_resource(),
    "states:StartExecution": _MACHINE,
}

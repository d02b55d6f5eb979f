"""What a call asks permission for: the action, the resources, and the keys that conditions may ask for.

Source: the service authorization reference; a test holds each resource type against a copy of it. A call that is not in
this table is not judged by guess: CannotJudge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from leeward.twin.policies.conditions import CannotJudge
from leeward.twin.policies.document import Request
from leeward.twin.wire.operations import PREFIXES

Parameters: TypeAlias = Mapping[str, Any]
Tags: TypeAlias = Mapping[str, str]
# Sent without a signature: nobody's permission is asked.
UNSIGNED = frozenset({"cognito-idp:InitiateAuth"})


@dataclass(frozen=True, slots=True)
class Place:
    """In which Region of which account."""

    region: str
    account: str

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


Arns: TypeAlias = Callable[[Parameters, Place], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Rule:
    """Of one action: the resource type by AWS's name (None: it knows none), and the resources of a call."""

    kind: str | None
    arns: Arns
    action: str | None = None
    """IAM's own name for it, where that is not the operation's."""


def _none() -> Rule:
    return Rule(None, lambda _given, _place: ("*",))


def _given(kind: str, *names: str) -> Rule:
    """The parameter (the first that is there) is the ARN, or a list of them."""

    def arns(given: Parameters, _place: Place) -> Sequence[str]:
        value = next(given[name] for name in names if name in given)
        return [str(each) for each in value] if isinstance(value, list) else [str(value)]

    return Rule(kind, arns)


def _named(kind: str, service: str, form: str, name: str, inner: str | None = None) -> Rule:
    """The parameter `name` is an id or a list of ids (with `inner`: of mappings) of which `form` makes the ARN."""

    def arns(given: Parameters, place: Place) -> Sequence[str]:
        value = given[name]
        ids = [each[inner] if inner else each for each in value] if isinstance(value, list) else [value]
        return [each if str(each).startswith("arn:") else place.arn(service, form.format(each)) for each in ids]

    return Rule(kind, arns)


def _tables() -> Rule:
    return Rule(
        "table", lambda given, place: [place.arn("dynamodb", f"table/{n}") for n in sorted(given["RequestItems"])]
    )


def _zone(name: str) -> Rule:
    def arns(given: Parameters, _place: Place) -> Sequence[str]:
        return [
            f"arn:aws:route53:::{name}/{str(given['Id' if name == 'change' else 'HostedZoneId']).rpartition('/')[2]}"
        ]

    return Rule(name, arns)


def _gateway(kind: str, path: str) -> Rule:
    """API Gateway's permissions are HTTP's verbs on paths (API Gateway, "Control access with IAM permissions")."""

    def arns(given: Parameters, place: Place) -> Sequence[str]:
        return [f"arn:aws:apigateway:{place.region}::{path.format(**given)}"]

    return Rule(kind, arns, "apigateway:GET")


def _server(name: str = "sourceServerID", inner: str | None = None) -> Rule:
    return _named("SourceServerResource", "drs", "source-server/{}", name, inner)


def _recovered(name: str = "recoveryInstanceID") -> Rule:
    return _named("RecoveryInstanceResource", "drs", "recovery-instance/{}", name)


_FUNCTION = _named("function", "lambda", "function:{}", "FunctionName")
_TABLE = _named("table", "dynamodb", "table/{}", "TableName")
_PLAN = _given("RecoveryPlanResource", "recoveryPlanArn")
_EXECUTION = _given("RecoveryPlanExecutionResource", "recoveryPlanExecutionArn", "recoveryPlanExecutionStepArn")
_INSTANCE = _named("instance", "ec2", "instance/{}", "InstanceId")
_TARGETS = _given("targetgroup", "TargetGroupArn")
_MACHINE = _given("statemachine", "stateMachineArn")
_LISTS = (
    "ec2:DescribeInstanceTypeOfferings", "ec2:DescribeInstanceTypes", "ec2:DescribeLaunchTemplateVersions",
    "ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "elasticloadbalancing:DescribeListeners",
    "elasticloadbalancing:DescribeLoadBalancers", "lambda:ListFunctions", "route53:ListHealthChecks",
    "route53:ListHostedZones",
)  # fmt: skip
RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_LISTS, _none()),
    "apigateway:GetBasePathMappings": _gateway("BasePathMappings", "/domainnames/{domainName}/basepathmappings"),
    "apigateway:GetDomainName": _gateway("DomainName", "/domainnames/{domainName}"),
    "apigateway:GetStage": _gateway("Stage", "/restapis/{restApiId}/stages/{stageName}"),
    "acm:DescribeCertificate": _given("certificate", "CertificateArn"),
    "servicequotas:GetServiceQuota": Rule(
        "quota", lambda given, place: [place.arn("servicequotas", f"{given['ServiceCode']}/{given['QuotaCode']}")]
    ),
    "sns:ListSubscriptionsByTopic": _given("topic", "TopicArn"),
    "states:DescribeStateMachine": _MACHINE,
    "cloudwatch:GetMetricData": _none(),
    "cloudwatch:GetMetricStatistics": _none(),
    "cloudwatch:PutMetricData": _none(),
    "iam:SimulatePrincipalPolicy": _given("role", "PolicySourceArn"),
    "lambda:GetFunctionConcurrency": _FUNCTION,
    "lambda:GetFunctionConfiguration": _FUNCTION,
    "secretsmanager:DescribeSecret": _named("Secret", "secretsmanager", "secret:{}-AbCdEf", "SecretId"),
    "drs:DeleteRecoveryInstance": _recovered(),
    "drs:DeleteSourceServer": _server(),
    "drs:DescribeJobLogItems": _named("JobResource", "drs", "job/{}", "jobID"),
    "drs:DescribeJobs": _none(),
    "drs:DescribeRecoveryInstances": _none(),
    "drs:DescribeRecoverySnapshots": _server(),
    "drs:DescribeSourceServers": _none(),
    "drs:DisconnectSourceServer": _server(),
    "drs:GetLaunchConfiguration": _server(),
    "drs:GetRecoveryPlanExecution": _EXECUTION,
    "drs:GetRecoveryPlanExecutionStep": _EXECUTION,
    "drs:ListRecoveryPlanExecutionSteps": _EXECUTION,
    "drs:ListRecoveryPlanExecutions": _PLAN,
    "drs:ListRecoveryPlanSteps": _PLAN,
    "drs:ListRecoveryPlans": _none(),
    "drs:RetryRecoveryPlanExecutionStep": _EXECUTION,
    "drs:ReverseReplication": _recovered(),
    "drs:StartRecovery": _server("sourceServers", "sourceServerID"),
    "drs:StartRecoveryPlanExecution": _PLAN,
    "drs:StopReplication": _server(),
    "drs:TagResource": _given("SourceServerResource", "resourceArn"),
    "drs:TerminateRecoveryInstances": _recovered("recoveryInstanceIDs"),
    "drs:UpdateLaunchConfiguration": _server(),
    "dynamodb:BatchGetItem": _tables(),
    "dynamodb:BatchWriteItem": _tables(),
    "dynamodb:DeleteItem": _TABLE,
    "dynamodb:DescribeContinuousBackups": _TABLE,
    "dynamodb:DescribeTable": _TABLE,
    "dynamodb:GetItem": _TABLE,
    "dynamodb:PutItem": _TABLE,
    "dynamodb:Query": _TABLE,
    "ec2:DescribeInstanceAttribute": _INSTANCE,
    "ec2:DescribeInstanceStatus": _none(),
    "ec2:DescribeInstances": _none(),
    "ec2:ModifyInstanceAttribute": _INSTANCE,
    "ec2:TerminateInstances": _named("instance", "ec2", "instance/{}", "InstanceIds"),
    "elasticloadbalancing:DeregisterTargets": _TARGETS,
    "elasticloadbalancing:DescribeTargetGroups": _none(),
    "elasticloadbalancing:DescribeTargetHealth": _none(),
    "elasticloadbalancing:RegisterTargets": _TARGETS,
    "events:PutEvents": Rule(
        "event-bus",
        lambda given, place: sorted(
            {place.arn("events", f"event-bus/{each.get('EventBusName', 'default')}") for each in given["Entries"]}
        ),
    ),
    "route53-recovery-cluster:GetRoutingControlState": _given("routingcontrol", "RoutingControlArn"),
    "route53-recovery-cluster:UpdateRoutingControlStates": Rule(
        "routingcontrol",
        lambda given, _place: [each["RoutingControlArn"] for each in given["UpdateRoutingControlStateEntries"]],
    ),
    "route53:ChangeResourceRecordSets": _zone("hostedzone"),
    "route53:GetChange": _zone("change"),
    "route53:ListResourceRecordSets": _zone("hostedzone"),
    "s3:PutObject": Rule("object", lambda given, _place: [f"arn:aws:s3:::{given['Bucket']}/{given['Key']}"]),
    "secretsmanager:GetSecretValue": _named("Secret", "secretsmanager", "secret:{}-AbCdEf", "SecretId"),
    "sns:GetTopicAttributes": _given("topic", "TopicArn"),
    "sns:Publish": _given("topic", "TopicArn"),
    "states:DescribeExecution": _given("execution", "executionArn"),
    "states:ListExecutions": _MACHINE,
    "states:SendTaskFailure": _none(),
    "states:SendTaskSuccess": _none(),
    "states:StartExecution": _MACHINE,
}


def action_of(service: str, operation: str) -> str:
    """`states:StartExecution` of boto3's `stepfunctions`."""
    return f"{PREFIXES.get(service, service)}:{operation}"


def requests(action: str, given: Parameters, place: Place, tags: Callable[[str], Tags | None]) -> Iterator[Request]:
    """One for each resource of the call, and one for the tags that are put on in the same moment. `tags` tells what a
    resource is tagged with, by its ARN. Raises CannotJudge."""
    rule = RULES.get(action)
    if rule is None:
        raise CannotJudge(
            f"which resource {action} is about is not known to the twin: add it to twin/policies/resources.py"
        )
    # What is asked about on the twin is all of one account.
    context: dict[str, Sequence[str]] = {
        "aws:requestedregion": [place.region],
        "aws:resourceaccount": [place.account],
    }
    put = given.get("tags")
    if isinstance(put, Mapping):
        context |= {f"aws:requesttag/{key}".lower(): [str(value)] for key, value in put.items()}
        context["aws:tagkeys"] = list(put)
    if "Namespace" in given and action.startswith("cloudwatch:"):
        context["cloudwatch:namespace"] = [str(given["Namespace"])]
    if "SafetyRulesToOverride" in given:
        context["route53-recovery-cluster:allowsafetyrulesoverrides"] = [
            str(bool(given["SafetyRulesToOverride"])).lower()
        ]
    if action == "events:PutEvents":
        context["events:source"] = [str(each.get("Source")) for each in given["Entries"]]
    keys = _leading_keys(given)
    if keys:
        context["dynamodb:leadingkeys"] = keys
    for arn in rule.arns(given, place):
        own = tags(arn) or {}
        yield Request(
            rule.action or action, arn, context | {f"aws:resourcetag/{key}".lower(): [own[key]] for key in own}
        )
    if put and action in ("drs:StartRecovery", "drs:StartRecoveryPlanExecution"):
        made = {**context, "drs:createaction": [action.partition(":")[2]]}
        yield Request("drs:TagResource", place.arn("drs", "job/drsjob-new"), made)


def _leading_keys(given: Parameters) -> list[str]:
    """The partition keys that a call of DynamoDB names."""
    items = [given[name] for name in ("Key", "Item") if name in given]
    for told in (given.get("RequestItems") or {}).values():
        if isinstance(told, Mapping):
            items += told.get("Keys", ())
        else:
            items += [put["PutRequest"]["Item"] for put in told if "PutRequest" in put]
            items += [gone["DeleteRequest"]["Key"] for gone in told if "DeleteRequest" in gone]
    found = [str(next(iter(item[key].values()))) for item in items for key in ("pk",) if key in item]
    values = given.get("ExpressionAttributeValues") or {}
    return found or [str(next(iter(value.values()))) for name, value in values.items() if name == ":pk"]

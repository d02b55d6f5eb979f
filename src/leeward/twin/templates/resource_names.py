"""Resolves `Ref` and `Fn::GetAtt` by resource type (CloudFormation's resource reference, "Return values")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from leeward.twin.errors import TwinError

Properties: TypeAlias = Mapping[str, Any]


class UnresolvableValue(TwinError):
    """A template value that the twin cannot determine. The message says which and where."""


@dataclass(frozen=True, slots=True)
class ResourceContext:
    """The stack and logical ID of a resource. `resolve` returns plain values for its properties."""

    stack: str
    region: str
    account: str
    logical_id: str
    resolve: Callable[[Any], Any]

    def choose_name(self, properties: Properties, key: str) -> str:
        """Return the name in the template, or a generated one that differs between Regions, as in CloudFormation."""
        return (
            str(self.resolve(properties[key])) if key in properties else f"{self.stack}-{self.logical_id}-{self.region}"
        )


def _arn_maker(service: str, resource: str, *, regional: bool = True) -> Callable[[ResourceContext, str], str]:
    def make(context: ResourceContext, name: str) -> str:
        return f"arn:aws:{service}:{context.region if regional else ''}:{context.account}:{resource.format(name)}"

    return make


# Type -> the property with its name, its ARN, and what Ref returns ("name", "arn", or "url").
_RESOURCE_TYPES: Mapping[str, tuple[str, Callable[[ResourceContext, str], str], str]] = {
    "AWS::CloudWatch::Alarm": ("AlarmName", _arn_maker("cloudwatch", "alarm:{}"), "name"),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmName", _arn_maker("cloudwatch", "alarm:{}"), "name"),
    "AWS::DynamoDB::GlobalTable": ("TableName", _arn_maker("dynamodb", "table/{}"), "name"),
    "AWS::DynamoDB::Table": ("TableName", _arn_maker("dynamodb", "table/{}"), "name"),
    "AWS::Events::ApiDestination": ("Name", _arn_maker("events", "api-destination/{}"), "name"),
    "AWS::Events::Connection": ("Name", _arn_maker("events", "connection/{}"), "name"),
    "AWS::Events::Rule": ("Name", _arn_maker("events", "rule/{}"), "name"),
    "AWS::IAM::Role": ("RoleName", _arn_maker("iam", "role/{}", regional=False), "name"),
    "AWS::KMS::Key": ("KeyId", _arn_maker("kms", "key/{}"), "name"),
    "AWS::Lambda::Function": ("FunctionName", _arn_maker("lambda", "function:{}"), "name"),
    "AWS::Logs::LogGroup": ("LogGroupName", _arn_maker("logs", "log-group:{}:*"), "name"),
    "AWS::S3::Bucket": ("BucketName", lambda _context, name: f"arn:aws:s3:::{name}", "name"),
    "AWS::SNS::Topic": ("TopicName", _arn_maker("sns", "{}"), "arn"),
    "AWS::SQS::Queue": ("QueueName", _arn_maker("sqs", "{}"), "url"),
    "AWS::Scheduler::Schedule": ("Name", _arn_maker("scheduler", "schedule/default/{}"), "name"),
    "AWS::Scheduler::ScheduleGroup": ("Name", _arn_maker("scheduler", "schedule-group/{}"), "name"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", _arn_maker("states", "stateMachine:{}"), "arn"),
}


def physical_name(kind: str, properties: Properties, context: ResourceContext) -> str:
    """Return the resource's physical name. Raises UnresolvableValue for an unknown type."""
    return context.choose_name(properties, _find_type(kind, context)[0])


def resource_arn(kind: str, properties: Properties, context: ResourceContext) -> str:
    """Return the resource's ARN. Raises UnresolvableValue."""
    if kind == "AWS::IAM::Role":  # the ARN contains the path
        path = context.resolve(properties.get("Path", "/"))
        return f"arn:aws:iam::{context.account}:role{path}{physical_name(kind, properties, context)}"
    return _find_type(kind, context)[1](context, physical_name(kind, properties, context))


def resolve_ref(kind: str, properties: Properties, context: ResourceContext) -> str:
    """Return the value of `Ref`. Raises UnresolvableValue."""
    if kind == "AWS::Lambda::Version":
        return f"{_function_arn(properties, context)}:1"
    if kind == "AWS::Lambda::Alias":
        return f"{_function_arn(properties, context)}:{context.resolve(properties['Name'])}"
    if kind == "AWS::Lambda::LayerVersion":
        return (
            f"arn:aws:lambda:{context.region}:{context.account}:layer:{context.choose_name(properties, 'LayerName')}:1"
        )
    form = _find_type(kind, context)[2]
    if form == "url":
        return (
            f"https://sqs.{context.region}.amazonaws.com/{context.account}/{physical_name(kind, properties, context)}"
        )
    return resource_arn(kind, properties, context) if form == "arn" else physical_name(kind, properties, context)


def resolve_attribute(kind: str, properties: Properties, context: ResourceContext, name: str) -> str:
    """Return the value of `Fn::GetAtt`. Raises UnresolvableValue."""
    if kind in ("AWS::Lambda::Version", "AWS::Lambda::Alias") and name.endswith("Arn"):
        return resolve_ref(kind, properties, context)
    if name in ("Arn", "TopicArn"):
        return resource_arn(kind, properties, context)
    if name in ("Name", "QueueName", "TopicName", "TableName"):
        return physical_name(kind, properties, context)
    raise UnresolvableValue(
        f"{context.stack}: Fn::GetAtt {context.logical_id}.{name} ({kind}) is not known to the twin"
    )


def _function_arn(properties: Properties, context: ResourceContext) -> str:
    function = str(context.resolve(properties["FunctionName"]))
    if function.startswith("arn:"):
        return function
    return f"arn:aws:lambda:{context.region}:{context.account}:function:{function}"


def _find_type(kind: str, context: ResourceContext) -> tuple[str, Callable[[ResourceContext, str], str], str]:
    resource_type = _RESOURCE_TYPES.get(kind)
    if resource_type is None:
        raise UnresolvableValue(
            f"{context.stack}: a reference to {context.logical_id} ({kind}) is not known to the twin"
        )
    return resource_type

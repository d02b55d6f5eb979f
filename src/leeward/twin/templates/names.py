"""What `Ref` and `Fn::GetAtt` of a resource are, by its type (CloudFormation's resource reference, "Return values")."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from leeward.twin.errors import TwinError

Properties: TypeAlias = Mapping[str, Any]


class Unresolvable(TwinError):
    """A template's value that the twin cannot know; the text says which and where."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource stands. `resolve` gives plain values for its own properties."""

    stack: str
    region: str
    account: str
    logical: str
    resolve: Callable[[Any], Any]

    def named(self, properties: Properties, key: str) -> str:
        """The name that the template gives, or one as CloudFormation makes it: different in each Region."""
        return str(self.resolve(properties[key])) if key in properties else f"{self.stack}-{self.logical}-{self.region}"


def _arn(service: str, resource: str, *, regional: bool = True) -> Callable[[Place, str], str]:
    def make(place: Place, name: str) -> str:
        return f"arn:aws:{service}:{place.region if regional else ''}:{place.account}:{resource.format(name)}"

    return make


# Type -> the property that names it, its ARN, what Ref is ("name", "arn").
_KINDS: Mapping[str, tuple[str, Callable[[Place, str], str], str]] = {
    "AWS::CloudWatch::Alarm": ("AlarmName", _arn("cloudwatch", "alarm:{}"), "name"),
    "AWS::CloudWatch::CompositeAlarm": ("AlarmName", _arn("cloudwatch", "alarm:{}"), "name"),
    "AWS::DynamoDB::GlobalTable": ("TableName", _arn("dynamodb", "table/{}"), "name"),
    "AWS::DynamoDB::Table": ("TableName", _arn("dynamodb", "table/{}"), "name"),
    "AWS::Events::ApiDestination": ("Name", _arn("events", "api-destination/{}"), "name"),
    "AWS::Events::Connection": ("Name", _arn("events", "connection/{}"), "name"),
    "AWS::Events::Rule": ("Name", _arn("events", "rule/{}"), "name"),
    "AWS::IAM::Role": ("RoleName", _arn("iam", "role/{}", regional=False), "name"),
    "AWS::KMS::Key": ("KeyId", _arn("kms", "key/{}"), "name"),
    "AWS::Lambda::Function": ("FunctionName", _arn("lambda", "function:{}"), "name"),
    "AWS::Logs::LogGroup": ("LogGroupName", _arn("logs", "log-group:{}:*"), "name"),
    "AWS::S3::Bucket": ("BucketName", lambda _place, name: f"arn:aws:s3:::{name}", "name"),
    "AWS::SNS::Topic": ("TopicName", _arn("sns", "{}"), "arn"),
    "AWS::SQS::Queue": ("QueueName", _arn("sqs", "{}"), "url"),
    "AWS::Scheduler::Schedule": ("Name", _arn("scheduler", "schedule/default/{}"), "name"),
    "AWS::Scheduler::ScheduleGroup": ("Name", _arn("scheduler", "schedule-group/{}"), "name"),
    "AWS::StepFunctions::StateMachine": ("StateMachineName", _arn("states", "stateMachine:{}"), "arn"),
}


def physical(kind: str, properties: Properties, place: Place) -> str:
    """The resource's own name. Raises Unresolvable for a type that is not known."""
    return place.named(properties, _kind(kind, place)[0])


def arn(kind: str, properties: Properties, place: Place) -> str:
    """The resource's ARN. Raises Unresolvable."""
    if kind == "AWS::IAM::Role":  # whose ARN holds its path
        path = place.resolve(properties.get("Path", "/"))
        return f"arn:aws:iam::{place.account}:role{path}{physical(kind, properties, place)}"
    return _kind(kind, place)[1](place, physical(kind, properties, place))


def ref(kind: str, properties: Properties, place: Place) -> str:
    """What `Ref` gives. Raises Unresolvable."""
    if kind == "AWS::Lambda::Version":
        return f"{_function(properties, place)}:1"
    if kind == "AWS::Lambda::Alias":
        return f"{_function(properties, place)}:{place.resolve(properties['Name'])}"
    if kind == "AWS::Lambda::LayerVersion":
        return f"arn:aws:lambda:{place.region}:{place.account}:layer:{place.named(properties, 'LayerName')}:1"
    form = _kind(kind, place)[2]
    if form == "url":
        return f"https://sqs.{place.region}.amazonaws.com/{place.account}/{physical(kind, properties, place)}"
    return arn(kind, properties, place) if form == "arn" else physical(kind, properties, place)


def attribute(kind: str, properties: Properties, place: Place, name: str) -> str:
    """What `Fn::GetAtt` gives. Raises Unresolvable."""
    if kind in ("AWS::Lambda::Version", "AWS::Lambda::Alias") and name.endswith("Arn"):
        return ref(kind, properties, place)
    if name in ("Arn", "TopicArn"):
        return arn(kind, properties, place)
    if name in ("Name", "QueueName", "TopicName", "TableName"):
        return physical(kind, properties, place)
    raise Unresolvable(f"{place.stack}: Fn::GetAtt {place.logical}.{name} ({kind}) is not known to the twin")


def _function(properties: Properties, place: Place) -> str:
    function = str(place.resolve(properties["FunctionName"]))
    if function.startswith("arn:"):
        return function
    return f"arn:aws:lambda:{place.region}:{place.account}:function:{function}"


def _kind(kind: str, place: Place) -> tuple[str, Callable[[Place, str], str], str]:
    found = _KINDS.get(kind)
    if found is None:
        raise Unresolvable(f"{place.stack}: a reference to {place.logical} ({kind}) is not known to the twin")
    return found

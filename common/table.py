"""The one DynamoDB table: the lock, the journal, the questions and what a task leaves for its later self.

Keys are the strings `pk` and `sk`. Every read is consistent and every change can be conditional, because several tasks,
and several runs, meet here. Attributes are strings and whole numbers; None is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from botocore.exceptions import ClientError

from common.aws import error_code, naming_errors
from common.errors import SurprisingAnswer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Value = str | int
Item = Mapping[str, Value | None]


@dataclass(frozen=True, slots=True)
class Condition:
    """A DynamoDB condition expression, its `#names` and its `:values`."""

    expression: str
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Value] = field(default_factory=dict)

    def __and__(self, other: Condition) -> Condition:
        return Condition(
            f"({self.expression}) AND ({other.expression})",
            {**self.names, **other.names},
            {**self.values, **other.values},
        )


def absent(attribute: str) -> Condition:
    """The item does not exist, or has no such attribute."""
    return Condition(f"attribute_not_exists(#{attribute})", {f"#{attribute}": attribute})


def equals(attribute: str, value: Value) -> Condition:
    """The item exists and its attribute has this value."""
    return Condition(f"#{attribute} = :{attribute}", {f"#{attribute}": attribute}, {f":{attribute}": value})


NEW = absent("pk")


class Table:
    """The table, through one client. Raises the named errors of `common.aws`."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self.name = name

    def put(self, item: Item, *, when: Condition | None = None) -> bool:
        """Write the whole item. False when the condition did not hold, and then nothing was written."""
        with naming_errors("dynamodb:PutItem"):
            try:
                self._client.put_item(TableName=self.name, Item=_pack(item), **_condition(when))
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return False
                raise
        return True

    def delete(self, pk: str, sk: str, *, when: Condition) -> bool:
        """Delete the item. False when the condition did not hold."""
        with naming_errors("dynamodb:DeleteItem"):
            try:
                self._client.delete_item(
                    TableName=self.name, Key={"pk": {"S": pk}, "sk": {"S": sk}}, **_condition(when)
                )
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return False
                raise
        return True

    def get(self, pk: str, sk: str) -> dict[str, Value] | None:
        """The item, or None."""
        with naming_errors("dynamodb:GetItem"):
            answer = self._client.get_item(
                TableName=self.name, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
            )
        return _unpack(answer["Item"]) if "Item" in answer else None

    def query(self, pk: str, prefix: str = "") -> Iterator[dict[str, Value]]:
        """All items of one `pk` whose `sk` begins with `prefix`, in the order of `sk`, page by page."""
        expression = "#pk = :pk" + (" AND begins_with(#sk, :prefix)" if prefix else "")
        values: dict[str, AttributeValueTypeDef] = {":pk": {"S": pk}}
        names = {"#pk": "pk"}
        if prefix:
            values[":prefix"] = {"S": prefix}
            names["#sk"] = "sk"
        with naming_errors("dynamodb:Query"):
            pages = self._client.get_paginator("query").paginate(
                TableName=self.name,
                KeyConditionExpression=expression,
                ExpressionAttributeNames=names,
                ExpressionAttributeValues=values,
                ConsistentRead=True,
            )
            for page in pages:
                for item in page["Items"]:
                    yield _unpack(item)


class _Conditional(TypedDict, total=False):
    ConditionExpression: str
    ExpressionAttributeNames: Mapping[str, str]
    ExpressionAttributeValues: Mapping[str, AttributeValueTypeDef]


def _condition(when: Condition | None) -> _Conditional:
    if when is None:
        return {}
    given: _Conditional = {"ConditionExpression": when.expression, "ExpressionAttributeNames": when.names}
    if when.values:  # DynamoDB refuses an empty map
        given["ExpressionAttributeValues"] = _pack(when.values)
    return given


def _pack(item: Item) -> dict[str, AttributeValueTypeDef]:
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in item.items()
        if value is not None
    }


def _unpack(item: Mapping[str, AttributeValueTypeDef]) -> dict[str, Value]:
    plain: dict[str, Value] = {}
    for name, value in item.items():
        if "S" in value:
            plain[name] = value["S"]
        elif "N" in value:
            plain[name] = int(value["N"])
        else:
            raise SurprisingAnswer(f"the item's attribute {name!r} is neither a string nor a number")
    return plain

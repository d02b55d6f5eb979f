"""The one DynamoDB table: the lock, the journal, the questions and what a task leaves for its later self.

Keys are the strings `pk` and `sk`. Every read is consistent and every change can be conditional, because several tasks,
and several runs, meet here. Attributes are strings and whole numbers; None is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypedDict

from botocore.exceptions import ClientError

from leeward.common.aws import error_code, naming_errors
from leeward.common.errors import SurprisingAnswer

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

    def claim(self, item: Item) -> dict[str, Value] | None:
        """Write the whole item where there is none under its keys: None. Else the item that is there, at one call."""
        with naming_errors("dynamodb:PutItem"):
            try:
                self._client.put_item(
                    TableName=self.name,
                    Item=_pack(item),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **_condition(NEW),
                )
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return _unpack(error.response["Item"])  # type: ignore[typeddict-item]  # of this error alone
                raise
        return None

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
        with naming_errors("dynamodb:Query"):
            for page in self._client.get_paginator("query").paginate(TableName=self.name, **_under(pk, prefix)):
                for item in page["Items"]:
                    yield _unpack(item)

    def last(self, pk: str, prefix: str) -> dict[str, Value] | None:
        """The item of one `pk` with the greatest `sk` that begins with `prefix`, or None."""
        with naming_errors("dynamodb:Query"):
            items = self._client.query(TableName=self.name, Limit=1, ScanIndexForward=False, **_under(pk, prefix))[
                "Items"
            ]
        return _unpack(items[0]) if items else None


class _Keyed(TypedDict):
    KeyConditionExpression: str
    ExpressionAttributeNames: Mapping[str, str]
    ExpressionAttributeValues: Mapping[str, AttributeValueTypeDef]
    ConsistentRead: bool


def _under(pk: str, prefix: str) -> _Keyed:
    names, values = {"#pk": "pk"}, {":pk": pk}
    if prefix:
        names["#sk"], values[":prefix"] = "sk", prefix
    return {
        "KeyConditionExpression": "#pk = :pk" + (" AND begins_with(#sk, :prefix)" if prefix else ""),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": _pack(values),
        "ConsistentRead": True,
    }


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


class _Row(dict[str, Value]):
    """An item as it was read. What it lacks is the table's fault, not that of whoever asks for it."""

    def __missing__(self, name: str) -> Value:
        raise SurprisingAnswer(f"the item {self.get('pk')!r}, {self.get('sk')!r} lacks {name!r}")


def _unpack(item: Mapping[str, AttributeValueTypeDef]) -> dict[str, Value]:
    plain = _Row()
    for name, value in item.items():
        try:
            plain[name] = value["S"] if "S" in value else int(value["N"])
        except (KeyError, ValueError):
            raise SurprisingAnswer(f"the item's attribute {name!r} is neither a string nor a whole number") from None
    return plain

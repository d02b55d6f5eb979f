"""The DynamoDB state table of an application: the lock, the journal, questions, and notes between a task's calls.

Keys are the strings `pk` and `sk`. Every read is consistent, and every write can be conditional, because several tasks
and runs use the table at the same time. Attributes are strings and integers. None is omitted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict

from botocore.exceptions import ClientError

from leeward.common.aws.clients import error_code, translate_errors
from leeward.common.errors import Busy, SurprisingAnswer

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, TransactWriteItemTypeDef

ItemValue = str | int
Item = Mapping[str, ItemValue | None]


@dataclass(frozen=True, slots=True)
class WriteCondition:
    """A DynamoDB condition expression with its `#names` and `:values`."""

    expression: str
    names: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, ItemValue] = field(default_factory=dict)

    def __and__(self, other: WriteCondition) -> WriteCondition:
        return WriteCondition(
            f"({self.expression}) AND ({other.expression})",
            {**self.names, **other.names},
            {**self.values, **other.values},
        )


def attribute_absent(attribute: str) -> WriteCondition:
    """Return the condition that the item does not exist or has no such attribute."""
    return WriteCondition(f"attribute_not_exists(#{attribute})", {f"#{attribute}": attribute})


def absent_or_equals(attribute: str, value: ItemValue) -> WriteCondition:
    """Return the condition that the item does not exist, or that its attribute has this value."""
    names = {"#pk": "pk", f"#{attribute}": attribute}
    return WriteCondition(f"attribute_not_exists(#pk) OR #{attribute} = :{attribute}", names, {f":{attribute}": value})


def attribute_equals(attribute: str, value: ItemValue) -> WriteCondition:
    """Return the condition that the item exists and its attribute has this value."""
    return WriteCondition(f"#{attribute} = :{attribute}", {f"#{attribute}": attribute}, {f":{attribute}": value})


ITEM_ABSENT = attribute_absent("pk")


@dataclass(frozen=True, slots=True)
class ItemCheck:
    """A condition on an item that a transaction doesn't write."""

    pk: str
    sk: str
    condition: WriteCondition


@dataclass(frozen=True, slots=True)
class CheckedPut:
    """The outcome of a write with checks. Nothing was written if `existing` is not None or a check failed."""

    existing: dict[str, ItemValue] | None
    checks_hold: bool


class StateTable:
    """The state table, accessed through one client. All methods raise the errors of `common.errors`."""

    def __init__(self, client: DynamoDBClient, name: str) -> None:
        self._client = client
        self.name = name

    def put(self, item: Item, *, condition: WriteCondition | None = None) -> bool:
        """Write the whole item. Return False, without writing, if the condition does not hold."""
        with translate_errors("dynamodb:PutItem"):
            try:
                self._client.put_item(TableName=self.name, Item=_pack(item), **_condition_arguments(condition))
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return False
                raise
        return True

    def put_if_absent(self, item: Item) -> dict[str, ItemValue] | None:
        """Write the whole item unless one exists, and return None. Otherwise return the existing item, in one call."""
        with translate_errors("dynamodb:PutItem"):
            try:
                self._client.put_item(
                    TableName=self.name,
                    Item=_pack(item),
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                    **_condition_arguments(ITEM_ABSENT),
                )
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return _unpack(error.response["Item"])  # type: ignore[typeddict-item]  # only this error has it
                raise
        return None

    def put_if_absent_and(self, item: Item, checks: Sequence[ItemCheck]) -> CheckedPut:
        """Write the whole item, in one transaction, unless one exists or a check of another item fails.

        Raises Busy if another transaction changes one of the items at the same time.
        """
        put: TransactWriteItemTypeDef = {
            "Put": {
                "TableName": self.name,
                "Item": _pack(item),
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                **_condition_arguments(ITEM_ABSENT),
            }
        }
        call = "dynamodb:TransactWriteItems"
        with translate_errors(call):
            try:
                self._client.transact_write_items(TransactItems=[put, *map(self._condition_check, checks)])
            except ClientError as error:
                if error_code(error) != "TransactionCanceledException":
                    raise
                reasons: Any = error.response["CancellationReasons"]
                return _outcome_of_canceled(call, reasons)
        return CheckedPut(existing=None, checks_hold=True)

    def _condition_check(self, check: ItemCheck) -> TransactWriteItemTypeDef:
        arguments = _condition_arguments(check.condition)
        key: dict[str, AttributeValueTypeDef] = {"pk": {"S": check.pk}, "sk": {"S": check.sk}}
        return {"ConditionCheck": {"TableName": self.name, "Key": key, **arguments}}  # type: ignore[typeddict-item]

    def delete(self, pk: str, sk: str, *, condition: WriteCondition) -> bool:
        """Delete the item. Return False if the condition does not hold."""
        with translate_errors("dynamodb:DeleteItem"):
            try:
                self._client.delete_item(
                    TableName=self.name, Key={"pk": {"S": pk}, "sk": {"S": sk}}, **_condition_arguments(condition)
                )
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    return False
                raise
        return True

    def get(self, pk: str, sk: str) -> dict[str, ItemValue] | None:
        """Return the item, or None."""
        with translate_errors("dynamodb:GetItem"):
            response = self._client.get_item(
                TableName=self.name, Key={"pk": {"S": pk}, "sk": {"S": sk}}, ConsistentRead=True
            )
        return _unpack(response["Item"]) if "Item" in response else None

    def query(self, pk: str, prefix: str = "") -> Iterator[dict[str, ItemValue]]:
        """Yield the items of `pk` whose `sk` begins with `prefix`, in the order of `sk`, page by page."""
        with translate_errors("dynamodb:Query"):
            for page in self._client.get_paginator("query").paginate(TableName=self.name, **_key_query(pk, prefix)):
                for item in page["Items"]:
                    yield _unpack(item)

    def last_item(self, pk: str, prefix: str) -> dict[str, ItemValue] | None:
        """Return the item of `pk` with the greatest `sk` that begins with `prefix`, or None."""
        with translate_errors("dynamodb:Query"):
            items = self._client.query(TableName=self.name, Limit=1, ScanIndexForward=False, **_key_query(pk, prefix))[
                "Items"
            ]
        return _unpack(items[0]) if items else None


class _KeyQuery(TypedDict):
    KeyConditionExpression: str
    ExpressionAttributeNames: Mapping[str, str]
    ExpressionAttributeValues: Mapping[str, AttributeValueTypeDef]
    ConsistentRead: bool


def _key_query(pk: str, prefix: str) -> _KeyQuery:
    names, values = {"#pk": "pk"}, {":pk": pk}
    if prefix:
        names["#sk"], values[":prefix"] = "sk", prefix
    return {
        "KeyConditionExpression": "#pk = :pk" + (" AND begins_with(#sk, :prefix)" if prefix else ""),
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": _pack(values),
        "ConsistentRead": True,
    }


class _ConditionArguments(TypedDict, total=False):
    ConditionExpression: str
    ExpressionAttributeNames: Mapping[str, str]
    ExpressionAttributeValues: Mapping[str, AttributeValueTypeDef]


def _condition_arguments(condition: WriteCondition | None) -> _ConditionArguments:
    if condition is None:
        return {}
    arguments: _ConditionArguments = {
        "ConditionExpression": condition.expression,
        "ExpressionAttributeNames": condition.names,
    }
    if condition.values:  # DynamoDB rejects an empty map
        arguments["ExpressionAttributeValues"] = _pack(condition.values)
    return arguments


def _outcome_of_canceled(call: str, reasons: Sequence[Mapping[str, Any]]) -> CheckedPut:
    """Return the outcome of a canceled transaction. The reasons are in the order of its items: the item, the checks."""
    codes = [str(reason.get("Code", "None")) for reason in reasons]
    if others := sorted({*codes} - {"None", "ConditionalCheckFailed"}):
        message = next((str(r["Message"]) for r in reasons if r.get("Code") in others and r.get("Message")), "")
        raise Busy(f"{call}: {', '.join(others)}: {message or 'no message'}")
    existing = _unpack(reasons[0]["Item"]) if codes[0] == "ConditionalCheckFailed" else None
    return CheckedPut(existing, checks_hold="ConditionalCheckFailed" not in codes[1:])


def _pack(item: Item) -> dict[str, AttributeValueTypeDef]:
    return {
        name: {"N": str(value)} if isinstance(value, int) else {"S": value}
        for name, value in item.items()
        if value is not None
    }


class _ReadItem(dict[str, ItemValue]):
    """An item as read. A missing attribute raises SurprisingAnswer, because the stored item is invalid."""

    def __missing__(self, name: str) -> ItemValue:
        raise SurprisingAnswer(f"the item {self.get('pk')!r}, {self.get('sk')!r} lacks {name!r}")


def _unpack(item: Mapping[str, AttributeValueTypeDef]) -> dict[str, ItemValue]:
    plain = _ReadItem()
    for name, value in item.items():
        try:
            plain[name] = value["S"] if "S" in value else int(value["N"])
        except (KeyError, ValueError):
            raise SurprisingAnswer(f"the item's attribute {name!r} is neither a string nor an integer") from None
    return plain

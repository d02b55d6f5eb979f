"""What makes moto's DynamoDB fast enough for thousands of items."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

from tests.twin.aws.drs_world import A, client

_STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
_ITEMS = 20


@pytest.fixture
def table() -> Table:
    """A table with items of several hash keys."""
    dynamodb = client("dynamodb", A)
    dynamodb.create_table(
        TableName="t",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification=_STREAM,
    )
    for number in range(_ITEMS):
        dynamodb.put_item(TableName="t", Item={"pk": {"S": f"p{number % 5}"}, "sk": {"S": f"s{number}"}})
    return dynamodb_backends["123456789012"][A].tables["t"]


def test_query_reads_only_items_of_its_hash_key(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    scanned: list[Any] = []
    all_items = Table.all_items

    def noted(self: Any) -> Iterator[Any]:
        for item in all_items(self):
            scanned.append(item)
            yield item

    monkeypatch.setattr(Table, "all_items", noted)
    found = client("dynamodb", A).query(
        TableName="t", KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p1"}}
    )
    assert found["Count"] == 4
    assert scanned == []


def test_copy_for_rollback_shares_untouched_items(table: Table) -> None:
    copied = copy.deepcopy(table)
    pairs = [(copied.items[pk][sk], item) for pk, items in table.items.items() for sk, item in items.items()]
    assert len(pairs) == _ITEMS
    assert all(shared is item for shared, item in pairs)

"""Experiments: DynamoDB tables."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from moto.dynamodb.models import dynamodb_backends

from leeward.twin.aws.global_tables import GlobalTables, write_capture
from leeward.twin.engine import ACCOUNT
from tests.twin.engine.machines import REGION, open_engine

COUNT = 20


@contextmanager
def _table() -> Iterator[tuple[Any, Any]]:
    """A client, and moto's table `t` with some items that have different partition keys."""
    with open_engine() as opened:
        client = opened.client("dynamodb", REGION)
        client.create_table(
            TableName="t",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        for number in range(COUNT):
            client.put_item(TableName="t", Item={"pk": {"S": str(number)}, "sk": {"S": "a"}})
        yield client, dynamodb_backends[ACCOUNT][REGION].tables["t"]


def report_writes() -> Any:
    written: list[str] = []
    with _table() as (client, _):
        write_capture.set_listener(lambda table, old, new: written.append(table.name))
        client.put_item(TableName="t", Item={"pk": {"S": "x"}, "sk": {"S": "a"}})
    return written


def copy_touched_items() -> Any:
    """The number of items that moto copies before a transaction."""
    with _table() as (_, table):
        copied = deepcopy(table)
        return sum(_only_item(copied, key) is not _only_item(table, key) for key in table.items)


def _only_item(table: Any, key: Any) -> Any:
    (item,) = table.items[key].values()
    return item


def query_by_index() -> Any:
    """The items that moto looks at for a query of one partition key."""
    looked: list[int] = []
    with _table() as (client, table):
        kind = type(table)
        all_items = kind.all_items

        def counted(self: Any) -> Any:
            items = list(all_items(self))
            looked.append(len(items))
            return items

        kind.all_items = counted
        try:
            names: dict[str, Any] = {"ExpressionAttributeValues": {":pk": {"S": "3"}}}
            answer = client.query(TableName="t", KeyConditionExpression="pk = :pk", **names)
        finally:
            kind.all_items = all_items
        assert answer["Count"] == 1
    return sum(looked)


def describe_replicas() -> Any:
    with open_engine() as opened:
        tables = GlobalTables(ACCOUNT, opened.clock.now, opened.clock.call_later, lambda region: True)
        client = opened.client("dynamodb", REGION)
        for region in (REGION, "us-east-1"):
            opened.client("dynamodb", region).create_table(
                TableName="t",
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        tables.set_replica_regions("t", (REGION, "us-east-1"))
        return [each["RegionName"] for each in client.describe_table(TableName="t")["Table"].get("Replicas", [])]

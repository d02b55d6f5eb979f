"""Replicas follow each other as DynamoDB's do: later, last writer wins, and nothing that was cancelled."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.data.conftest import HERE, THERE, ReplicatedTables, tables

__all__ = ["tables"]


@pytest.fixture(autouse=True)
def _simulated_aws() -> None:
    """The tables open an engine, which simulates AWS by itself."""


def test_write_replicates_after_lag(tables: ReplicatedTables) -> None:
    tables.write(HERE, "1", text="hello")
    assert tables.read(HERE, "1") is not None
    assert tables.read(THERE, "1") is None
    tables.later(1)
    assert tables.read(THERE, "1") == {"id": "1", "text": "hello"}


def test_write_replicates_immediately_without_lag(tables: ReplicatedTables) -> None:
    tables.replication.lag = 0
    tables.write(HERE, "1")
    assert tables.read(THERE, "1") is not None


def test_updates_and_deletes_replicate_without_loop(tables: ReplicatedTables) -> None:
    tables.write(HERE, "1", text="one")
    tables.later(2)
    tables.client(THERE).update_item(
        TableName="tickets",
        Key={"id": {"S": "1"}},
        UpdateExpression="SET #t = :t",
        ExpressionAttributeNames={"#t": "text"},
        ExpressionAttributeValues={":t": {"S": "two"}},
    )
    tables.later(2)
    assert tables.read(HERE, "1") == {"id": "1", "text": "two"}
    tables.client(HERE).delete_item(TableName="tickets", Key={"id": {"S": "1"}})
    tables.later(10)
    assert tables.read(HERE, "1") is None
    assert tables.read(THERE, "1") is None


def test_last_writer_wins_in_both_regions(tables: ReplicatedTables) -> None:
    tables.write(HERE, "1", text="here")
    tables.later(0.3)
    tables.write(THERE, "1", text="there")
    tables.later(5)
    assert tables.read(HERE, "1") == tables.read(THERE, "1") == {"id": "1", "text": "there"}
    assert [(lost.region, lost.key[0]) for lost in tables.replication.overwritten] == [(HERE, "1")]


def test_write_after_replication_overwrites_nothing(tables: ReplicatedTables) -> None:
    tables.write(HERE, "1", text="here")
    tables.later(2)
    tables.write(THERE, "1", text="there")
    tables.later(2)
    assert tables.replication.overwritten == []


def test_paused_replicas_diverge_then_converge(tables: ReplicatedTables) -> None:
    tables.replication.pause("tickets")
    tables.write(HERE, "1", text="here")
    tables.later(60)
    tables.write(THERE, "1", text="there")
    assert tables.read(HERE, "1") != tables.read(THERE, "1")
    tables.replication.resume("tickets")
    assert tables.read(HERE, "1") == tables.read(THERE, "1") == {"id": "1", "text": "there"}


def test_pending_writes_are_sent_after_outage(tables: ReplicatedTables) -> None:
    tables.write(HERE, "1")
    tables.later(0.5)
    tables.engine.interceptor.schedule_outage(HERE, tables.engine.clock.now())
    tables.later(60)
    assert tables.read(THERE, "1") is None
    assert tables.replication.count_pending("tickets", THERE) == 1
    tables.engine.interceptor.end_outage(HERE)
    tables.replication.deliver_pending()
    assert tables.read(THERE, "1") is not None


def test_cancelled_transaction_replicates_nothing(tables: ReplicatedTables) -> None:
    tables.write(HERE, "taken", text="before")
    change = {
        "TableName": "tickets",
        "Key": {"id": {"S": "taken"}},
        "UpdateExpression": "SET #t = :t",
        "ExpressionAttributeNames": {"#t": "text"},
        "ExpressionAttributeValues": {":t": {"S": "after"}},
    }
    new = {"TableName": "tickets", "Item": {"id": {"S": "new"}}}
    refused = {
        "TableName": "tickets",
        "Item": {"id": {"S": "third"}},
        "ConditionExpression": "attribute_exists(id)",
    }
    with pytest.raises(ClientError, match="TransactionCanceled"):
        tables.client(HERE).transact_write_items(TransactItems=[{"Update": change}, {"Put": new}, {"Put": refused}])
    tables.later(5)
    for region in (HERE, THERE):
        assert tables.read(region, "taken") == {"id": "taken", "text": "before"}
        assert tables.read(region, "new") is None
    tables.client(HERE).transact_write_items(TransactItems=[{"Update": change}, {"Put": new}])
    tables.later(5)
    assert tables.read(THERE, "taken") == {"id": "taken", "text": "after"}


def test_replica_can_be_added_to_any_table(tables: ReplicatedTables) -> None:
    client = tables.client(HERE)
    client.create_table(
        TableName="leeward",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    client.put_item(TableName="leeward", Item={"pk": {"S": "a"}, "sk": {"S": "before"}})
    client.update_table(TableName="leeward", ReplicaUpdates=[{"Create": {"RegionName": THERE}}])
    client.put_item(TableName="leeward", Item={"pk": {"S": "a"}, "sk": {"S": "after"}})
    tables.later(2)
    other = tables.client(THERE)
    assert other.scan(TableName="leeward")["Count"] == 2
    output = other.describe_table(TableName="leeward")["Table"]
    assert output["GlobalTableVersion"] == "2019.11.21"
    assert [(r["RegionName"], r["ReplicaStatus"]) for r in output["Replicas"]] == [(HERE, "ACTIVE")]
    assert f":{THERE}:" in output["TableArn"]
    client.update_table(TableName="leeward", ReplicaUpdates=[{"Delete": {"RegionName": THERE}}])
    assert "leeward" not in other.list_tables()["TableNames"]


def test_secondary_index_query_is_unchanged_by_cache(tables: ReplicatedTables) -> None:
    client = tables.client(HERE)
    client.create_table(
        TableName="indexed",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": n, "AttributeType": "S"} for n in ("id", "owner")],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-owner",
                "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )

    def owned(owner: str) -> set[str]:
        answer = client.query(
            TableName="indexed",
            IndexName="by-owner",
            KeyConditionExpression="#o = :o",
            ExpressionAttributeNames={"#o": "owner"},
            ExpressionAttributeValues={":o": {"S": owner}},
        )
        return {item["id"]["S"] for item in answer["Items"]}

    for number in range(4):
        owner = {"S": "even" if number % 2 == 0 else "odd"}
        client.put_item(TableName="indexed", Item={"id": {"S": str(number)}, "owner": owner})
    assert owned("even") == {"0", "2"}
    client.put_item(TableName="indexed", Item={"id": {"S": "2"}, "owner": {"S": "odd"}})
    client.delete_item(TableName="indexed", Key={"id": {"S": "0"}})
    assert owned("even") == set()
    assert owned("odd") == {"1", "2", "3"}

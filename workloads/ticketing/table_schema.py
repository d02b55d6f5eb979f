"""The global table's shape: for what deploys it, for the twin and for the tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from workloads.ticketing.api.service.table_items import BY_DATE, BY_OWNER

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "ticketing-tickets"
PARTITION_KEY = "id"
# Index: its partition key; both are sorted by `createdOn`.
INDEXES = {BY_OWNER: "owner", BY_DATE: "feed"}
SORT_KEY = "createdOn"
# Of the stream, `conflicts` is given what replaced a ticket: a create beats nobody, and only tickets have a `writeId`.
STREAM_FILTER = json.dumps({"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"writeId": {"S": [{"exists": True}]}}}})


def create_table(client: DynamoDBClient, name: str = TABLE) -> None:
    """One replica's worth of it, with its stream on."""
    attributes = (PARTITION_KEY, SORT_KEY, *INDEXES.values())
    client.create_table(
        TableName=name,
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute in attributes],
        KeySchema=[{"AttributeName": PARTITION_KEY, "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": index,
                "KeySchema": [
                    {"AttributeName": partition, "KeyType": "HASH"},
                    {"AttributeName": SORT_KEY, "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
            for index, partition in INDEXES.items()
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )

"""The global table's schema, for deployment, the twin, and the tests."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from workloads.ticketing.api.service.table_items import BY_DATE, BY_OWNER

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TABLE = "ticketing-tickets"
PARTITION_KEY = "id"
# Each index with its partition key. Both are sorted by `createdOn`.
INDEXES = {BY_OWNER: "owner", BY_DATE: "feed"}
SORT_KEY = "createdOn"
# `conflicts` only gets stream records of replaced tickets. A create replaces nothing, and only tickets have `writeId`.
STREAM_FILTER = json.dumps({"eventName": ["MODIFY"], "dynamodb": {"NewImage": {"writeId": {"S": [{"exists": True}]}}}})


def create_table(client: DynamoDBClient, name: str = TABLE) -> None:
    """Create one replica of the table with its stream."""
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

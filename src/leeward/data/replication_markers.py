"""Markers that show when a global table's replication has caught up: written in one Region, read in the other.

A global table replicates asynchronously, and in order only within a partition (DynamoDB Developer Guide, "How global
tables work"). So several markers are written at once, with keys in different partitions, and all of them must arrive.
Then all earlier writes have arrived too, as far as this can be observed from outside. DynamoDB's own measure is the
metric ReplicationLatency.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leeward.common.aws.clients import translate_errors
from leeward.common.errors import Throttled
from leeward.data.application_table import OWN_KEY_PREFIX, ApplicationTable, TextItem, pack_texts, unpack_texts

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestUnionTypeDef

# If a run ends before it deletes its markers, a table with time to live on `expiresAt` deletes them.
_RETENTION = timedelta(days=7)


def marker_keys(key: str, count: int) -> list[str]:
    """Return the partition keys of `count` markers for one attempt of a step. Repeated calls return the same keys."""
    # The number comes first so that the keys don't share a prefix.
    return [f"{OWN_KEY_PREFIX}marker#{number}#{key}" for number in range(1, count + 1)]


def write_markers(client: DynamoDBClient, table: ApplicationTable, markers: Sequence[str], now: datetime) -> None:
    """Write the markers. Safe to repeat. Raises Throttled when DynamoDB leaves items unwritten."""
    texts = {"writtenAt": now.isoformat(), "expiresAt": str(int((now + _RETENTION).timestamp()))}
    _write_batch(client, table, [{"PutRequest": {"Item": _marker_item(table, marker, texts)}} for marker in markers])


def delete_markers(client: DynamoDBClient, table: ApplicationTable, markers: Sequence[str]) -> None:
    """Delete the markers. The deletion replicates to the other Region."""
    _write_batch(client, table, [{"DeleteRequest": {"Key": pack_texts(table.key(marker))}} for marker in markers])


def read_markers(client: DynamoDBClient, table: ApplicationTable, markers: Sequence[str]) -> dict[str, datetime]:
    """Return the markers that have arrived in this Region, with the time when each was written."""
    keys = [pack_texts(table.key(marker)) for marker in markers]
    with translate_errors("dynamodb:BatchGetItem"):
        response = client.batch_get_item(RequestItems={table.name: {"Keys": keys, "ConsistentRead": True}})
    if response.get("UnprocessedKeys"):
        raise Throttled(f"dynamodb:BatchGetItem: {table.name} left keys unread")
    markers_found = [unpack_texts(item) for item in response["Responses"].get(table.name, [])]
    return {item[table.partition]: datetime.fromisoformat(item["writtenAt"]) for item in markers_found}


def _marker_item(table: ApplicationTable, marker: str, texts: TextItem) -> dict[str, object]:
    packed: dict[str, object] = dict(pack_texts(table.key(marker) | {"writtenAt": texts["writtenAt"]}))
    packed["expiresAt"] = {"N": texts["expiresAt"]}
    return packed


def _write_batch(client: DynamoDBClient, table: ApplicationTable, requests: list[dict[str, object]]) -> None:
    typed_requests: Sequence[WriteRequestUnionTypeDef] = requests  # type: ignore[assignment]
    with translate_errors("dynamodb:BatchWriteItem"):
        response = client.batch_write_item(RequestItems={table.name: typed_requests})
    if response.get("UnprocessedItems"):
        raise Throttled(f"dynamodb:BatchWriteItem: {table.name} left items unwritten")

"""Proof that replication has drained: markers written in one Region, read in the other.

A global table replicates asynchronously, and in order only within a partition (DynamoDB Developer Guide, "How global
tables work"). So several markers are written at once, with keys that fall into different partitions, and each of them
must arrive. What had been written before them has then, as far as can be seen from outside, arrived too; the metric
ReplicationLatency is DynamoDB's own word on it.
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

# For a table whose time to live is on `expiresAt`: should a run end before it has tidied up.
_RETENTION = timedelta(days=7)


def marker_keys(key: str, count: int) -> list[str]:
    """The partition keys of `count` markers of one step's attempt, the same whenever they are asked for."""
    # The number first: hash or not, neighbours must not share a prefix.
    return [f"{OWN_KEY_PREFIX}marker#{number}#{key}" for number in range(1, count + 1)]


def write_markers(client: DynamoDBClient, table: ApplicationTable, markers: Sequence[str], now: datetime) -> None:
    """Write the markers. Called again it writes them again, which is as good."""
    texts = {"writtenAt": now.isoformat(), "expiresAt": str(int((now + _RETENTION).timestamp()))}
    _write_batch(client, table, [{"PutRequest": {"Item": _marker_item(table, marker, texts)}} for marker in markers])


def delete_markers(client: DynamoDBClient, table: ApplicationTable, markers: Sequence[str]) -> None:
    """Delete the markers; the other Region's copies follow."""
    _write_batch(client, table, [{"DeleteRequest": {"Key": pack_texts(table.key(marker))}} for marker in markers])


def read_markers(client: DynamoDBClient, table: ApplicationTable, markers: Sequence[str]) -> dict[str, datetime]:
    """Those of the markers that this Region holds, and when each was written."""
    keys = [pack_texts(table.key(marker)) for marker in markers]
    with translate_errors("dynamodb:BatchGetItem"):
        answer = client.batch_get_item(RequestItems={table.name: {"Keys": keys, "ConsistentRead": True}})
    if answer.get("UnprocessedKeys"):
        raise Throttled(f"dynamodb:BatchGetItem: {table.name} left keys unread")
    found = [unpack_texts(item) for item in answer["Responses"].get(table.name, [])]
    return {item[table.partition]: datetime.fromisoformat(item["writtenAt"]) for item in found}


def _marker_item(table: ApplicationTable, marker: str, texts: TextItem) -> dict[str, object]:
    packed: dict[str, object] = dict(pack_texts(table.key(marker) | {"writtenAt": texts["writtenAt"]}))
    packed["expiresAt"] = {"N": texts["expiresAt"]}
    return packed


def _write_batch(client: DynamoDBClient, table: ApplicationTable, requests: list[dict[str, object]]) -> None:
    wanted: Sequence[WriteRequestUnionTypeDef] = requests  # type: ignore[assignment]
    with translate_errors("dynamodb:BatchWriteItem"):
        answer = client.batch_write_item(RequestItems={table.name: wanted})
    if answer.get("UnprocessedItems"):
        raise Throttled(f"dynamodb:BatchWriteItem: {table.name} left items unwritten")

"""Access to the global table through a client of this Region. Never calls another Region.

Every write of a ticket is a transaction that also checks this Region's write fence. So no write is acknowledged after
the fence is set. Transactions apply within a Region. Between Regions, the table keeps the last writer's item (see
`conflicts`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from workloads.ticketing.api.contract.problems import TemporarilyUnavailable
from workloads.ticketing.api.service import table_items
from workloads.ticketing.api.service.table_items import RegionSwitch, StoredTicket

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, PutTypeDef, TransactWriteItemTypeDef

    from workloads.ticketing.api.contract.models import LostTicketWrite

# A user waits for the page, and Route 53 allows a health check 2 seconds after it has connected.
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 1, 2, 2
_FENCE_INDEX, _TICKET_INDEX = 0, 1
_MAX_LOST_WRITES = 50
_CONDITION_FAILED = "ConditionalCheckFailed"


class WritesFenced(Exception):
    """Writes are fenced in this Region."""


@dataclass(frozen=True, slots=True)
class ConflictingItem:
    """The condition of a write failed. `existing` is the item in the table, or None if there is none."""

    existing: StoredTicket | None


@lru_cache(maxsize=8)
def dynamodb_client(region: str) -> DynamoDBClient:
    """Return the client of a Region, which is created on first use."""
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )
    return boto3.client("dynamodb", region_name=region, config=config)


class TicketStore:
    """The table in one Region. Methods raise TemporarilyUnavailable when it doesn't respond, and writes raise
    WritesFenced.
    """

    def __init__(self, client: DynamoDBClient, table: str, region: str) -> None:
        self._client = client
        self._table = table
        self._region = region

    def get_ticket(self, ticket_id: str) -> StoredTicket | None:
        """Return a ticket as last written in this Region or replicated to it."""
        item = self._get_item(ticket_id, consistent=True)
        return None if item is None else table_items.unpack_ticket(item)

    def list_lost_writes(self, ticket_id: str) -> list[LostTicketWrite]:
        """Return up to 50 of the newest writes of a ticket that the other Region replaced, oldest first."""
        with _translate_errors():
            answer = self._client.query(
                TableName=self._table,
                IndexName=table_items.BY_OWNER,
                KeyConditionExpression="#owner = :lost",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues={":lost": {"S": table_items.lost_write_owner(ticket_id)}},
                ScanIndexForward=False,
                Limit=_MAX_LOST_WRITES,
            )
        return [table_items.unpack_lost_write(item) for item in reversed(answer["Items"])]

    def save_lost_write(self, stored: StoredTicket) -> None:
        """Store a lost write. Idempotent."""
        with _translate_errors():
            self._client.put_item(TableName=self._table, Item=table_items.pack_lost_write(stored))

    def get_region_switch(self) -> RegionSwitch:
        """Return the switches that an operator has set for this Region."""
        return table_items.unpack_switch(self._get_item(table_items.build_region_key(self._region), consistent=True))

    def get_heartbeat(self, region: str) -> str | None:
        """Return the time of a Region's last heartbeat that was replicated to this Region."""
        item = self._get_item(table_items.build_heartbeat_key(region))
        return None if item is None else item["at"]["S"]

    def write_heartbeat(self, at: str) -> None:
        """Write this Region's heartbeat."""
        heartbeat = {"id": table_items.build_heartbeat_key(self._region), "at": at, "region": self._region}
        with _translate_errors():
            self._client.put_item(TableName=self._table, Item={name: {"S": text} for name, text in heartbeat.items()})

    def create_ticket(self, stored: StoredTicket) -> ConflictingItem | None:
        """Write a ticket unless its ID is taken."""
        return self._write_ticket(
            {
                "TableName": self._table,
                "Item": table_items.pack_ticket(stored),
                "ConditionExpression": "attribute_not_exists(id)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
            stored.write_id,
        )

    def replace_ticket(self, stored: StoredTicket, previous: StoredTicket) -> ConflictingItem | None:
        """Replace the ticket that was read, unless it has changed since."""
        return self._write_ticket(
            {
                "TableName": self._table,
                "Item": table_items.pack_ticket(stored),
                "ConditionExpression": "#write = :read",
                "ExpressionAttributeNames": {"#write": "writeId"},
                "ExpressionAttributeValues": {":read": {"S": previous.write_id}},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
            stored.write_id,
        )

    def list_tickets(
        self, owner: str | None, limit: int, after: Mapping[str, str] | None
    ) -> tuple[list[StoredTicket], dict[str, str] | None]:
        """Return one page of an owner's tickets, or of all tickets if `owner` is None, newest first, and the next
        page's start.

        `after` is the start that an earlier call returned: `{"id", "createdOn"}`. This method adds the index's own key,
        so that a forged `after` can't return another owner's tickets.
        """
        index, attribute, value = (
            (table_items.BY_DATE, "feed", table_items.FEED) if owner is None else (table_items.BY_OWNER, "owner", owner)
        )
        start: dict[str, Any] = {}
        if after is not None:
            key = {"id": after["id"], "createdOn": after["createdOn"], attribute: value}
            start = {"ExclusiveStartKey": {name: {"S": text} for name, text in key.items()}}
        with _translate_errors():
            answer = self._client.query(
                TableName=self._table,
                IndexName=index,
                KeyConditionExpression="#key = :value",
                ExpressionAttributeNames={"#key": attribute},
                ExpressionAttributeValues={":value": {"S": value}},
                ScanIndexForward=False,
                Limit=limit,
                **start,
            )
        last = answer.get("LastEvaluatedKey")
        return (
            [table_items.unpack_ticket(item) for item in answer["Items"]],
            {name: last[name]["S"] for name in ("id", "createdOn")} if last else None,
        )

    def _get_item(self, key: str, *, consistent: bool = False) -> dict[str, AttributeValueTypeDef] | None:
        with _translate_errors():
            answer = self._client.get_item(TableName=self._table, Key={"id": {"S": key}}, ConsistentRead=consistent)
        return answer.get("Item")

    def _write_ticket(self, put: PutTypeDef, write_id: str) -> ConflictingItem | None:
        fence: TransactWriteItemTypeDef = {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": {"id": {"S": table_items.build_region_key(self._region)}},
                "ConditionExpression": "attribute_not_exists(#writes) OR #writes <> :fenced",
                "ExpressionAttributeNames": {"#writes": "writes"},
                "ExpressionAttributeValues": {":fenced": {"S": "fenced"}},
            }
        }
        # Use the write's ID as the request token, so that botocore's retries are the same transaction.
        try:
            with _translate_errors():
                self._client.transact_write_items(
                    TransactItems=[fence, {"Put": put}],
                    ClientRequestToken=write_id,
                )
        except ClientError as error:
            reasons: Any = error.response["CancellationReasons"]
            codes = [reason.get("Code") for reason in reasons]
            if codes[_FENCE_INDEX] == _CONDITION_FAILED:
                raise WritesFenced from error
            if codes[_TICKET_INDEX] == _CONDITION_FAILED:
                existing = reasons[_TICKET_INDEX].get("Item")
                return ConflictingItem(table_items.unpack_ticket(existing) if existing else None)
            # Another transaction is using the same ticket, or the table is throttled. Nothing was written.
            raise TemporarilyUnavailable(f"the table deferred the write ({', '.join(map(str, codes))})") from error
        return None


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Raise TemporarilyUnavailable for errors of the table. The caller handles canceled transactions."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "TransactionCanceledException":
            raise
        raise TemporarilyUnavailable("the table does not answer in this Region") from error
    except BotoCoreError as error:
        raise TemporarilyUnavailable("the table does not answer in this Region") from error

"""The global table, through one client of this Region. Nothing here calls another Region.

Every write of a ticket is a transaction with a look at this Region's write fence, so that there is no moment between
the look and the write: once the fence stands, no acknowledged write can follow it. Transactions hold within a Region;
between Regions the table keeps the last writer's item (see `conflicts`).
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

# A page's user waits, and Route 53 gives a health check 2 seconds after it has connected.
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 1, 2, 2
_FENCE_INDEX, _TICKET_INDEX = 0, 1
_MAX_LOST_WRITES = 50
_CONDITION_FAILED = "ConditionalCheckFailed"


class WritesFenced(Exception):
    """Writes are fenced in this Region."""


@dataclass(frozen=True, slots=True)
class ConflictingItem:
    """The write's condition did not hold: what lies there instead, None where nothing does."""

    existing: StoredTicket | None


@lru_cache(maxsize=8)
def dynamodb_client(region: str) -> DynamoDBClient:
    """The client of a Region, made on first use."""
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )
    return boto3.client("dynamodb", region_name=region, config=config)


class TicketStore:
    """The table in one Region. Raises TryAgain when it does not answer, and Fenced."""

    def __init__(self, client: DynamoDBClient, table: str, region: str) -> None:
        self._client = client
        self._table = table
        self._region = region

    def get_ticket(self, ticket_id: str) -> StoredTicket | None:
        """A ticket, as last written in this Region or replicated to it."""
        item = self._get_item(ticket_id, consistent=True)
        return None if item is None else table_items.unpack_ticket(item)

    def list_lost_writes(self, ticket_id: str) -> list[LostTicketWrite]:
        """The writes of a ticket that another Region's write replaced, oldest first; the newest fifty."""
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
        """Keep a lost write. Doing it twice is doing it once."""
        with _translate_errors():
            self._client.put_item(TableName=self._table, Item=table_items.pack_lost_write(stored))

    def get_region_switch(self) -> RegionSwitch:
        """What an operator has said about this Region."""
        return table_items.unpack_switch(self._get_item(table_items.build_region_key(self._region), consistent=True))

    def get_heartbeat(self, region: str) -> str | None:
        """When a Region's heartbeat last ran, as far as it has been replicated to here."""
        item = self._get_item(table_items.build_heartbeat_key(region))
        return None if item is None else item["at"]["S"]

    def write_heartbeat(self, at: str) -> None:
        """Write this Region's heartbeat."""
        beat = {"id": table_items.build_heartbeat_key(self._region), "at": at, "region": self._region}
        with _translate_errors():
            self._client.put_item(TableName=self._table, Item={name: {"S": text} for name, text in beat.items()})

    def create_ticket(self, stored: StoredTicket) -> ConflictingItem | None:
        """Write a ticket unless its id is taken."""
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
        """Write a ticket in the place of the one that was read, unless it is no longer that one."""
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
        """Tickets of one owner, or (None) of everyone, newest first; and where the next page begins.

        `after` is what an earlier call gave: `{"id", "createdOn"}`. The index's own key is put here, so that a made-up
        `after` can lead to no other owner's tickets.
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
        # The write's own id as the request's token: what botocore sends again is the same transaction, not a second.
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
                there = reasons[_TICKET_INDEX].get("Item")
                return ConflictingItem(table_items.unpack_ticket(there) if there else None)
            # Another transaction is at the same ticket, or the table is throttled: nothing was written.
            raise TemporarilyUnavailable(f"the table put the write off ({', '.join(map(str, codes))})") from error
        return None


@contextmanager
def _translate_errors() -> Iterator[None]:
    """A table that does not answer is a reason to try again; a cancelled transaction is the caller's to read."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "TransactionCanceledException":
            raise
        raise TemporarilyUnavailable("the table does not answer in this Region") from error
    except BotoCoreError as error:
        raise TemporarilyUnavailable("the table does not answer in this Region") from error

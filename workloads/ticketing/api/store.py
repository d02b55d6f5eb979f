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

from workloads.ticketing.api import items
from workloads.ticketing.api.items import RegionSwitch, Stored
from workloads.ticketing.api.problems import TryAgain

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, PutTypeDef, TransactWriteItemTypeDef

    from workloads.ticketing.api.models import LostWrite

# A page's user waits, and Route 53 gives a health check 2 seconds after it has connected.
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 1, 2, 2
_FENCE, _TICKET = 0, 1
_MOST_LOST = 50
_FAILED = "ConditionalCheckFailed"


class Fenced(Exception):
    """Writes are fenced in this Region."""


@dataclass(frozen=True, slots=True)
class InTheWay:
    """The write's condition did not hold: what lies there instead, None where nothing does."""

    there: Stored | None


@lru_cache(maxsize=8)
def client(region: str) -> DynamoDBClient:
    """The client of a Region, made on first use."""
    config = Config(
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
    )
    return boto3.client("dynamodb", region_name=region, config=config)


class Store:
    """The table in one Region. Raises TryAgain when it does not answer, and Fenced."""

    def __init__(self, client: DynamoDBClient, table: str, region: str) -> None:
        self._client = client
        self._table = table
        self._region = region

    def get(self, ticket_id: str) -> Stored | None:
        """A ticket, as last written in this Region or replicated to it."""
        item = self._item(ticket_id, consistent=True)
        return None if item is None else items.unpack(item)

    def lost_writes(self, ticket_id: str) -> list[LostWrite]:
        """The writes of a ticket that another Region's write replaced, oldest first; the newest fifty."""
        with _answering():
            answer = self._client.query(
                TableName=self._table,
                IndexName=items.BY_OWNER,
                KeyConditionExpression="#owner = :lost",
                ExpressionAttributeNames={"#owner": "owner"},
                ExpressionAttributeValues={":lost": {"S": items.lost_owner(ticket_id)}},
                ScanIndexForward=False,
                Limit=_MOST_LOST,
            )
        return [items.unpack_lost(item) for item in reversed(answer["Items"])]

    def put_aside(self, stored: Stored) -> None:
        """Keep a lost write. Doing it twice is doing it once."""
        with _answering():
            self._client.put_item(TableName=self._table, Item=items.pack_lost(stored))

    def switch(self) -> RegionSwitch:
        """What an operator has said about this Region."""
        return items.switch_of(self._item(items.region_key(self._region), consistent=True))

    def heartbeat(self, region: str) -> str | None:
        """When a Region's heartbeat last ran, as far as it has been replicated to here."""
        item = self._item(items.heartbeat_key(region))
        return None if item is None else item["at"]["S"]

    def beat(self, at: str) -> None:
        """Write this Region's heartbeat."""
        beat = {"id": items.heartbeat_key(self._region), "at": at, "region": self._region}
        with _answering():
            self._client.put_item(TableName=self._table, Item={name: {"S": text} for name, text in beat.items()})

    def create(self, stored: Stored) -> InTheWay | None:
        """Write a ticket unless its id is taken."""
        return self._write(
            {
                "TableName": self._table,
                "Item": items.pack(stored),
                "ConditionExpression": "attribute_not_exists(id)",
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
            stored.write_id,
        )

    def replace(self, stored: Stored, read: Stored) -> InTheWay | None:
        """Write a ticket in the place of the one that was read, unless it is no longer that one."""
        return self._write(
            {
                "TableName": self._table,
                "Item": items.pack(stored),
                "ConditionExpression": "#write = :read",
                "ExpressionAttributeNames": {"#write": "writeId"},
                "ExpressionAttributeValues": {":read": {"S": read.write_id}},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
            stored.write_id,
        )

    def page(
        self, owner: str | None, limit: int, after: Mapping[str, str] | None
    ) -> tuple[list[Stored], dict[str, str] | None]:
        """Tickets of one owner, or (None) of everyone, newest first; and where the next page begins.

        `after` is what an earlier call gave: `{"id", "createdOn"}`. The index's own key is put here, so that a made-up
        `after` can lead to no other owner's tickets.
        """
        index, attribute, value = (
            (items.BY_DATE, "feed", items.FEED) if owner is None else (items.BY_OWNER, "owner", owner)
        )
        start: dict[str, Any] = {}
        if after is not None:
            key = {"id": after["id"], "createdOn": after["createdOn"], attribute: value}
            start = {"ExclusiveStartKey": {name: {"S": text} for name, text in key.items()}}
        with _answering():
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
            [items.unpack(item) for item in answer["Items"]],
            {name: last[name]["S"] for name in ("id", "createdOn")} if last else None,
        )

    def _item(self, key: str, *, consistent: bool = False) -> dict[str, AttributeValueTypeDef] | None:
        with _answering():
            answer = self._client.get_item(TableName=self._table, Key={"id": {"S": key}}, ConsistentRead=consistent)
        return answer.get("Item")

    def _write(self, put: PutTypeDef, write_id: str) -> InTheWay | None:
        fence: TransactWriteItemTypeDef = {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": {"id": {"S": items.region_key(self._region)}},
                "ConditionExpression": "attribute_not_exists(#writes) OR #writes <> :fenced",
                "ExpressionAttributeNames": {"#writes": "writes"},
                "ExpressionAttributeValues": {":fenced": {"S": "fenced"}},
            }
        }
        # The write's own id as the request's token: what botocore sends again is the same transaction, not a second.
        try:
            with _answering():
                self._client.transact_write_items(
                    TransactItems=[fence, {"Put": put}],
                    ClientRequestToken=write_id,
                )
        except ClientError as error:
            reasons: Any = error.response["CancellationReasons"]
            codes = [reason.get("Code") for reason in reasons]
            if codes[_FENCE] == _FAILED:
                raise Fenced from error
            if codes[_TICKET] == _FAILED:
                there = reasons[_TICKET].get("Item")
                return InTheWay(items.unpack(there) if there else None)
            # Another transaction is at the same ticket, or the table is throttled: nothing was written.
            raise TryAgain(f"the table put the write off ({', '.join(map(str, codes))})") from error
        return None


@contextmanager
def _answering() -> Iterator[None]:
    """A table that does not answer is a reason to try again; a cancelled transaction is the caller's to read."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "TransactionCanceledException":
            raise
        raise TryAgain("the table does not answer in this Region") from error
    except BotoCoreError as error:
        raise TryAgain("the table does not answer in this Region") from error

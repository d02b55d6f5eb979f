"""How things lie in the global table, whose only key is `id`.

| `id`                    | what                                                                              |
|-------------------------|-----------------------------------------------------------------------------------|
| a ticket's id           | a ticket                                                                          |
| `#region#<Region>`      | the operator's switch and the write fence of one Region; no other Region reads it |
| `#heartbeat#<Region>`   | when that Region's heartbeat last ran                                             |
| `#lost#<ticket>#<write>`| a write of that ticket which the other Region's write replaced                    |

A ticket also carries `owner` and `feed` (the keys of the two indexes, both sorted by `createdOn`), `writeId` (of its
last write) and `lineage` (the writes before it, newest first): a replicated write whose lineage does not hold the write
that it replaces was made without having seen it. A lost write lies in the owners' index under `#lost#<ticket>`, where
all of a ticket's are found together; no user's name begins with `#`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workloads.ticketing.api.contract.models import LostTicketWrite, Ticket

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

BY_OWNER, BY_DATE = "by-owner", "by-date"
FEED = "tickets"
# Enough to see through any number of writes that replicate together; each is 16 characters.
MAX_PREVIOUS_WRITES = 20

RawItem = Mapping[str, "AttributeValueTypeDef"]


@dataclass(frozen=True, slots=True)
class StoredTicket:
    """A ticket as it lies in the table."""

    ticket: Ticket
    owner: str
    write_id: str
    previous_writes: tuple[str, ...] = ()
    fingerprint: str = ""
    """Of the request that created it, so that a client token is not used for two different tickets."""


@dataclass(frozen=True, slots=True)
class RegionSwitch:
    """What an operator has said about one Region."""

    in_service: bool = True
    writes_open: bool = True
    reason: str = ""


def build_region_key(region: str) -> str:
    """The key of a Region's switch."""
    return f"#region#{region}"


def build_heartbeat_key(region: str) -> str:
    """The key of a Region's heartbeat."""
    return f"#heartbeat#{region}"


def lost_write_owner(ticket_id: str) -> str:
    """Under what the lost writes of a ticket lie in the owners' index."""
    return f"#lost#{ticket_id}"


def is_ticket(key: str) -> bool:
    """Whether a key is a ticket's."""
    return not key.startswith("#")


def pack_ticket(stored: StoredTicket) -> dict[str, AttributeValueTypeDef]:
    """A ticket as DynamoDB's attributes."""
    fields = stored.ticket.model_dump(mode="json", exclude={"version"})
    texts = {**fields, "owner": stored.owner, "feed": FEED, "writeId": stored.write_id}
    item: dict[str, AttributeValueTypeDef] = {name: {"S": str(value)} for name, value in texts.items()}
    item["version"] = {"N": str(stored.ticket.version)}
    item["lineage"] = {"L": [{"S": write} for write in stored.previous_writes]}
    item["fingerprint"] = {"S": stored.fingerprint}
    return item


def unpack_ticket(item: RawItem) -> StoredTicket:
    """A ticket from DynamoDB's attributes."""
    return StoredTicket(
        ticket=Ticket.model_validate({name: _read_value(item[name]) for name in Ticket.model_fields}),
        owner=item["owner"]["S"],
        write_id=item["writeId"]["S"],
        previous_writes=tuple(write["S"] for write in item["lineage"]["L"]),
        fingerprint=item["fingerprint"]["S"],
    )


def unpack_switch(item: RawItem | None) -> RegionSwitch:
    """A Region's switch; where no one has said anything, it is in service and open."""
    if item is None:
        return RegionSwitch()
    return RegionSwitch(
        in_service=_read_text(item, "health") != "out-of-service",
        writes_open=_read_text(item, "writes") != "fenced",
        reason=_read_text(item, "reason"),
    )


def pack_lost_write(stored: StoredTicket) -> dict[str, AttributeValueTypeDef]:
    """A lost write as DynamoDB's attributes: the same whenever it is packed."""
    lost = LostTicketWrite.model_validate(stored.ticket.model_dump()).model_dump(mode="json", exclude={"version"})
    owner = lost_write_owner(stored.ticket.id)
    keys = {"id": f"{owner}#{stored.write_id}", "owner": owner, "createdOn": stored.ticket.updatedOn}
    item: dict[str, AttributeValueTypeDef] = {name: {"S": text} for name, text in {**lost, **keys}.items()}
    item["version"] = {"N": str(stored.ticket.version)}
    return item


def unpack_lost_write(item: RawItem) -> LostTicketWrite:
    """A lost write from DynamoDB's attributes."""
    return LostTicketWrite.model_validate({name: _read_value(item[name]) for name in LostTicketWrite.model_fields})


def _read_text(item: RawItem, name: str) -> str:
    return item[name].get("S", "") if name in item else ""


def _read_value(value: AttributeValueTypeDef) -> str | int:
    return int(value["N"]) if "N" in value else value["S"]

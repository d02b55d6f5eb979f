"""The items of the global table, whose only key is `id`.

 `id`                    | item                                                                                |
-------------------------|-------------------------------------------------------------------------------------|
 a ticket's ID           | a ticket                                                                            |
 `#region#<Region>`      | the operator's switch and the write fence of a Region; other Regions don't read it  |
 `#heartbeat#<Region>`   | the time of that Region's last heartbeat                                            |
 `#lost#<ticket>#<write>`| a write of that ticket which the other Region's write replaced                      |

A ticket also has `owner` and `feed` (the keys of the two indexes, both sorted by `createdOn`), `writeId` (of its last
write), and `lineage` (the writes before it, newest first). If the lineage of a replicated write doesn't contain the
write that it replaces, the replaced write is lost. A lost write is stored in the owner index under `#lost#<ticket>`, so
that a query finds all lost writes of a ticket. No user's name begins with `#`.
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
# Enough for writes that are replicated together. Each ID has 16 characters.
MAX_PREVIOUS_WRITES = 20

RawItem = Mapping[str, "AttributeValueTypeDef"]


@dataclass(frozen=True, slots=True)
class StoredTicket:
    """A ticket as it is stored in the table."""

    ticket: Ticket
    owner: str
    write_id: str
    previous_writes: tuple[str, ...] = ()
    fingerprint: str = ""
    """A digest of the request that created the ticket. It detects a client token that is used for different tickets."""


@dataclass(frozen=True, slots=True)
class RegionSwitch:
    """The switches that an operator has set for a Region."""

    in_service: bool = True
    writes_open: bool = True
    reason: str = ""


def build_region_key(region: str) -> str:
    """Return the key of a Region's switch."""
    return f"#region#{region}"


def build_heartbeat_key(region: str) -> str:
    """Return the key of a Region's heartbeat."""
    return f"#heartbeat#{region}"


def lost_write_owner(ticket_id: str) -> str:
    """Return the owner under which a ticket's lost writes are stored in the owner index."""
    return f"#lost#{ticket_id}"


def is_ticket(key: str) -> bool:
    """Return whether a key is a ticket's."""
    return not key.startswith("#")


def pack_ticket(stored: StoredTicket) -> dict[str, AttributeValueTypeDef]:
    """Return a ticket as DynamoDB attributes."""
    fields = stored.ticket.model_dump(mode="json", exclude={"version"})
    texts = {**fields, "owner": stored.owner, "feed": FEED, "writeId": stored.write_id}
    item: dict[str, AttributeValueTypeDef] = {name: {"S": str(value)} for name, value in texts.items()}
    item["version"] = {"N": str(stored.ticket.version)}
    item["lineage"] = {"L": [{"S": write} for write in stored.previous_writes]}
    item["fingerprint"] = {"S": stored.fingerprint}
    return item


def unpack_ticket(item: RawItem) -> StoredTicket:
    """Return a ticket from DynamoDB attributes."""
    return StoredTicket(
        ticket=Ticket.model_validate({name: _read_value(item[name]) for name in Ticket.model_fields}),
        owner=item["owner"]["S"],
        write_id=item["writeId"]["S"],
        previous_writes=tuple(write["S"] for write in item["lineage"]["L"]),
        fingerprint=item["fingerprint"]["S"],
    )


def unpack_switch(item: RawItem | None) -> RegionSwitch:
    """Return a Region's switch. By default, the Region is in service and open to writes."""
    if item is None:
        return RegionSwitch()
    return RegionSwitch(
        in_service=_read_text(item, "health") != "out-of-service",
        writes_open=_read_text(item, "writes") != "fenced",
        reason=_read_text(item, "reason"),
    )


def pack_lost_write(stored: StoredTicket) -> dict[str, AttributeValueTypeDef]:
    """Return a lost write as DynamoDB attributes. The result is deterministic, so storing it twice is safe."""
    lost = LostTicketWrite.model_validate(stored.ticket.model_dump()).model_dump(mode="json", exclude={"version"})
    owner = lost_write_owner(stored.ticket.id)
    keys = {"id": f"{owner}#{stored.write_id}", "owner": owner, "createdOn": stored.ticket.updatedOn}
    item: dict[str, AttributeValueTypeDef] = {name: {"S": text} for name, text in {**lost, **keys}.items()}
    item["version"] = {"N": str(stored.ticket.version)}
    return item


def unpack_lost_write(item: RawItem) -> LostTicketWrite:
    """Return a lost write from DynamoDB attributes."""
    return LostTicketWrite.model_validate({name: _read_value(item[name]) for name in LostTicketWrite.model_fields})


def _read_text(item: RawItem, name: str) -> str:
    return item[name].get("S", "") if name in item else ""


def _read_value(value: AttributeValueTypeDef) -> str | int:
    return int(value["N"]) if "N" in value else value["S"]

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

from workloads.ticketing.api.models import LostWrite, Ticket

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

BY_OWNER, BY_DATE = "by-owner", "by-date"
FEED = "tickets"
# Enough to see through any number of writes that replicate together; each is 16 characters.
LONGEST_LINEAGE = 20

Raw = Mapping[str, "AttributeValueTypeDef"]


@dataclass(frozen=True, slots=True)
class Stored:
    """A ticket as it lies in the table."""

    ticket: Ticket
    owner: str
    write_id: str
    lineage: tuple[str, ...] = ()
    fingerprint: str = ""
    """Of the request that created it, so that a client token is not used for two different tickets."""


@dataclass(frozen=True, slots=True)
class RegionSwitch:
    """What an operator has said about one Region."""

    in_service: bool = True
    writes_open: bool = True
    reason: str = ""


def region_key(region: str) -> str:
    """The key of a Region's switch."""
    return f"#region#{region}"


def heartbeat_key(region: str) -> str:
    """The key of a Region's heartbeat."""
    return f"#heartbeat#{region}"


def lost_owner(ticket_id: str) -> str:
    """Under what the lost writes of a ticket lie in the owners' index."""
    return f"#lost#{ticket_id}"


def is_ticket(key: str) -> bool:
    """Whether a key is a ticket's."""
    return not key.startswith("#")


def pack(stored: Stored) -> dict[str, AttributeValueTypeDef]:
    """A ticket as DynamoDB's attributes."""
    fields = stored.ticket.model_dump(mode="json", exclude={"version"})
    texts = {**fields, "owner": stored.owner, "feed": FEED, "writeId": stored.write_id}
    item: dict[str, AttributeValueTypeDef] = {name: {"S": str(value)} for name, value in texts.items()}
    item["version"] = {"N": str(stored.ticket.version)}
    item["lineage"] = {"L": [{"S": write} for write in stored.lineage]}
    item["fingerprint"] = {"S": stored.fingerprint}
    return item


def unpack(item: Raw) -> Stored:
    """A ticket from DynamoDB's attributes."""
    return Stored(
        ticket=Ticket.model_validate({name: _plain(item[name]) for name in Ticket.model_fields}),
        owner=item["owner"]["S"],
        write_id=item["writeId"]["S"],
        lineage=tuple(write["S"] for write in item["lineage"]["L"]),
        fingerprint=item["fingerprint"]["S"],
    )


def switch_of(item: Raw | None) -> RegionSwitch:
    """A Region's switch; where no one has said anything, it is in service and open."""
    if item is None:
        return RegionSwitch()
    return RegionSwitch(
        in_service=_text(item, "health") != "out-of-service",
        writes_open=_text(item, "writes") != "fenced",
        reason=_text(item, "reason"),
    )


def pack_lost(stored: Stored) -> dict[str, AttributeValueTypeDef]:
    """A lost write as DynamoDB's attributes: the same whenever it is packed."""
    lost = LostWrite.model_validate(stored.ticket.model_dump()).model_dump(mode="json", exclude={"version"})
    owner = lost_owner(stored.ticket.id)
    keys = {"id": f"{owner}#{stored.write_id}", "owner": owner, "createdOn": stored.ticket.updatedOn}
    item: dict[str, AttributeValueTypeDef] = {name: {"S": text} for name, text in {**lost, **keys}.items()}
    item["version"] = {"N": str(stored.ticket.version)}
    return item


def unpack_lost(item: Raw) -> LostWrite:
    """A lost write from DynamoDB's attributes."""
    return LostWrite.model_validate({name: _plain(item[name]) for name in LostWrite.model_fields})


def _text(item: Raw, name: str) -> str:
    return item[name].get("S", "") if name in item else ""


def _plain(value: AttributeValueTypeDef) -> str | int:
    return int(value["N"]) if "N" in value else value["S"]

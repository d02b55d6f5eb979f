"""What may be done with a ticket: decided here, carried out by the store.

A ticket's id is made from its owner and the client's token. A create that is sent again, to whichever Region, is thus a
write of the same item: within a Region the second finds the first, and where the first has not been replicated yet,
replication makes one of the two.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import NAMESPACE_URL, uuid5

from workloads.ticketing.api.identity import User
from workloads.ticketing.api.items import LONGEST_LINEAGE, Stored
from workloads.ticketing.api.models import NewTicket, Ticket, TicketChange, TicketInFull
from workloads.ticketing.api.problems import LostUpdate, NoSuchThing, TokenReused, TryAgain
from workloads.ticketing.api.store import Fenced, InTheWay, Store

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:ticketing:ticket")
_FENCED = "this Region takes no writes at the moment; the ticket was not stored"


@dataclass(frozen=True, slots=True)
class Desk:
    """One request's view: who asks, where, when, and the id of the request (unique, from API Gateway)."""

    store: Store
    user: User
    region: str
    now: datetime
    request_id: str


def instant(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: sorts as text."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def create(desk: Desk, new: NewTicket, header_token: str | None = None) -> tuple[Ticket, bool]:
    """The ticket, and whether it was there already. Raises TokenReused and TryAgain."""
    token = header_token or new.clientToken
    # The request's id is unique: without a token every request makes a ticket, as in the classic contract.
    material = f"{desk.user.key}\ntoken\n{token}" if token else f"{desk.user.key}\nrequest\n{desk.request_id}"
    fields = new.model_dump(mode="json", include={"description", "assigned", "priority", "status"})
    at = instant(desk.now)
    stored = Stored(
        Ticket(
            id=str(uuid5(_NAMESPACE, material)),
            **fields,
            createdBy=desk.user.name,
            createdOn=at,
            updatedOn=at,
            region=desk.region,
            version=1,
        ),
        owner=desk.user.key,
        write_id=_write_id(desk),
        fingerprint=hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16],
    )
    try:
        in_the_way = desk.store.create(stored)
    except Fenced:
        raise TryAgain(_FENCED) from None
    if in_the_way is None:
        return stored.ticket, False
    there = in_the_way.there
    if there is None or there.fingerprint != stored.fingerprint:
        raise TokenReused("it made a ticket with other content; make a new token for a new ticket")
    return there.ticket, True


def change(desk: Desk, wanted: TicketChange) -> Ticket:
    """The ticket as changed. Raises NoSuchThing, LostUpdate and TryAgain."""
    read = _own(desk, wanted.id)
    before = read.ticket
    if before.version != wanted.version or wanted.region not in (None, before.region):
        raise _lost(wanted, before)
    fields = wanted.model_dump(
        mode="json", include={"description", "assigned", "priority", "status"}, exclude_none=True
    )
    after = Ticket.model_validate(
        {
            **before.model_dump(mode="json"),
            **fields,
            "updatedOn": instant(desk.now),
            "region": desk.region,
            "version": before.version + 1,
        }
    )
    stored = Stored(
        after,
        owner=read.owner,
        write_id=_write_id(desk),
        lineage=(read.write_id, *read.lineage)[:LONGEST_LINEAGE],
        fingerprint=read.fingerprint,
    )
    try:
        in_the_way = desk.store.replace(stored, read)
    except Fenced:
        raise TryAgain(_FENCED) from None
    if isinstance(in_the_way, InTheWay):
        raise _lost(wanted, in_the_way.there.ticket if in_the_way.there else None)
    return after


def look_at(desk: Desk, ticket_id: str) -> TicketInFull:
    """A ticket and what was lost of it. Raises NoSuchThing."""
    stored = _own(desk, ticket_id)
    return TicketInFull(**stored.ticket.model_dump(), lostWrites=desk.store.lost_writes(ticket_id))


def _own(desk: Desk, ticket_id: str) -> Stored:
    stored = desk.store.get(ticket_id)
    # 404 and not 403: whether someone else's ticket exists is not for others to know.
    if stored is None or not (desk.user.agent or stored.owner == desk.user.key):
        raise NoSuchThing("there is no such ticket among yours")
    return stored


def _lost(wanted: TicketChange, now_there: Ticket | None) -> LostUpdate:
    if now_there is None:
        return LostUpdate(f"version {wanted.version} was changed, and the ticket is gone")
    return LostUpdate(
        f"version {wanted.version} was changed, but version {now_there.version} (written in {now_there.region}) "
        "is there now; nothing was stored: look at the ticket and decide again",
        current=now_there.model_dump(mode="json"),
    )


def _write_id(desk: Desk) -> str:
    # 16 hexadecimal digits, from what is unique: 2 Regions, the request's id.
    return hashlib.sha256(f"{desk.region}\n{desk.request_id}".encode()).hexdigest()[:16]

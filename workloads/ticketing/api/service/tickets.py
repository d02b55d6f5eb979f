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

from workloads.ticketing.api.contract.models import NewTicket, Ticket, TicketChange, TicketWithLostWrites
from workloads.ticketing.api.contract.problems import (
    ClientTokenReused,
    LostUpdate,
    ResourceNotFound,
    TemporarilyUnavailable,
)
from workloads.ticketing.api.service.authentication import AuthenticatedUser
from workloads.ticketing.api.service.table_items import MAX_PREVIOUS_WRITES, StoredTicket
from workloads.ticketing.api.service.ticket_store import ConflictingItem, TicketStore, WritesFenced

_NAMESPACE = uuid5(NAMESPACE_URL, "urn:ticketing:ticket")
_FENCED_MESSAGE = "this Region takes no writes at the moment; the ticket was not stored"


@dataclass(frozen=True, slots=True)
class TicketRequestContext:
    """One request's view: who asks, where, when, and the id of the request (unique, from API Gateway)."""

    store: TicketStore
    user: AuthenticatedUser
    region: str
    now: datetime
    request_id: str


def format_instant(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds: sorts as text."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def create_ticket(
    context: TicketRequestContext, new_ticket: NewTicket, header_token: str | None = None
) -> tuple[Ticket, bool]:
    """The ticket, and whether it was there already. Raises TokenReused and TryAgain."""
    token = header_token or new_ticket.clientToken
    # The request's id is unique: without a token every request makes a ticket, as in the classic contract.
    material = f"{context.user.key}\ntoken\n{token}" if token else f"{context.user.key}\nrequest\n{context.request_id}"
    fields = new_ticket.model_dump(mode="json", include={"description", "assigned", "priority", "status"})
    at = format_instant(context.now)
    stored = StoredTicket(
        Ticket(
            id=str(uuid5(_NAMESPACE, material)),
            **fields,
            createdBy=context.user.name,
            createdOn=at,
            updatedOn=at,
            region=context.region,
            version=1,
        ),
        owner=context.user.key,
        write_id=_build_write_id(context),
        fingerprint=hashlib.sha256(json.dumps(fields, sort_keys=True).encode()).hexdigest()[:16],
    )
    try:
        in_the_way = context.store.create_ticket(stored)
    except WritesFenced:
        raise TemporarilyUnavailable(_FENCED_MESSAGE) from None
    if in_the_way is None:
        return stored.ticket, False
    there = in_the_way.existing
    if there is None or there.fingerprint != stored.fingerprint:
        raise ClientTokenReused("it made a ticket with other content; make a new token for a new ticket")
    return there.ticket, True


def change_ticket(context: TicketRequestContext, requested: TicketChange) -> Ticket:
    """The ticket as changed. Raises NoSuchThing, LostUpdate and TryAgain."""
    read = _get_own_ticket(context, requested.id)
    before = read.ticket
    if before.version != requested.version or requested.region not in (None, before.region):
        raise _build_lost_update(requested, before)
    fields = requested.model_dump(
        mode="json", include={"description", "assigned", "priority", "status"}, exclude_none=True
    )
    after = Ticket.model_validate(
        {
            **before.model_dump(mode="json"),
            **fields,
            "updatedOn": format_instant(context.now),
            "region": context.region,
            "version": before.version + 1,
        }
    )
    stored = StoredTicket(
        after,
        owner=read.owner,
        write_id=_build_write_id(context),
        previous_writes=(read.write_id, *read.previous_writes)[:MAX_PREVIOUS_WRITES],
        fingerprint=read.fingerprint,
    )
    try:
        in_the_way = context.store.replace_ticket(stored, read)
    except WritesFenced:
        raise TemporarilyUnavailable(_FENCED_MESSAGE) from None
    if isinstance(in_the_way, ConflictingItem):
        raise _build_lost_update(requested, in_the_way.existing.ticket if in_the_way.existing else None)
    return after


def get_ticket(context: TicketRequestContext, ticket_id: str) -> TicketWithLostWrites:
    """A ticket and what was lost of it. Raises NoSuchThing."""
    stored = _get_own_ticket(context, ticket_id)
    return TicketWithLostWrites(**stored.ticket.model_dump(), lostWrites=context.store.list_lost_writes(ticket_id))


def _get_own_ticket(context: TicketRequestContext, ticket_id: str) -> StoredTicket:
    stored = context.store.get_ticket(ticket_id)
    # 404 and not 403: whether someone else's ticket exists is not for others to know.
    if stored is None or not (context.user.is_agent or stored.owner == context.user.key):
        raise ResourceNotFound("there is no such ticket among yours")
    return stored


def _build_lost_update(requested: TicketChange, current: Ticket | None) -> LostUpdate:
    if current is None:
        return LostUpdate(f"version {requested.version} was changed, and the ticket is gone")
    return LostUpdate(
        f"version {requested.version} was changed, but version {current.version} (written in {current.region}) "
        "is there now; nothing was stored: look at the ticket and decide again",
        current=current.model_dump(mode="json"),
    )


def _build_write_id(context: TicketRequestContext) -> str:
    # 16 hexadecimal digits, from what is unique: 2 Regions, the request's id.
    return hashlib.sha256(f"{context.region}\n{context.request_id}".encode()).hexdigest()[:16]

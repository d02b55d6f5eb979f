"""The operations on tickets, with their rules. The store carries them out.

A ticket's ID is derived from its owner and the client's token. So a repeated create, in any Region, writes the same
item. Within a Region, the second create finds the first. If the first isn't replicated yet, replication merges both
into one item.
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
_FENCED_MESSAGE = "this Region does not accept writes at the moment; the ticket was not stored"


@dataclass(frozen=True, slots=True)
class TicketRequestContext:
    """One request: the user, the Region, the time, and the request ID (unique, from API Gateway)."""

    store: TicketStore
    user: AuthenticatedUser
    region: str
    now: datetime
    request_id: str


def format_instant(at: datetime) -> str:
    """Return the time as ISO 8601 in UTC with milliseconds, which sorts as text."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def create_ticket(
    context: TicketRequestContext, new_ticket: NewTicket, header_token: str | None = None
) -> tuple[Ticket, bool]:
    """Create a ticket. Return it, and whether it already existed. Raises ClientTokenReused and
    TemporarilyUnavailable.
    """
    token = header_token or new_ticket.clientToken
    # Without a token, every request creates a ticket, as in the classic contract. The request's ID is unique.
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
        conflict = context.store.create_ticket(stored)
    except WritesFenced:
        raise TemporarilyUnavailable(_FENCED_MESSAGE) from None
    if conflict is None:
        return stored.ticket, False
    existing = conflict.existing
    if existing is None or existing.fingerprint != stored.fingerprint:
        raise ClientTokenReused("the existing ticket has other content; use a new token for a new ticket")
    return existing.ticket, True


def change_ticket(context: TicketRequestContext, requested: TicketChange) -> Ticket:
    """Change a ticket and return it. Raises ResourceNotFound, LostUpdate, and TemporarilyUnavailable."""
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
        conflict = context.store.replace_ticket(stored, read)
    except WritesFenced:
        raise TemporarilyUnavailable(_FENCED_MESSAGE) from None
    if isinstance(conflict, ConflictingItem):
        raise _build_lost_update(requested, conflict.existing.ticket if conflict.existing else None)
    return after


def get_ticket(context: TicketRequestContext, ticket_id: str) -> TicketWithLostWrites:
    """Return a ticket and its lost writes. Raises ResourceNotFound."""
    stored = _get_own_ticket(context, ticket_id)
    return TicketWithLostWrites(**stored.ticket.model_dump(), lostWrites=context.store.list_lost_writes(ticket_id))


def _get_own_ticket(context: TicketRequestContext, ticket_id: str) -> StoredTicket:
    stored = context.store.get_ticket(ticket_id)
    # 404 instead of 403, so that users can't find out whether another user's ticket exists.
    if stored is None or not (context.user.is_agent or stored.owner == context.user.key):
        raise ResourceNotFound("you have no such ticket")
    return stored


def _build_lost_update(requested: TicketChange, current: Ticket | None) -> LostUpdate:
    if current is None:
        return LostUpdate(f"the ticket no longer exists; you changed version {requested.version}")
    return LostUpdate(
        f"you changed version {requested.version}, but the current version is {current.version} (written in "
        f"{current.region}); nothing was stored; read the ticket and try again",
        current=current.model_dump(mode="json"),
    )


def _build_write_id(context: TicketRequestContext) -> str:
    # 16 hexadecimal digits, derived from unique values: the Region and the request's ID.
    return hashlib.sha256(f"{context.region}\n{context.request_id}".encode()).hexdigest()[:16]

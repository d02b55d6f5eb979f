"""A function on a schedule that writes a heartbeat, by which the other Region monitors replication from this Region."""

from __future__ import annotations

from datetime import UTC, datetime

from workloads.ticketing.api.contract.settings import load_settings
from workloads.ticketing.api.service import ticket_store
from workloads.ticketing.api.service.tickets import format_instant


def handler(event: object, context: object) -> dict[str, str]:
    """Write the item `#heartbeat#<this Region>`. Raises TemporarilyUnavailable, and EventBridge retries."""
    del event, context
    settings = load_settings()
    at = format_instant(datetime.now(UTC))
    ticket_store.TicketStore(
        ticket_store.dynamodb_client(settings.region), settings.table, settings.region
    ).write_heartbeat(at)
    return {"region": settings.region, "at": at}

"""A function on a schedule: writes the marker by which the other Region sees that replication from here still works."""

from __future__ import annotations

from datetime import UTC, datetime

from workloads.ticketing.api import store
from workloads.ticketing.api.settings import from_environment
from workloads.ticketing.api.tickets import instant


def handler(event: object, context: object) -> dict[str, str]:
    """Write `#heartbeat#<this Region>`. Raises TryAgain, and EventBridge tries again."""
    del event, context
    settings = from_environment()
    at = instant(datetime.now(UTC))
    store.Store(store.client(settings.region), settings.table, settings.region).beat(at)
    return {"region": settings.region, "at": at}

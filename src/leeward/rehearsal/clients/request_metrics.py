"""Computes metrics from client requests: downtime, and the time from which a Region serves every client."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from leeward.rehearsal.clients.page_clients import ClientRequest


def all_served_since(requests: Sequence[ClientRequest], region: str | Collection[str]) -> datetime | None:
    """Return the time from which `region`, or one of several Regions, serves every client until the last request.

    Returns None if the last request of any client failed or was served by another Region.
    """
    regions = {region} if isinstance(region, str) else set(region)
    since: dict[int, datetime | None] = {}
    for request in requests:
        if request.served_by not in regions:
            since[request.client] = None
        elif since.get(request.client) is None:
            since[request.client] = request.at
    moments = list(since.values())
    if not moments or any(m is None for m in moments):
        return None
    return max(m for m in moments if m is not None)


def downtime(requests: Sequence[ClientRequest], interval: timedelta = timedelta(seconds=1)) -> timedelta:
    """Return how long at least one client could not use the application.

    This is the number of distinct times with a failed request, multiplied by `interval`, the time between requests.
    """
    return len({r.at for r in requests if r.served_by is None}) * interval

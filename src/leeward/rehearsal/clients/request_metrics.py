"""What the users' requests say: downtime, and the moment from which the target serves them all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from leeward.rehearsal.clients.page_clients import ClientRequest


def all_served_since(requests: Sequence[ClientRequest], region: str | Collection[str]) -> datetime | None:
    """The first moment from which every client is served by `region` (or one of these) for as long as it was watched.

    None when some client's last request was not.
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
    """How long at least one client could not use the application: the instants with a failed request, times the
    interval of requests."""
    return len({r.at for r in requests if r.served_by is None}) * interval

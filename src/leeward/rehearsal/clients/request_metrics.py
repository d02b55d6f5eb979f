"""Measures an outage from the requests of an application's clients.

Every figure about users comes from this module: when all clients were served again, how long clients were without
service, and how many clients were moved. A rehearsal, its evidence, the comparison of routing variants, and the served
twin use the same functions. The order of the requests in the log doesn't matter, because a request that hangs may be
logged after a later request of another client.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leeward.rehearsal.clients.page_clients import ClientRequest

UNSERVED = "nobody"
"""The key of the clients whose latest request failed, in counts of clients by Region."""


@dataclass(frozen=True, slots=True)
class ClientMeasurement:
    """What the clients of an application saw in a period.

    - `clients`: how many clients the application has. `observed`: how many of them sent a request.
    - `requests`, `failed`: how many requests they sent, and how many of these failed.
    - `moved`: how many clients an expected Region serves at the end of the period.
    - `downtime`: how long at least one client was without service.
    - `first_failed_at`: when the first failed request was sent, or None if no request failed.
    - `served_since`: since when the expected Regions have served every observed client, or None if they don't.
    """

    clients: int
    observed: int
    requests: int
    failed: int
    moved: int
    downtime: timedelta
    first_failed_at: datetime | None
    served_since: datetime | None


def measure_clients(
    requests: Iterable[ClientRequest],
    *,
    expected_regions: Collection[str],
    clients: int,
    since: datetime,
    until: datetime,
) -> ClientMeasurement:
    """Measure the requests between `since` and `until`, including those that were pending at `since`.

    `expected_regions` are the Regions that should serve the `clients` at the end.
    """
    in_period = requests_since(requests, since)
    failed = [request.at for request in in_period if request.served_by is None]
    streaks = _start_of_streaks(in_period, expected_regions)
    return ClientMeasurement(
        clients=clients,
        observed=len(streaks),
        requests=len(in_period),
        failed=len(failed),
        moved=sum(1 for start in streaks.values() if start is not None),
        downtime=downtime(in_period, since=since, until=until),
        first_failed_at=max(since, min(failed)) if failed else None,
        served_since=all_served_since(in_period, expected_regions),
    )


def requests_since(requests: Iterable[ClientRequest], since: datetime) -> list[ClientRequest]:
    """Return the requests that were sent at or after `since`, or that were still pending then."""
    return [request for request in requests if request.at >= since or responded_at(request) > since]


def responded_at(request: ClientRequest) -> datetime:
    """Return when the request ended: with a response, or with the client's timeout."""
    return request.ended_at or request.at


def all_served_since(requests: Iterable[ClientRequest], region: str | Collection[str]) -> datetime | None:
    """Return the time from which `region`, or one of several Regions, serves every client until the last request.

    This is the end of the first request in each client's last unbroken series of served requests, for the client that
    is served last. Returns None if the last request of any client failed or was served by another Region.
    """
    starts = list(_start_of_streaks(requests, {region} if isinstance(region, str) else region).values())
    served = [start for start in starts if start is not None]
    return max(served) if served and len(served) == len(starts) else None


def downtime(requests: Iterable[ClientRequest], *, since: datetime, until: datetime) -> timedelta:
    """Return how long at least one client was without service between `since` and `until`.

    A client is without service from the time when it sends a request that fails until its next successful response
    from any Region. Times in which several clients are without service count once.
    """
    total, covered_until = timedelta(), since
    for start, end in sorted(_intervals_without_service(requests, until)):
        first, last = max(start, covered_until), min(end, until)
        if last > first:
            total += last - first
            covered_until = last
    return total


def seconds_until_all_left(
    requests: Sequence[ClientRequest], affected_regions: Collection[str], since: datetime
) -> float:
    """Return the seconds from `since` until the last user had left the affected Regions, or 0 if none had to leave.

    A user whose request failed has left at the next request that another Region serves. A user that an affected Region
    still served has left after the last such request. If a user hasn't left by the end, the result is the whole time.
    """
    # Users who have not left. The value is True if their latest request failed.
    failing: dict[int, bool] = {}
    last = 0.0
    ordered = sorted(requests, key=lambda request: request.at)
    for request in ordered:
        elapsed = max(0.0, (request.at - since).total_seconds())
        if request.served_by is None or request.served_by in affected_regions:
            failing[request.client] = request.served_by is None
            last = elapsed
        elif failing.pop(request.client, False):
            last = elapsed
    return (ordered[-1].at - since).total_seconds() + 1 if failing else last


def count_by_region(latest_requests: Iterable[ClientRequest]) -> dict[str, int]:
    """Return the number of clients that each Region served in their latest request, and that of failed ones."""
    return dict(Counter(request.served_by or UNSERVED for request in latest_requests))


def _start_of_streaks(requests: Iterable[ClientRequest], regions: Collection[str]) -> dict[int, datetime | None]:
    """Return since when `regions` have served each client without interruption, or None where they don't."""
    since: dict[int, datetime | None] = {}
    for request in sorted(requests, key=lambda request: request.at):
        if request.served_by not in regions:
            since[request.client] = None
        elif since.get(request.client) is None:
            since[request.client] = responded_at(request)
    return since


def _intervals_without_service(requests: Iterable[ClientRequest], until: datetime) -> list[tuple[datetime, datetime]]:
    """Return the intervals in which each client was without service. One that hasn't ended lasts until `until`."""
    failing_since: dict[int, datetime] = {}
    intervals: list[tuple[datetime, datetime]] = []
    for request in sorted(requests, key=lambda request: request.at):
        if request.served_by is None:
            failing_since.setdefault(request.client, request.at)
        elif request.client in failing_since:
            intervals.append((failing_since.pop(request.client), responded_at(request)))
    return intervals + [(start, until) for start in failing_since.values()]

"""Checks the `single-writer` invariant: two Regions never serve clients at the same time."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RoutingCause, RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport


def single_writer(record: RunRecord) -> InvariantReport:
    """Check that no two Regions served clients at the same virtual second.

    Every server group has one live copy. If two Regions served at the same time, both would accept writes, and the
    writes of one Region would be lost. After a routing control changes, resolvers keep DNS answers for their TTL. The
    check therefore uses the requests of the clients, each of which has its own resolver and cache. It also uses each
    change that DNS answers follow, because few clients don't see every answer.

    In an active-active application, both Regions may write until a run fences one of them. From then on, that Region
    must acknowledge no write until the fence is opened.
    """
    if record.active_active:
        return _check_fences(record)
    serving_regions: dict[datetime, set[str]] = defaultdict(set)
    for request in record.requests:
        if request.served_by is not None:
            serving_regions[request.at].add(request.served_by)
    overlaps = [at for at, regions in serving_regions.items() if len(regions) > 1]
    if overlaps:
        detail = f"two Regions served at the same time for {len(overlaps)} s, from {min(overlaps):%H:%M:%S}"
        return InvariantReport.violation("single-writer", detail, len(serving_regions))
    for change in record.routing_changes:
        led_to = change.regions & change.serving
        if change.cause is not RoutingCause.CONTROLS and len(led_to) > 1:
            detail = f"at {change.at:%H:%M:%S} DNS led clients to {', '.join(sorted(led_to))}, and both served"
            return InvariantReport.violation("single-writer", detail, len(serving_regions) + 1)
    detail = f"two Regions never served in the same second, in {len(serving_regions)} seconds"
    return InvariantReport.of("single-writer", len(serving_regions), detail, otherwise="no Region served a client")


def _check_fences(record: RunRecord) -> InvariantReport:
    name = "single-writer"
    if not record.fenced_intervals:
        reason = "the application is active-active, and no Region was fenced, so both may write"
        return InvariantReport.not_applicable(name, reason)
    writes = [write for write in record.acknowledgements if any(f.covers(write.at) for f in record.fenced_intervals)]
    broken = [w for w in writes if any(f.region == w.region and f.covers(w.at) for f in record.fenced_intervals)]
    if broken:
        detail = (
            f"{len(broken)} writes acknowledged by {broken[0].region} from {broken[0].at:%H:%M:%S} on, while fenced"
        )
        return InvariantReport.violation(name, detail, len(writes))
    detail = f"none of {len(writes)} writes was acknowledged by a fenced Region"
    return InvariantReport.of(name, len(writes), detail, otherwise="no write was sent while a Region was fenced")


INVARIANT = Invariant(
    "single-writer",
    "Two Regions never serve users at the same time, even from cached DNS answers",
    single_writer,
)

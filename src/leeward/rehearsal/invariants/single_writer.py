"""Checks the `single-writer` invariant: two Regions never serve clients at the same time."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def single_writer(record: RunRecord) -> InvariantReport:
    """Check that no two Regions served clients at the same virtual second.

    Every server group has one live copy. If two Regions served at the same time, both would accept writes, and the
    writes of one Region would be lost. After a routing control changes, resolvers keep DNS answers for their TTL. The
    check therefore uses the requests of the clients, each of which has its own resolver and cache. The invariant
    doesn't apply to active-active applications.
    """
    if record.active_active:
        reason = "the application is active-active, so both Regions may write"
        return InvariantReport.not_applicable("single-writer", reason)
    serving_regions: dict[datetime, set[str]] = defaultdict(set)
    for request in record.requests:
        if request.served_by is not None:
            serving_regions[request.at].add(request.served_by)
    overlaps = [at for at, regions in serving_regions.items() if len(regions) > 1]
    if overlaps:
        detail = f"two Regions served at the same time for {len(overlaps)} s, from {min(overlaps):%H:%M:%S}"
        return InvariantReport(name="single-writer", held=False, detail=detail)
    if not serving_regions:
        return InvariantReport.not_applicable("single-writer", "no Region served a client")
    detail = "two Regions never served at the same time"
    return InvariantReport(name="single-writer", held=True, detail=detail, checked=len(serving_regions))


INVARIANT = Invariant(
    "single-writer",
    "Two Regions never serve users at the same time, even from cached DNS answers",
    single_writer,
)

"""single-writer: never do two Regions serve at once."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def single_writer(record: RunRecord) -> InvariantReport:
    """Every server group here has one live copy; two Regions that serve at once would both take writes, and one
    side's would be lost. DNS answers live on in resolvers for their TTL after a routing control has changed, so it is
    judged from the users' side, each virtual second: each user asks a resolver of its own, with its own cache."""
    if record.active_active:
        return InvariantReport(name="single-writer", held=True, detail="both Regions may write, by declaration")
    served: dict[datetime, set[str]] = defaultdict(set)
    for request in record.requests:
        if request.served_by is not None:
            served[request.at].add(request.served_by)
    both = [at for at, regions in served.items() if len(regions) > 1]
    if both:
        detail = f"{len(both)} s with two Regions serving, from {min(both):%H:%M:%S}"
        return InvariantReport(name="single-writer", held=False, detail=detail)
    return InvariantReport(name="single-writer", held=True, detail="no instant at which two Regions served")

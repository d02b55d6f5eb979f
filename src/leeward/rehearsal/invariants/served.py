"""served: traffic is never routed to a Region that fails its checks while the other would serve."""

from __future__ import annotations

from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def served(record: RunRecord) -> InvariantReport:
    """A routing control does what it is told (it is a switch, not a health check), so nothing in AWS stops a runbook
    from sending every user to servers that do not answer."""
    for routing in record.routing_changes:
        if routing.at < record.started_at or routing.regions <= routing.previous_regions:
            continue  # nobody is sent where they were not
        if not routing.regions & routing.serving:
            where = ", ".join(sorted(routing.regions))
            detail = f"at {routing.at:%H:%M:%S} the users were sent to {where}, which did not serve"
            return InvariantReport(name="served", held=False, detail=detail)
    moves = sum(1 for r in record.routing_changes if r.at >= record.started_at)
    if moves == 0:
        return InvariantReport(name="served", held=True, detail="the users were not moved")
    return InvariantReport(name="served", held=True, detail="users were moved only to a Region that served")

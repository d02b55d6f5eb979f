"""Checks the `served` invariant: clients are never routed to a Region that fails its checks."""

from __future__ import annotations

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def served(record: RunRecord) -> InvariantReport:
    """Check that each routing change during the run sent clients to a Region that served.

    A routing control is a switch, not a health check. AWS does not stop a runbook from routing every client to servers
    that don't respond.
    """
    for routing in record.routing_changes:
        if routing.at < record.started_at or routing.regions <= routing.previous_regions:
            continue  # the change routes clients to no additional Region
        if not routing.regions & routing.serving:
            regions = ", ".join(sorted(routing.regions))
            detail = f"at {routing.at:%H:%M:%S} users were routed to {regions}, which did not serve"
            return InvariantReport(name="served", held=False, detail=detail)
    moves = sum(1 for r in record.routing_changes if r.at >= record.started_at)
    if moves == 0:
        return InvariantReport.not_applicable("served", "no routing control changed during the run")
    detail = "users were moved only to a Region that served"
    return InvariantReport(name="served", held=True, detail=detail, checked=moves)


INVARIANT = Invariant(
    "served",
    "Users are never routed to a Region that fails its checks",
    served,
)

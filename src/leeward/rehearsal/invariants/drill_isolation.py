"""Checks the `drill-isolation` invariant: a drill does not affect clients or routing."""

from __future__ import annotations

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def drill_isolation(record: RunRecord) -> InvariantReport:
    """Check that a run that moves no clients causes no failed request and changes no routing control.

    Operators don't run drills that can harm production.
    """
    if record.moves_users:
        return InvariantReport(name="drill-isolation", held=True, detail="not a drill")
    failed = sum(1 for request in record.requests if request.served_by is None)
    moves = sum(1 for routing in record.routing_changes if routing.at >= record.started_at)
    if failed or moves:
        detail = f"{failed} requests failed and routing changed {moves} times during the drill"
        return InvariantReport(name="drill-isolation", held=False, detail=detail)
    return InvariantReport(name="drill-isolation", held=True, detail="no request failed and no routing control changed")


INVARIANT = Invariant(
    "drill-isolation",
    "A drill does not affect clients or routing",
    drill_isolation,
)

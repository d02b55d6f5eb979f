"""drill isolation: a drill changes nothing that serves."""

from __future__ import annotations

from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def drill_isolation(record: RunRecord) -> InvariantReport:
    """A drill that can hurt production is one that nobody holds. A run that moves no users must not cost a single
    request, nor touch a routing control."""
    if record.moves_users:
        return InvariantReport(name="drill-isolation", held=True, detail="not a drill")
    failed = sum(1 for request in record.requests if request.served_by is None)
    moves = sum(1 for routing in record.routing_changes if routing.at >= record.started_at)
    if failed or moves:
        detail = f"{failed} requests failed and {moves} routing controls were changed during the drill"
        return InvariantReport(name="drill-isolation", held=False, detail=detail)
    return InvariantReport(
        name="drill-isolation", held=True, detail="no request failed, no routing control was touched"
    )

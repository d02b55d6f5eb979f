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
        return InvariantReport.not_applicable("drill-isolation", "the run moves users, so it is not a drill")
    during_drill = [request for request in record.requests if request.at >= record.started_at]
    failed = sum(1 for request in during_drill if request.served_by is None)
    moves = sum(1 for routing in record.routing_changes if routing.at >= record.started_at)
    if failed or moves:
        detail = f"{failed} requests failed and routing changed {moves} times during the drill"
        return InvariantReport(name="drill-isolation", held=False, detail=detail)
    seen = "no request failed" if during_drill else "no client sent a request"
    detail = f"{seen} and no routing control changed"
    return InvariantReport(name="drill-isolation", held=True, detail=detail, checked=len(during_drill))


INVARIANT = Invariant(
    "drill-isolation",
    "A drill does not affect clients or routing",
    drill_isolation,
)

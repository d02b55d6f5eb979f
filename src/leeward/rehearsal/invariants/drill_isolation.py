"""Checks the `drill-isolation` invariant: a drill does not affect clients or routing."""

from __future__ import annotations

from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.result_models import ExecutionOutcome, RunStepStatus


def drill_isolation(record: RunRecord) -> InvariantReport:
    """Check that a drill causes no failed request and leaves the routing as it was.

    Operators don't run drills that can harm production. A document declares a drill with `drill: true`, or with
    `mode: drill` in each step that launches. A drill may move clients if it has a step for that. After its success,
    DNS must lead them where it led them before, unless a step failed or an operator skipped one. A drill that is
    started again after it failed may lead them where they were before the failed one.

    A request that failed during an outage of a service that the application itself needs failed without the drill.
    """
    name = "drill-isolation"
    if not record.is_drill:
        return InvariantReport.not_applicable(name, "the runbook is not a drill")
    during_drill = [request for request in record.requests if request.at >= record.started_at]
    failed = sum(1 for each in during_drill if each.served_by is None and not _met_outage(record, each))
    moves = [change for change in record.routing_changes if change.at >= record.started_at and not change.is_forced]
    if failed:
        return InvariantReport.violation(name, f"{failed} requests failed during the drill", len(during_drill))
    if moves and not record.moves_users:
        return InvariantReport.violation(name, f"the routing changed {len(moves)} times during the drill", len(moves))
    if moves and record.outcome is ExecutionOutcome.SUCCEEDED and not _skipped_a_step(record):
        before = moves[0].previous_regions
        if record.regions_at_end not in (before, record.settled_regions):
            detail = (
                f"clients were led to {_list(before)} before the drill, and to {_list(record.regions_at_end)} after"
            )
            return InvariantReport.violation(name, detail, len(moves))
    detail = "no request failed, and " + ("clients were led back" if moves else "the routing did not change")
    return InvariantReport.of(name, len(during_drill), detail, otherwise="no client sent a request during the drill")


def _met_outage(record: RunRecord, request: ClientRequest) -> bool:
    ended_at = request.ended_at or request.at
    return any(start <= ended_at and (end is None or request.at < end) for _, start, end in record.application_outages)


def _skipped_a_step(record: RunRecord) -> bool:
    return any(step.status in (RunStepStatus.SKIPPED, RunStepStatus.FAILED) for step in record.steps)


def _list(regions: frozenset[str]) -> str:
    return ", ".join(sorted(regions)) or "no Region"


INVARIANT = Invariant(
    "drill-isolation",
    "A drill does not affect clients or routing",
    drill_isolation,
)

"""Checks the `served` invariant: clients are never routed to a Region that fails its checks."""

from __future__ import annotations

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RoutingChange, RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.result_models import ExecutionOutcome


def served(record: RunRecord) -> InvariantReport:
    """Check that each routing change during the run led clients only to Regions that served.

    A routing control is a switch, not a health check. AWS does not stop a runbook from routing every client to servers
    that don't respond. The same is true of a record's weight. A health check moves clients when it fails, whatever the
    other Region is able to do.

    A change that leads clients to another Region violates the invariant unless every Region that clients can then be
    sent to serves. So a share of the clients may be moved, and an unavailable origin may not stay open beside the
    target. A change that leads clients to no other Region must leave one that serves if there was one. An outage that
    begins during the run, and the moves of health checks that it causes, are not the run's doing.

    After a successful run that moves clients, every Region in the answers must serve.
    """
    judged = [change for change in record.routing_changes if change.at >= record.started_at and not change.is_forced]
    for change in judged:
        unserved = _find_unserved(record, change)
        if unserved:
            regions = ", ".join(sorted(unserved))
            detail = f"at {change.at:%H:%M:%S} users were routed to {regions}, which did not serve"
            return InvariantReport.violation("served", detail, len(judged))
    checked, unserved_at_end = len(judged), _find_unserved_at_end(record)
    if unserved_at_end:
        detail = f"at the end users are routed to {', '.join(sorted(unserved_at_end))}, which does not serve"
        return InvariantReport.violation("served", detail, checked + 1)
    checked += _is_end_judged(record)
    detail = f"in {checked} observations, users were routed only to Regions that served"
    return InvariantReport.of("served", checked, detail, otherwise="the run routed no users")


def _find_unserved(record: RunRecord, change: RoutingChange) -> frozenset[str]:
    """Return the Regions that the change leads clients to although they don't serve."""
    unserved = frozenset(r for r in change.regions - change.serving if not record.failed_during_run(r))
    if change.regions <= change.previous_regions:  # no Region is added
        loses_service = bool(change.previous_regions & change.serving) and not change.regions & change.serving
        return unserved if loses_service else frozenset()
    return unserved


def _is_end_judged(record: RunRecord) -> bool:
    return record.moves_users and record.outcome is ExecutionOutcome.SUCCEEDED and bool(record.regions_at_end)


def _find_unserved_at_end(record: RunRecord) -> frozenset[str]:
    if not _is_end_judged(record):
        return frozenset()
    unserved = record.regions_at_end - record.serving_at_end
    return frozenset(region for region in unserved if not record.failed_during_run(region))


INVARIANT = Invariant(
    "served",
    "Users are never routed to a Region that fails its checks",
    served,
)

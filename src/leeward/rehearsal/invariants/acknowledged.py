"""Checks the `acknowledged` invariant: only writes that were in replication when a Region failed may be lost."""

from __future__ import annotations

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport

# Clients and health checks are simulated once a second.
_CLIENT_INTERVAL_SECONDS = 1.0


def acknowledged(record: RunRecord) -> InvariantReport:
    """Check that no acknowledged write is lost, except writes within the replication lag before a Region outage.

    A global table replicates asynchronously. A write that a Region acknowledged within the replication lag before its
    outage is therefore not yet in the other Region (DynamoDB Developer Guide, "Global tables: multi-Region eventual
    consistency"). These writes are the RPO. Leeward caused the loss of any older write.
    """
    name = "acknowledged"
    if record.lost_writes is None:
        return InvariantReport.not_applicable(name, "the clients' writes are not audited")
    if not record.acknowledged_writes and not record.lost_writes:
        return InvariantReport.not_applicable(name, "no write was acknowledged")
    limit = record.lag_seconds + _CLIENT_INTERVAL_SECONDS
    beyond_limit = [lost.number for lost in record.lost_writes if not 0 <= lost.before_incident_seconds <= limit]
    if beyond_limit or (record.lost_writes and not record.region_outages):
        numbers = ", ".join(map(str, beyond_limit or [lost.number for lost in record.lost_writes]))
        return InvariantReport(name=name, held=False, detail=f"acknowledged writes were lost: {numbers}")
    if record.lost_writes:
        numbers = ", ".join(str(lost.number) for lost in record.lost_writes)
        detail = f"lost only writes in replication when the Region failed: {numbers}"
        return InvariantReport(name=name, held=True, detail=detail, checked=record.acknowledged_writes)
    return InvariantReport(
        name=name, held=True, detail="every acknowledged write is stored", checked=record.acknowledged_writes
    )


INVARIANT = Invariant(
    "acknowledged",
    "No acknowledged write is lost, except writes in replication when a Region failed",
    acknowledged,
)

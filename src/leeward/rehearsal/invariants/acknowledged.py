"""acknowledged: no write that a user was told of is lost, but for those on their way when the Region was lost."""

from __future__ import annotations

from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.result_models import InvariantReport

# Users and health checks are simulated second by second.
_CLIENT_INTERVAL_SECONDS = 1.0


def acknowledged(record: RunRecord) -> InvariantReport:
    """A global table replicates asynchronously, so what a Region acknowledged within the replication lag of its loss is
    not yet elsewhere (DynamoDB Developer Guide, "Global tables: multi-Region eventual consistency"). That is the RPO;
    anything more was lost by us."""
    name = "acknowledged"
    if record.lost_writes is None:
        return InvariantReport(name=name, held=True, detail="no writes are counted")
    limit = record.lag_seconds + _CLIENT_INTERVAL_SECONDS
    beyond = [lost.number for lost in record.lost_writes if not 0 <= lost.before_incident_seconds <= limit]
    if beyond or (record.lost_writes and not record.region_outages):
        numbers = ", ".join(map(str, beyond or [lost.number for lost in record.lost_writes]))
        return InvariantReport(name=name, held=False, detail=f"acknowledged writes are lost: {numbers}")
    if record.lost_writes:
        numbers = ", ".join(str(lost.number) for lost in record.lost_writes)
        detail = f"lost only what was on its way when the Region went: {numbers}"
        return InvariantReport(name=name, held=True, detail=detail)
    return InvariantReport(name=name, held=True, detail="every acknowledged write is there")

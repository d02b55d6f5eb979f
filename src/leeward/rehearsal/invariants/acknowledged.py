"""Checks the `acknowledged` invariant: only writes that were in replication when a Region failed may be lost."""

from __future__ import annotations

from leeward.base import durations
from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.result_models import LostWriteReport

# Clients and health checks are simulated once a second.
_CLIENT_INTERVAL_SECONDS = 1.0


def acknowledged(record: RunRecord) -> InvariantReport:
    """Check that no acknowledged write is lost, except writes within the replication lag before a Region outage.

    A global table replicates asynchronously. A write that a Region acknowledged within the replication lag before its
    outage is therefore not yet in the other Region (DynamoDB Developer Guide, "Global tables: multi-Region eventual
    consistency"). These writes are the RPO. Leeward caused the loss of any older write.

    A planned move can stop the writes and wait until all of them have arrived. So the servers that it launches must
    have everything that the origin's servers had when they last served a user.
    """
    name = "acknowledged"
    if record.lost_server_data_seconds is not None:
        of_servers = _check_servers(name, record, record.lost_server_data_seconds)
        if of_servers.violated or record.lost_writes is None:
            return of_servers
    if record.lost_writes is None:
        return InvariantReport.not_applicable(name, "the clients' writes are not audited")
    if not record.acknowledged_writes and not record.lost_writes:
        return InvariantReport.not_applicable(name, "no write was acknowledged")
    beyond_limit = [lost.number for lost in record.lost_writes if not was_in_replication(record, lost)]
    if beyond_limit:
        numbers = ", ".join(map(str, beyond_limit))
        return InvariantReport.violation(name, f"acknowledged writes were lost: {numbers}", record.acknowledged_writes)
    numbers = ", ".join(str(lost.number) for lost in record.lost_writes)
    only = f"lost only writes in replication when the Region failed: {numbers}"
    detail = only if numbers else "every acknowledged write is stored"
    return InvariantReport.of(name, record.acknowledged_writes, detail, otherwise="no write was acknowledged")


def _check_servers(name: str, record: RunRecord, lost_seconds: float) -> InvariantReport:
    """Check the servers of a planned move, whose users' writes can't be audited one by one."""
    if lost_seconds:
        detail = f"a planned move launched servers without the last {durations.format_duration(lost_seconds)} of data"
        return InvariantReport.violation(name, detail, len(record.servers))
    kept = "the planned move launched each server with everything that users had written"
    return InvariantReport.of(name, len(record.servers), kept, otherwise="the planned move launched no server")


def was_in_replication(record: RunRecord, lost: LostWriteReport) -> bool:
    """Return whether the outage of the Region that acknowledged the write explains its loss."""
    limit = record.lag_seconds + _CLIENT_INTERVAL_SECONDS
    return bool(record.region_outages) and 0 <= lost.before_incident_seconds <= limit


INVARIANT = Invariant(
    "acknowledged",
    "No acknowledged write is lost, except writes in replication when a Region failed",
    acknowledged,
)

"""Audits the clients' numbered writes against the items in the table replicas."""

from __future__ import annotations

from datetime import datetime, timedelta

from leeward.data.application_table import OWN_KEY_PREFIX
from leeward.rehearsal.clients.write_ledger import NumberedWrite
from leeward.rehearsal.clients.writing_clients import WritingClients
from leeward.rehearsal.results.result_models import LostWriteReport, WritesReport
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.state_machines.components.dynamodb_global_table import GlobalTableComponent


def audit_writes(session: RehearsalSession, incident_at: datetime) -> WritesReport | None:
    """Return how many writes were acknowledged, lost, duplicated, or diverged so far.

    `incident_at` is the time of the scenario's incident. Returns None for an application whose clients don't write.
    """
    writers = session.world.clients
    if not isinstance(writers, WritingClients):
        return None
    world, regions = session.world, session.application.regions.both
    reachable = [region for region in regions if not session.engine.interceptor.has_outage(region)]
    names = [table.table for _, table in session.application.components_of_kind(GlobalTableComponent)]
    replicas = {
        region: [item for name in names for item in world.tables.list_items(name, region)] for region in reachable
    }
    settled_before = session.engine.clock.now() - timedelta(seconds=world.tables.lag + 1)
    totals = writers.ledger.compare_with_replicas(replicas, reachable, settled_before)
    lost = [writers.ledger.writes[number] for number in totals.lost]
    return WritesReport(
        sent=totals.sent,
        acknowledged=totals.acknowledged,
        acknowledged_by=dict(sorted(writers.ledger.acknowledged_by_region().items())),
        lost=[
            LostWriteReport(
                number=write.number,
                region=write.region or "",
                acknowledged_at=write.acknowledged_at,
                before_incident_seconds=(
                    _region_lost_at(session, write, incident_at) - write.acknowledged_at
                ).total_seconds(),
            )
            for write in lost
            if write.acknowledged_at is not None
        ],
        duplicated=list(totals.duplicated),
        diverged=list(totals.diverged),
        overwritten=sum(1 for write in world.tables.overwritten if not write.key[0].startswith(OWN_KEY_PREFIX)),
        unseen_reads=writers.stale_reads,
    )


def _region_lost_at(session: RehearsalSession, write: NumberedWrite, incident_at: datetime) -> datetime:
    """Return when the outage of the Region that acknowledged the write began, by default the time of the incident."""
    outage_starts = [since for region, since, _ in session.region_outages.intervals if region == write.region]
    return min(
        (since for since in outage_starts if write.acknowledged_at is None or since >= write.acknowledged_at),
        default=incident_at,
    )

"""What became of the users' numbered writes, held against what the replicas of the table hold."""

from __future__ import annotations

from datetime import datetime, timedelta

from leeward.data.table import OWN
from leeward.state_machines.components import GlobalTable
from leeward.twin.internet.ledger import Write
from leeward.twin.internet.writers import Writers
from leeward.twin.report import LostWrite, WritesReport
from leeward.twin.stage import Stage


def writes_report(stage: Stage, incident_at: datetime) -> WritesReport | None:
    """The account now; None for an application whose users write nothing."""
    writers = stage.world.clients
    if not isinstance(writers, Writers):
        return None
    world, regions = stage.world, stage.application.regions.both
    reachable = [region for region in regions if not stage.engine.wire.is_dark(region)]
    names = [table.table for _, table in stage.application.of_kind(GlobalTable)]
    replicas = {region: [item for name in names for item in world.tables.items(name, region)] for region in reachable}
    settled = stage.engine.clock.now() - timedelta(seconds=world.tables.lag + 1)
    account = writers.ledger.account(replicas, reachable, settled)
    lost = [writers.ledger.writes[number] for number in account.lost]
    return WritesReport(
        sent=account.sent,
        acknowledged=account.acknowledged,
        acknowledged_by=dict(sorted(writers.ledger.regions().items())),
        lost=[
            LostWrite(
                number=write.number,
                region=write.region or "",
                acknowledged_at=write.acked_at,
                before_incident_seconds=(_lost_at(stage, write, incident_at) - write.acked_at).total_seconds(),
            )
            for write in lost
            if write.acked_at is not None
        ],
        duplicated=list(account.duplicated),
        diverged=list(account.diverged),
        overwritten=sum(1 for lost in world.tables.overwritten if not lost.key[0].startswith(OWN)),
        unseen_reads=writers.unseen_reads,
    )


def _lost_at(stage: Stage, write: Write, incident_at: datetime) -> datetime:
    """When the Region that acknowledged the write went dark: by the incident, or by what else was broken."""
    falls = [since for region, since, _ in stage.darkness.spells if region == write.region]
    return min((since for since in falls if write.acked_at is None or since >= write.acked_at), default=incident_at)

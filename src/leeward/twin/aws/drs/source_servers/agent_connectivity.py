"""Contact between a source server's agent and DRS: loss, stalled replication, and recovery."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions.quotas_and_timings import total_gib
from leeward.twin.aws.drs.state.drs_records import SourceServer
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.state.server_replication import ContactLoss, ReplicationMode

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import DataReplicationErrorStringType

_STALLED_EVENT = "DRS Source Server Data Replication Stalled Change"


def stall_replication(
    region: DrsRegionState, server: SourceServer, reason: str, error: DataReplicationErrorStringType
) -> None:
    """Stop replication of the server, and report it as STALLED immediately."""
    _lose_contact(region, server, reason, error, timedelta(0))


def lose_agent_contact(region: DrsRegionState, server: SourceServer, reason: str) -> None:
    """Stop replication of the server, and report it as STALLED after the `stalled_after` time."""
    _lose_contact(region, server, reason, "AGENT_NOT_SEEN", timedelta(seconds=region.shared.timings.stalled_after))


def regain_agent_contact(region: DrsRegionState, server: SourceServer, reason: str) -> None:
    """Remove the loss of contact for `reason`. If no other loss remains, the agent resyncs the disks."""
    replication = server.replication
    if reason not in replication.contact_losses:
        return
    now = region.hooks.now()
    outage = (now - replication.last_seen(now)).total_seconds()
    was_stalled = replication.error(now) is not None
    seconds = region.shared.timings.rescan_seconds(
        total_gib(server.disks_gib), outage, server.measured_times, region.hooks
    )
    if replication.regain_contact(reason, now, seconds) and was_stalled:
        region.emit_event(_STALLED_EVENT, server.arn, state="NOT_STALLED")


def _lose_contact(
    region: DrsRegionState,
    server: SourceServer,
    reason: str,
    error: DataReplicationErrorStringType,
    reported_after: timedelta,
) -> None:
    now = region.hooks.now()
    loss = ContactLoss(now, now + reported_after, error)
    server.replication.lose_contact(reason, loss)

    def emit_stalled() -> None:
        if server.replication.contact_losses.get(reason) is loss and server.replication.mode is ReplicationMode.RUNNING:
            region.emit_event(_STALLED_EVENT, server.arn, state="STALLED")

    if reported_after:
        region.hooks.call_later(reported_after.total_seconds(), emit_stalled, f"drs {server.server_id}")
    else:
        emit_stalled()

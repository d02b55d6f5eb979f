"""Contact between a source server's agent and DRS: how it is lost, and what happens when it is back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.limits import total_gib
from leeward.twin.aws.drs.model import SourceServer
from leeward.twin.aws.drs.replication import Loss, Mode
from leeward.twin.aws.drs.state import RegionState

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import DataReplicationErrorStringType

_STALLED_EVENT = "DRS Source Server Data Replication Stalled Change"


def lose(region: RegionState, server: SourceServer, reason: str, error: DataReplicationErrorStringType) -> None:
    """From now on the server's data stand still, and it is shown as STALLED at once."""
    _lose(region, server, reason, error, timedelta(0))


def lose_agent(region: RegionState, server: SourceServer, reason: str) -> None:
    """The agent falls silent: the data stand still from now on; DRS shows it when it has waited long enough."""
    _lose(region, server, reason, "AGENT_NOT_SEEN", timedelta(seconds=region.shared.timings.stalled_after))


def regain(region: RegionState, server: SourceServer, reason: str) -> None:
    """`reason` is gone: when no other keeps the agent silent, it compares the disks and sends what is missing."""
    replication = server.replication
    if reason not in replication.losses:
        return
    now = region.seam.now()
    outage = (now - replication.last_seen(now)).total_seconds()
    was_stalled = replication.error(now) is not None
    seconds = region.shared.timings.rescan_seconds(total_gib(server.disks_gib), outage, region.seam)
    if replication.regain(reason, now, seconds) and was_stalled:
        region.emit(_STALLED_EVENT, server.arn, state="NOT_STALLED")


def _lose(
    region: RegionState,
    server: SourceServer,
    reason: str,
    error: DataReplicationErrorStringType,
    shown_after: timedelta,
) -> None:
    now = region.seam.now()
    loss = Loss(now, now + shown_after, error)
    server.replication.lose(reason, loss)

    def tell() -> None:
        if server.replication.losses.get(reason) is loss and server.replication.mode is Mode.RUNNING:
            region.emit(_STALLED_EVENT, server.arn, state="STALLED")

    if shown_after:
        region.seam.later(shown_after.total_seconds(), tell, f"drs {server.server_id}")
    else:
        tell()

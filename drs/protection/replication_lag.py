"""Wait for replication: check the lag of every server in the groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from leeward.base import durations
from leeward.common.claims.types.server_claims import Replicating
from leeward.common.errors import ReplicationStalled
from leeward.common.polling import PollResult
from leeward.drs.api.models import SourceServer
from leeward.drs.api.states import ReplicationDirection, ReplicationState
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

_GIB = 1024**3
_SHARE_OF_ETA = 0.9
_MAX_SHOWN = 5


class SyncStatus(StrEnum):
    """Whether a server's replication is within its lag target."""

    IN_STEP = "in step"
    BEHIND = "behind"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class LagTarget:
    """The maximum lag of a copy. With `newer_than`, the copy must also be newer than that time."""

    lag: timedelta
    newer_than: datetime | None = None


def assess_sync(server: SourceServer, target: LagTarget, now: datetime) -> tuple[SyncStatus, str]:
    """Return the sync status of one server and a description. CONTINUOUS without a lag counts as no lag."""
    replication = server.replication
    if replication.state.is_halted:
        why = (
            f" ({' '.join(filter(None, (replication.error.error, replication.error.raw)))})"
            if replication.error
            else ""
        )
        return SyncStatus.BROKEN, f"{server.label}: replication is {replication.state.value}{why}"
    if replication.state is not ReplicationState.CONTINUOUS:
        return SyncStatus.BEHIND, f"{server.label}: {replication.state.value}{_progress_text(server)}"
    lag = replication.lag or timedelta(0)
    if lag > target.lag:
        return (
            SyncStatus.BEHIND,
            f"{server.label}: {durations.format_duration(lag)} behind, more than "
            f"{durations.format_duration(target.lag)}",
        )
    if target.newer_than is not None and now - lag <= target.newer_than:
        return SyncStatus.BEHIND, f"{server.label}: no recovery point after {target.newer_than:%H:%M:%S} yet"
    return SyncStatus.IN_STEP, f"{server.label}: CONTINUOUS, {durations.format_duration(lag)} behind"


def check_replication(
    drs: DrsClient,
    groups: Sequence[ServerGroup],
    region: str,
    target: LagTarget,
    now: datetime,
    *,
    direction: ReplicationDirection | None = None,
) -> PollResult:
    """Return whether all servers are in step.

    Raises ReplicationStalled naming every server that needs an operator, or NotFound.
    """
    servers = {s.id: s for _, found in resolve_groups(drs, groups, region, direction) for s in found}
    assessed = [(server, *assess_sync(server, target, now)) for server in servers.values()]
    broken = [text for _, status, text in assessed if status is SyncStatus.BROKEN]
    if broken:
        raise ReplicationStalled(f"{'; '.join(broken)}: waiting does not fix this")
    behind = [text for _, status, text in assessed if status is SyncStatus.BEHIND]
    worst = max((s.replication.lag or timedelta(0) for s, _, _ in assessed), default=timedelta(0))
    detail = f"{len(assessed) - len(behind)} of {len(assessed)} servers in {region} in step"
    if behind:
        more = [f"and {len(behind) - _MAX_SHOWN} more"] if len(behind) > _MAX_SHOWN else []
        return PollResult(
            False,
            "; ".join([detail, *behind[:_MAX_SHOWN], *more]),
            news=_news([server for server, _, _ in assessed], len(behind)),
            ready_in_seconds=_seconds_until_eta(servers.values(), now),
        )
    machines = {server.machine: server.id for server in servers.values() if server.machine}
    lag = round(worst.total_seconds())
    claim = Replicating(region=region, servers=len(assessed), machines=machines, worst_lag_seconds=lag)
    return PollResult.reached(claim)


def _news(servers: Sequence[SourceServer], behind: int) -> str:
    """Return what is worth a journal entry: the states, and the progress in tenths."""
    disks = [disk for server in servers for disk in server.replication.disks]
    tenths = 10 * sum(disk.replicated for disk in disks) // max(1, sum(disk.total for disk in disks))
    states = Counter(server.replication.state.value for server in servers)
    return f"{behind} behind, {tenths} tenths, {sorted(states.items())}"


def _seconds_until_eta(servers: Iterable[SourceServer], now: datetime) -> float | None:
    """Return most of the time until DRS expects the last server to be replicated. Estimates are rarely too long."""
    etas = [server.replication.eta for server in servers if server.replication.eta is not None]
    return _SHARE_OF_ETA * (max(etas) - now).total_seconds() if etas else None


def _progress_text(server: SourceServer) -> str:
    replication = server.replication
    parts = []
    total = sum(disk.total for disk in replication.disks)
    if total:
        parts.append(f" {sum(disk.replicated for disk in replication.disks) / _GIB:.1f} of {total / _GIB:.1f} GiB")
    if replication.eta is not None:
        parts.append(f" ETA {replication.eta:%H:%M}")
    if replication.error is not None:
        parts.append(f" {replication.error.error}")
    return ",".join(parts)

"""Find the recovery snapshots of servers at a point in time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from leeward.common.errors import NotFound
from leeward.drs.api.models import Snapshot, SourceServer
from leeward.drs.api.queries import list_snapshots

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient


def newest_snapshot(snapshots: Iterable[Snapshot], point: datetime) -> Snapshot | None:
    """Return the newest finished snapshot taken at or before `point`, or None."""
    usable = [s for s in snapshots if s.taken_at is not None and s.taken_at <= point]
    return max(usable, key=lambda s: (s.taken_at, s.id), default=None)


def find_snapshots(client: DrsClient, servers: Sequence[SourceServer], point: datetime) -> dict[str, Snapshot]:
    """Return each server's newest snapshot at or before `point`, by server ID. Omit servers without one."""
    snapshots_by_server = {
        server.id: newest_snapshot(list_snapshots(client, server.id, point), point) for server in servers
    }
    return {server: snapshot for server, snapshot in snapshots_by_server.items() if snapshot is not None}


def require_snapshots(client: DrsClient, servers: Sequence[SourceServer], point: datetime) -> dict[str, Snapshot]:
    """Return what `find_snapshots` returns. Raises NotFound naming every server without a snapshot."""
    snapshots_by_server = find_snapshots(client, servers, point)
    missing = [server.label for server in servers if server.id not in snapshots_by_server]
    if missing:
        raise NotFound(f"no point in time at or before {point.isoformat()} exists for {', '.join(missing)}")
    return snapshots_by_server

"""Points in time to which a server can be recovered."""

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
    """The newest finished snapshot taken at `point` or before; None when there is none."""
    usable = [s for s in snapshots if s.taken_at is not None and s.taken_at <= point]
    return max(usable, key=lambda s: (s.taken_at, s.id), default=None)


def find_snapshots(client: DrsClient, servers: Sequence[SourceServer], point: datetime) -> dict[str, Snapshot]:
    """For each server's id the newest snapshot at `point` or before; servers without are left out."""
    chosen = {server.id: newest_snapshot(list_snapshots(client, server.id, point), point) for server in servers}
    return {server: snapshot for server, snapshot in chosen.items() if snapshot is not None}


def require_snapshots(client: DrsClient, servers: Sequence[SourceServer], point: datetime) -> dict[str, Snapshot]:
    """As `find`. Raises NotFound naming every server without."""
    chosen = find_snapshots(client, servers, point)
    without = [server.label for server in servers if server.id not in chosen]
    if without:
        raise NotFound(f"no point in time at or before {point.isoformat()} is kept of {', '.join(without)}")
    return chosen

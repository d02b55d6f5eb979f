"""Waiting for replication: every server of the groups in step with the machine that it protects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from leeward.common import durations
from leeward.common.errors import ReplicationStalled
from leeward.common.polling import Look
from leeward.drs.model import SourceServer
from leeward.drs.servers import Group, resolve_each
from leeward.drs.states import Direction, ReplicationState

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

_GIB = 1024**3
_SHOWN = 5


class Pace(StrEnum):
    """How a server's replication stands."""

    IN_STEP = "in step"
    BEHIND = "behind"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Aim:
    """How near the copy must be: at most `lag` behind, and of a moment after `newer_than`, where one is given."""

    lag: timedelta
    newer_than: datetime | None = None


def pace(server: SourceServer, aim: Aim, now: datetime) -> tuple[Pace, str]:
    """How one server stands, and the words to it. CONTINUOUS without a lag is no lag."""
    seen = server.replication
    if seen.state.needs_a_person:
        why = f" ({' '.join(filter(None, (seen.error.error, seen.error.raw)))})" if seen.error else ""
        return Pace.BROKEN, f"{server.label}: replication is {seen.state.value}{why}"
    if seen.state is not ReplicationState.CONTINUOUS:
        return Pace.BEHIND, f"{server.label}: {seen.state.value}{_progress(server)}"
    lag = seen.lag or timedelta(0)
    if lag > aim.lag:
        return Pace.BEHIND, f"{server.label}: {durations.show(lag)} behind, more than {durations.show(aim.lag)}"
    if aim.newer_than is not None and now - lag <= aim.newer_than:
        return Pace.BEHIND, f"{server.label}: no recovery point after {aim.newer_than:%H:%M:%S} yet"
    return Pace.IN_STEP, f"{server.label}: CONTINUOUS, {durations.show(lag)} behind"


def look(
    drs: DrsClient,
    groups: Sequence[Group],
    region: str,
    aim: Aim,
    now: datetime,
    *,
    direction: Direction | None = None,
) -> Look:
    """Whether all are in step. Raises ReplicationStalled naming every server that needs a person, NotFound."""
    servers = {s.id: s for _, found in resolve_each(drs, groups, region, direction) for s in found}
    judged = [(server, *pace(server, aim, now)) for server in servers.values()]
    broken = [text for _, how, text in judged if how is Pace.BROKEN]
    if broken:
        raise ReplicationStalled(f"{'; '.join(broken)}: it does not heal by waiting")
    behind = [text for _, how, text in judged if how is Pace.BEHIND]
    worst = max((s.replication.lag or timedelta(0) for s, _, _ in judged), default=timedelta(0))
    detail = f"{len(judged) - len(behind)} of {len(judged)} servers in {region} in step"
    if behind:
        more = [f"and {len(behind) - _SHOWN} more"] if len(behind) > _SHOWN else []
        return Look(False, "; ".join([detail, *behind[:_SHOWN], *more]))
    machines = {server.machine: server.id for server in servers.values() if server.machine}
    facts = {"machines": machines, "worst_lag_seconds": round(worst.total_seconds())}
    return Look(True, f"{detail}, at most {durations.show(worst)} behind", facts)


def _progress(server: SourceServer) -> str:
    seen = server.replication
    parts = []
    total = sum(disk.total for disk in seen.disks)
    if total:
        parts.append(f" {sum(disk.replicated for disk in seen.disks) / _GIB:.1f} of {total / _GIB:.1f} GiB")
    if seen.eta is not None:
        parts.append(f" ETA {seen.eta:%H:%M}")
    if seen.error is not None:
        parts.append(f" {seen.error.error}")
    return ",".join(parts)

"""Point-in-time snapshots of source servers.

The snapshots that exist are computed from the spans of continuous replication and from the retention policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions.identifiers import derive_id
from leeward.twin.aws.drs.state.server_replication import ContinuousSpan, SimulatedReplication
from leeward.twin.aws.drs.state.simulated_disks import RecoveryPoint

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import PITPolicyRuleUnitsType

_UNITS = {"MINUTE": timedelta(minutes=1), "HOUR": timedelta(hours=1), "DAY": timedelta(days=1)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SnapshotRule:
    """A policy rule: take a snapshot every `interval` units, and retain it for `retention` units."""

    rule_id: int
    units: PITPolicyRuleUnitsType
    interval: int
    retention: int
    enabled: bool = True


# DRS's default: every 10 minutes for an hour, every hour for a day, and every day for a week.
DEFAULT_POLICY = (SnapshotRule(1, "MINUTE", 10, 60), SnapshotRule(2, "HOUR", 1, 24), SnapshotRule(3, "DAY", 1, 7))


@dataclass(frozen=True, slots=True)
class PointInTimeSnapshot:
    """One snapshot. `taken_at` is its creation time. `data_time` is the time at the origin of its latest data."""

    snapshot_id: str
    server_id: str
    taken_at: datetime
    data_time: datetime

    @property
    def recovery_point(self) -> RecoveryPoint:
        """Return the data that a launch from this snapshot recovers."""
        return RecoveryPoint(self.taken_at, self.data_time)


def list_snapshots(
    server_id: str, replication: SimulatedReplication, policy: Sequence[SnapshotRule], now: datetime
) -> list[PointInTimeSnapshot]:
    """Return the snapshots that exist now, oldest first. The newest one is kept even after its retention ends."""
    replication.data_time(now)  # completes a sync that has ended
    moments = {moment for rule in policy if rule.enabled for moment in _retained_moments(rule, replication.spans, now)}
    if not moments and replication.spans:
        moments |= _newest_moment(policy, replication.spans[-1], now)
    return [_make_snapshot(server_id, moment, replication.spans) for moment in sorted(moments)]


def _retained_moments(rule: SnapshotRule, spans: Sequence[ContinuousSpan], now: datetime) -> Iterator[datetime]:
    step = _UNITS[rule.units] * rule.interval
    moment = now - (now - _EPOCH) % step
    while moment > now - _UNITS[rule.units] * rule.retention:
        if _find_span(moment, spans):
            yield moment
        moment -= step


def _newest_moment(policy: Sequence[SnapshotRule], last: ContinuousSpan, now: datetime) -> set[datetime]:
    step = min((_UNITS[r.units] * r.interval for r in policy if r.enabled), default=timedelta(days=1))
    end = last.end or now
    moment = end - (end - _EPOCH) % step
    return {moment} if moment >= last.start else set()


def _find_span(moment: datetime, spans: Sequence[ContinuousSpan]) -> ContinuousSpan | None:
    return next((s for s in spans if s.start <= moment and (s.end is None or moment <= s.end)), None)


def _make_snapshot(server_id: str, moment: datetime, spans: Sequence[ContinuousSpan]) -> PointInTimeSnapshot:
    span = _find_span(moment, spans) or spans[-1]
    return PointInTimeSnapshot(derive_id("pit", server_id, moment.isoformat()), server_id, moment, moment - span.lag)

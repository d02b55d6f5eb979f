"""Point-in-time snapshots: which exist now follows from when the copy was continuous and from the retention policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.disks import RecoveryPoint
from leeward.twin.aws.drs.ids import derived
from leeward.twin.aws.drs.replication import Replication, Span

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import PITPolicyRuleUnitsType

_UNITS = {"MINUTE": timedelta(minutes=1), "HOUR": timedelta(hours=1), "DAY": timedelta(days=1)}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rule:
    """Every `interval` units one snapshot, kept for `retention` units."""

    rule_id: int
    units: PITPolicyRuleUnitsType
    interval: int
    retention: int
    enabled: bool = True


# DRS's default: each 10 minutes for the last hour, each hour for a day, each day for a week.
DEFAULT_POLICY = (Rule(1, "MINUTE", 10, 60), Rule(2, "HOUR", 1, 24), Rule(3, "DAY", 1, 7))


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One recovery point. `expected` is when it was taken, `data_time` the origin's time that it holds."""

    snapshot_id: str
    server_id: str
    expected: datetime
    data_time: datetime

    @property
    def point(self) -> RecoveryPoint:
        """What a launch from it would recover."""
        return RecoveryPoint(self.expected, self.data_time)


def snapshots(server_id: str, replication: Replication, policy: Sequence[Rule], now: datetime) -> list[Snapshot]:
    """The snapshots that exist now, oldest first. The newest one is kept beyond its retention: it is the last hope."""
    replication.data_time(now)  # settles a synchronisation that ended meanwhile
    moments = {moment for rule in policy if rule.enabled for moment in _kept(rule, replication.spans, now)}
    if not moments and replication.spans:
        moments |= _newest(policy, replication.spans[-1], now)
    return [_snapshot(server_id, moment, replication.spans) for moment in sorted(moments)]


def _kept(rule: Rule, spans: Sequence[Span], now: datetime) -> Iterator[datetime]:
    step = _UNITS[rule.units] * rule.interval
    moment = now - (now - _EPOCH) % step
    while moment > now - _UNITS[rule.units] * rule.retention:
        if _span_of(moment, spans):
            yield moment
        moment -= step


def _newest(policy: Sequence[Rule], last: Span, now: datetime) -> set[datetime]:
    step = min((_UNITS[r.units] * r.interval for r in policy if r.enabled), default=timedelta(days=1))
    end = last.end or now
    moment = end - (end - _EPOCH) % step
    return {moment} if moment >= last.start else set()


def _span_of(moment: datetime, spans: Sequence[Span]) -> Span | None:
    return next((s for s in spans if s.start <= moment and (s.end is None or moment <= s.end)), None)


def _snapshot(server_id: str, moment: datetime, spans: Sequence[Span]) -> Snapshot:
    span = _span_of(moment, spans) or spans[-1]
    return Snapshot(derived("pit", server_id, moment.isoformat()), server_id, moment, moment - span.lag)

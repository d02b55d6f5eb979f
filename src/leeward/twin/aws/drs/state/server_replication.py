"""The replication of one server, as a function of the clock.

What is kept are facts: when contact was lost, how much of a synchronisation is left, in which spans of time the copy
was continuous. State, lag and the time of the recoverable data follow from them and from `now`.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.state.simulated_disks import RecoveryPoint

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import DataReplicationErrorStringType, DataReplicationStateType

_INITIATING_SECONDS, _SNAPSHOT_SECONDS = 120, 30
# The part of a resynchronisation that compares blocks; the rest sends those that differ.
_RESCAN_SHARE = 0.6


class ReplicationMode(StrEnum):
    """Whether the server is replicated at all."""

    RUNNING = "running"
    STOPPED = "stopped"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """A synchronisation that has to end before the copy is continuous. `since` is when `left` was last counted."""

    initial: bool
    total: timedelta
    remaining: timedelta
    counted_at: datetime

    @property
    def ends_at(self) -> datetime:
        """When it ends if nothing interrupts it."""
        return self.counted_at + self.remaining


@dataclass(frozen=True, slots=True)
class ContactLoss:
    """Why and since when the agent is not heard, and from when on the service says so."""

    since: datetime
    reported_from: datetime
    error: DataReplicationErrorStringType


@dataclass(frozen=True, slots=True)
class ContinuousSpan:
    """A time in which the copy was continuous, `lag` behind the origin. Open while `end` is None."""

    start: datetime
    end: datetime | None
    lag: timedelta


@dataclass(slots=True)
class SimulatedReplication:
    """See the module. All methods take the time now, aware."""

    steady_lag: timedelta
    mode: ReplicationMode = ReplicationMode.RUNNING
    sync: SyncProgress | None = None
    spans: list[ContinuousSpan] = field(default_factory=list)
    frozen_data_time: datetime | None = None
    contact_losses: dict[str, ContactLoss] = field(default_factory=dict)

    # -- what it is ----------------------------------------------------------------------------------------------

    def state(self, now: datetime) -> DataReplicationStateType:
        """As `dataReplicationInfo.dataReplicationState`."""
        self._complete_due_sync(now)
        if self.mode is not ReplicationMode.RUNNING:
            return "STOPPED" if self.mode is ReplicationMode.STOPPED else "DISCONNECTED"
        if self.error(now):
            return "STALLED"
        if self.sync is None:
            return "CONTINUOUS"
        left = self._remaining_sync_time(now)
        done = self.sync.total - left
        if not self.sync.initial:
            return "RESCAN" if done < self.sync.total * _RESCAN_SHARE else "BACKLOG"
        if done < min(timedelta(seconds=_INITIATING_SECONDS), self.sync.total / 10):
            return "INITIATING"
        return "CREATING_SNAPSHOT" if left <= timedelta(seconds=_SNAPSHOT_SECONDS) else "INITIAL_SYNC"

    def data_time(self, now: datetime) -> datetime | None:
        """The origin's time whose data a launch would recover now; None before the first copy is complete."""
        self._complete_due_sync(now)
        continuous = bool(self.spans) and self.spans[-1].end is None
        return now - self.steady_lag if continuous else self.frozen_data_time

    def latest_point(self, now: datetime) -> RecoveryPoint | None:
        """What a launch would recover now; None before the first copy is complete."""
        consistent = self.data_time(now)
        return RecoveryPoint(self.spans[-1].end or now, consistent) if consistent else None

    def lag(self, now: datetime) -> timedelta | None:
        """How old the recoverable data are."""
        consistent = self.data_time(now)
        return now - consistent if consistent else None

    def error(self, now: datetime) -> DataReplicationErrorStringType | None:
        """Why it is stalled, None when it is not."""
        return next((loss.error for loss in self.contact_losses.values() if now >= loss.reported_from), None)

    def sync_eta(self, now: datetime) -> datetime | None:
        """When the running synchronisation ends, None when none runs or it does not progress."""
        self._complete_due_sync(now)
        return None if self.sync is None or self.contact_losses else self.sync.ends_at

    def sync_fraction(self, now: datetime) -> float:
        """The part of the running synchronisation that is done, 0 to 1; 1 when none is needed."""
        self._complete_due_sync(now)
        return 1.0 if self.sync is None else 1 - self._remaining_sync_time(now) / self.sync.total

    def last_seen(self, now: datetime) -> datetime:
        """When the agent was last heard."""
        return min((loss.since for loss in self.contact_losses.values()), default=now)

    # -- what happens to it --------------------------------------------------------------------------------------

    def start_sync(self, now: datetime, seconds: float, *, initial: bool) -> None:
        """A synchronisation starts: a first copy, or (not `initial`) one that keeps the earlier data and snapshots."""
        self._complete_due_sync(now)
        if not initial:
            self.frozen_data_time = self.data_time(now)
        self._close_span(now)
        if initial:
            self.spans, self.frozen_data_time = [], None
        self.mode = ReplicationMode.RUNNING
        self.sync = SyncProgress(initial, timedelta(seconds=seconds), timedelta(seconds=seconds), now)

    def lose_contact(self, reason: str, loss: ContactLoss) -> None:
        """Contact is lost at `loss.since`; everything freezes there."""
        now = loss.since
        self._complete_due_sync(now)
        if not self.contact_losses:
            if self.sync:
                self.sync = replace(self.sync, remaining=self._remaining_sync_time(now), counted_at=now)
            else:
                self.frozen_data_time = self.data_time(now)
            self._close_span(now)
        self.contact_losses[reason] = loss

    def regain_contact(self, reason: str, now: datetime, resync_seconds: float) -> bool:
        """Contact is back as far as `reason` goes; True when no other reason keeps it away and it resynchronises."""
        if (
            self.contact_losses.pop(reason, None) is None
            or self.contact_losses
            or self.mode is not ReplicationMode.RUNNING
        ):
            return False
        if self.sync:
            self.sync = replace(self.sync, counted_at=now)
        else:
            total = timedelta(seconds=resync_seconds)
            self.sync = SyncProgress(initial=False, total=total, remaining=total, counted_at=now)
        return True

    def discard_copy(self, mode: ReplicationMode) -> None:
        """It is stopped or disconnected: the data and every snapshot are gone."""
        self.mode, self.sync, self.spans, self.frozen_data_time = mode, None, [], None

    def set_lag(self, lag: timedelta, now: datetime) -> None:
        """From now on it runs `lag` behind the origin."""
        self._complete_due_sync(now)
        continuous = bool(self.spans) and self.spans[-1].end is None
        self._close_span(now)
        self.steady_lag = lag
        if continuous:
            self.spans.append(ContinuousSpan(now, None, lag))

    # -- inside --------------------------------------------------------------------------------------------------

    def _complete_due_sync(self, now: datetime) -> None:
        """Lets a synchronisation that ended before `now` have ended at its own time."""
        if self.sync and not self.contact_losses and self.mode is ReplicationMode.RUNNING and now >= self.sync.ends_at:
            self.spans.append(ContinuousSpan(self.sync.ends_at, None, self.steady_lag))
            self.sync, self.frozen_data_time = None, None

    def _remaining_sync_time(self, now: datetime) -> timedelta:
        if self.sync is None:
            return timedelta(0)
        return self.sync.remaining if self.contact_losses else max(timedelta(0), self.sync.ends_at - now)

    def _close_span(self, now: datetime) -> None:
        if self.spans and self.spans[-1].end is None:
            self.spans[-1] = replace(self.spans[-1], end=now)

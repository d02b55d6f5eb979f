"""Replication of one source server over virtual time.

It stores when contact was lost, the remaining time of a sync, and the spans of continuous replication. The replication
state, the lag, and the time of the recoverable data are computed from them and from `now`.
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
# The share of a resync that compares blocks. The rest sends the blocks that differ.
_RESCAN_SHARE = 0.6


class ReplicationMode(StrEnum):
    """Whether the server is replicated."""

    RUNNING = "running"
    STOPPED = "stopped"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class SyncProgress:
    """A sync that must end before replication is continuous. `counted_at` is when `remaining` was last updated."""

    initial: bool
    total: timedelta
    remaining: timedelta
    counted_at: datetime

    @property
    def ends_at(self) -> datetime:
        """Return when the sync ends if nothing interrupts it."""
        return self.counted_at + self.remaining


@dataclass(frozen=True, slots=True)
class ContactLoss:
    """A loss of contact with the agent. DRS reports it as `error` from `reported_from`."""

    since: datetime
    reported_from: datetime
    error: DataReplicationErrorStringType


@dataclass(frozen=True, slots=True)
class ContinuousSpan:
    """A span of continuous replication, `lag` behind the origin. The span is still open if `end` is None."""

    start: datetime
    end: datetime | None
    lag: timedelta


@dataclass(slots=True)
class SimulatedReplication:
    """The replication of one source server. Methods take the current time `now` as an aware datetime."""

    steady_lag: timedelta
    mode: ReplicationMode = ReplicationMode.RUNNING
    sync: SyncProgress | None = None
    spans: list[ContinuousSpan] = field(default_factory=list)
    frozen_data_time: datetime | None = None
    contact_losses: dict[str, ContactLoss] = field(default_factory=dict)

    # -- state ---------------------------------------------------------------------------------------------------

    def state(self, now: datetime) -> DataReplicationStateType:
        """Return the state for `dataReplicationInfo.dataReplicationState`."""
        self._complete_due_sync(now)
        if self.mode is not ReplicationMode.RUNNING:
            return "STOPPED" if self.mode is ReplicationMode.STOPPED else "DISCONNECTED"
        if self.error(now):
            return "STALLED"
        if self.sync is None:
            return "CONTINUOUS"
        remaining = self._remaining_sync_time(now)
        done = self.sync.total - remaining
        if not self.sync.initial:
            return "RESCAN" if done < self.sync.total * _RESCAN_SHARE else "BACKLOG"
        if done < min(timedelta(seconds=_INITIATING_SECONDS), self.sync.total / 10):
            return "INITIATING"
        return "CREATING_SNAPSHOT" if remaining <= timedelta(seconds=_SNAPSHOT_SECONDS) else "INITIAL_SYNC"

    def data_time(self, now: datetime) -> datetime | None:
        """Return the time at the origin of the data that a launch recovers, or None before the initial sync ends."""
        self._complete_due_sync(now)
        continuous = bool(self.spans) and self.spans[-1].end is None
        return now - self.steady_lag if continuous else self.frozen_data_time

    def latest_point(self, now: datetime) -> RecoveryPoint | None:
        """Return the data that a launch recovers, or None before the initial sync ends."""
        data_time = self.data_time(now)
        return RecoveryPoint(self.spans[-1].end or now, data_time) if data_time else None

    def lag(self, now: datetime) -> timedelta | None:
        """Return the age of the recoverable data, or None before the initial sync ends."""
        data_time = self.data_time(now)
        return now - data_time if data_time else None

    def error(self, now: datetime) -> DataReplicationErrorStringType | None:
        """Return why replication is stalled, or None if it isn't."""
        return next((loss.error for loss in self.contact_losses.values() if now >= loss.reported_from), None)

    def sync_eta(self, now: datetime) -> datetime | None:
        """Return when the sync ends, or None if no sync runs or it makes no progress."""
        self._complete_due_sync(now)
        return None if self.sync is None or self.contact_losses else self.sync.ends_at

    def sync_fraction(self, now: datetime) -> float:
        """Return the completed share of the sync, from 0 to 1. Returns 1 if no sync runs."""
        self._complete_due_sync(now)
        return 1.0 if self.sync is None else 1 - self._remaining_sync_time(now) / self.sync.total

    def last_seen(self, now: datetime) -> datetime:
        """Return the time of the last contact with the agent."""
        return min((loss.since for loss in self.contact_losses.values()), default=now)

    # -- changes -------------------------------------------------------------------------------------------------

    def start_sync(self, now: datetime, seconds: float, *, initial: bool) -> None:
        """Start a sync. An `initial` sync discards earlier data and snapshots, and another sync keeps them."""
        self._complete_due_sync(now)
        if not initial:
            self.frozen_data_time = self.data_time(now)
        self._close_span(now)
        if initial:
            self.spans, self.frozen_data_time = [], None
        self.mode = ReplicationMode.RUNNING
        self.sync = SyncProgress(initial, timedelta(seconds=seconds), timedelta(seconds=seconds), now)

    def lose_contact(self, reason: str, loss: ContactLoss) -> None:
        """Lose contact at `loss.since`. The sync and the recoverable data stop at that time."""
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
        """Remove the loss of contact for `reason`. Return True if no other loss remains and a resync starts."""
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
        """Stop or disconnect replication, and discard the data and all snapshots."""
        self.mode, self.sync, self.spans, self.frozen_data_time = mode, None, [], None

    def set_lag(self, lag: timedelta, now: datetime) -> None:
        """Set the lag behind the origin from now on."""
        self._complete_due_sync(now)
        continuous = bool(self.spans) and self.spans[-1].end is None
        self._close_span(now)
        self.steady_lag = lag
        if continuous:
            self.spans.append(ContinuousSpan(now, None, lag))

    # -- helpers -------------------------------------------------------------------------------------------------

    def _complete_due_sync(self, now: datetime) -> None:
        """Complete a sync that ended before `now`, with its own end time."""
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

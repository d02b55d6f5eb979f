"""Disk contents of the simulated instances, as markers that show which data a recovery kept or lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DiskWrite:
    """A marker with the time at the origin when it was written."""

    at: datetime
    key: str
    value: str


@dataclass(slots=True)
class SimulatedDisk:
    """The disk of an instance, as a log of writes. A launch into an existing instance gives it a new disk."""

    writes: list[DiskWrite] = field(default_factory=list)

    def write(self, at: datetime, key: str, value: str) -> None:
        """Add a marker. It replaces an earlier marker with the same key."""
        self.writes.append(DiskWrite(at, key, value))

    def contents(self) -> dict[str, str]:
        """Return the latest value of each marker."""
        return {write.key: write.value for write in self.writes}

    def copy_until(self, moment: datetime) -> SimulatedDisk:
        """Return a disk with the writes up to and including `moment`."""
        return SimulatedDisk([write for write in self.writes if write.at <= moment])


@dataclass(frozen=True, slots=True)
class RecoveryPoint:
    """Recoverable data. `captured` is when it reached DRS. `data_time` is its time at the origin."""

    captured: datetime
    data_time: datetime


@dataclass(frozen=True, slots=True)
class ReplicatedDisk:
    """A disk that a source server replicates from `since`. Each reversal of replication adds another disk."""

    since: datetime
    disk: SimulatedDisk


def recover_disk(replicated_disks: Sequence[ReplicatedDisk], point: RecoveryPoint) -> SimulatedDisk:
    """Return the disk of an instance launched from `point`. A point before a reversal uses the earlier disk."""
    source = next((s for s in reversed(replicated_disks) if s.since < point.captured), replicated_disks[0])
    return source.disk.copy_until(point.data_time)

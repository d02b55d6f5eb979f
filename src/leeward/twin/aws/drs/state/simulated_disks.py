"""What is written on the simulated machines' disks: enough to see which data a recovery brought, and which it lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class DiskWrite:
    """A marker, written at a moment of the machine's own time."""

    at: datetime
    key: str
    value: str


@dataclass(slots=True)
class SimulatedDisk:
    """The disk of one body of a machine, as a log of writes. An instance that is launched into gets another one."""

    writes: list[DiskWrite] = field(default_factory=list)

    def write(self, at: datetime, key: str, value: str) -> None:
        """Adds a marker; the newest of a key counts."""
        self.writes.append(DiskWrite(at, key, value))

    def contents(self) -> dict[str, str]:
        """The markers as they read now."""
        return {write.key: write.value for write in self.writes}

    def copy_until(self, moment: datetime) -> SimulatedDisk:
        """A disk with exactly what had been written by `until`."""
        return SimulatedDisk([write for write in self.writes if write.at <= moment])


@dataclass(frozen=True, slots=True)
class RecoveryPoint:
    """Data that can be launched. `captured` is when they reached DRS, `data_time` the origin's time that they hold."""

    captured: datetime
    data_time: datetime


@dataclass(frozen=True, slots=True)
class ReplicatedDisk:
    """A disk that a source server has replicated since a moment: each reversal gives it another."""

    since: datetime
    disk: SimulatedDisk


def recover_disk(replicated_disks: Sequence[ReplicatedDisk], point: RecoveryPoint) -> SimulatedDisk:
    """The disk of a machine that is launched from `point`: a point from before a reversal holds the earlier disk."""
    source = next((s for s in reversed(replicated_disks) if s.since < point.captured), replicated_disks[0])
    return source.disk.copy_until(point.data_time)

"""Service quotas and durations of DRS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from leeward.base.assumptions import launch_durations
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks


@dataclass(frozen=True, slots=True)
class DrsQuotas:
    """Quotas per account and Region, from the DRS service quotas page. The request shape allows 200 servers per job."""

    replicating_servers: int = 300
    servers_per_job: int = 100
    servers_in_active_jobs: int = 500
    concurrent_jobs: int = 20
    steps_per_plan: int = 20
    servers_per_plan: int = 100
    # A request lists at most one launch template ID. One template per kind is an assumption.
    templates_per_kind: int = 1


@dataclass(frozen=True, slots=True)
class MeasuredTimes:
    """Durations of one server in seconds, as measured on AWS. None stands for an estimate from the disk size.

    `snapshot`, `conversion`, and `launch` are the phases of a recovery job, and `initial_sync` is a full copy.
    """

    snapshot: float | None = None
    conversion: float | None = None
    launch: float | None = None
    initial_sync: float | None = None

    @property
    def cover_launch(self) -> bool:
        """Return whether all phases of a recovery job are measured, so that a launch rests on no estimate."""
        return None not in (self.snapshot, self.conversion, self.launch)


@dataclass(frozen=True, slots=True)
class DrsTimings:
    """Durations in seconds, before jitter. A duration with `_per_gib` applies to each GiB of disk.

    `base.assumptions.launch_durations` has the sources of the durations that depend on the disks. The other defaults
    are assumptions.
    """

    job_start: int = 5
    job_end: int = 5
    cleanup: int = 45
    snapshot: int = launch_durations.SNAPSHOT
    snapshot_per_gib: float = launch_durations.SNAPSHOT_PER_GIB
    conversion: int = launch_durations.CONVERSION
    conversion_per_gib: float = launch_durations.FIRST_READ_PER_GIB
    conversion_max_gib: int = launch_durations.CONVERSION_READS_AT_MOST_GIB
    launch: int = launch_durations.LAUNCH
    terminate: int = 90
    initial_sync: int = launch_durations.INITIAL_SYNC
    initial_sync_per_gib: float = launch_durations.INITIAL_SYNC_PER_GIB
    rescan: int = 120
    rescan_per_gib: float = launch_durations.RESCAN_PER_GIB
    # Data that changed during an outage must also be sent.
    rescan_per_outage_second: float = 0.05
    # A server is STALLED after this time without contact.
    stalled_after: int = 300
    # The interval at which a Recovery Plan checks whether a step has ended.
    plan_poll: int = 10
    # AWS doesn't document when a step is TIMED_OUT. This value is an assumption.
    plan_step_timeout: int = 4 * 3600
    jitter: float = 0.15

    def without_launch_by_disk_size(self) -> DrsTimings:
        """Return these durations, but launching a server takes the same time for all disk sizes."""
        return replace(self, snapshot_per_gib=0, conversion_per_gib=0)

    def snapshot_seconds(self, gib: int, measured: MeasuredTimes, hooks: BackendHooks) -> int:
        """Return the duration of an on-demand snapshot."""
        return self._draw(measured.snapshot, self.snapshot + self.snapshot_per_gib * gib, hooks)

    def conversion_seconds(self, gib: int, measured: MeasuredTimes, hooks: BackendHooks) -> int:
        """Return the duration of the conversion that makes replicated disks bootable on EC2."""
        read = self.conversion_per_gib * min(gib, self.conversion_max_gib)
        return self._draw(measured.conversion, self.conversion + read, hooks)

    def launch_seconds(self, measured: MeasuredTimes, hooks: BackendHooks) -> int:
        """Return the duration from the end of the conversion until the instance runs."""
        return self._draw(measured.launch, self.launch, hooks)

    def initial_sync_seconds(self, gib: int, measured: MeasuredTimes, hooks: BackendHooks) -> int:
        """Return the duration of an initial full copy, such as after ReverseReplication."""
        return self._draw(measured.initial_sync, self.initial_sync + self.initial_sync_per_gib * gib, hooks)

    def rescan_seconds(self, gib: int, outage_seconds: float, measured: MeasuredTimes, hooks: BackendHooks) -> int:
        """Return the duration of a rescan after an outage of `outage_seconds`, at most that of an initial sync."""
        base = self.rescan + self.rescan_per_gib * gib + self.rescan_per_outage_second * outage_seconds
        full_copy = measured.initial_sync or self.initial_sync + self.initial_sync_per_gib * gib
        return self._draw(None, min(base, full_copy), hooks)

    def _draw(self, measured: float | None, estimate: float, hooks: BackendHooks) -> int:
        return hooks.add_jitter(estimate if measured is None else measured, self.jitter)


def total_gib(disks_gib: Sequence[int]) -> int:
    """Return the total size of a server's disks, in GiB."""
    return sum(disks_gib)

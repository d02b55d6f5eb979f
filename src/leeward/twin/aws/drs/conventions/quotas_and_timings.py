"""Service quotas and durations of DRS. The defaults are values that AWS documents or users observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
class DrsTimings:
    """Durations in seconds, before jitter. A duration with `_per_gib` applies to each GiB of disk.

    The defaults come from user reports: conversion and launch of a small Linux server take about 10 minutes, and
    reverse replication of an 8 GiB volume takes 30 to 45 minutes.
    """

    job_start: int = 5
    job_end: int = 5
    cleanup: int = 45
    snapshot: int = 60
    snapshot_per_gib: float = 1
    conversion: int = 330
    conversion_per_gib: float = 4
    launch: int = 150
    terminate: int = 90
    initial_sync: int = 1500
    initial_sync_per_gib: float = 90
    rescan: int = 120
    rescan_per_gib: float = 3
    # Data that changed during an outage must also be sent.
    rescan_per_outage_second: float = 0.05
    # A server is STALLED after this time without contact.
    stalled_after: int = 300
    # The interval at which a Recovery Plan checks whether a step has ended.
    plan_poll: int = 10
    # AWS doesn't document when a step is TIMED_OUT. This value is an assumption.
    plan_step_timeout: int = 4 * 3600
    jitter: float = 0.15

    def snapshot_seconds(self, gib: int, hooks: BackendHooks) -> int:
        """Return the duration of an on-demand snapshot."""
        return hooks.add_jitter(self.snapshot + self.snapshot_per_gib * gib, self.jitter)

    def conversion_seconds(self, gib: int, hooks: BackendHooks) -> int:
        """Return the duration of the conversion that makes replicated disks bootable on EC2."""
        return hooks.add_jitter(self.conversion + self.conversion_per_gib * gib, self.jitter)

    def initial_sync_seconds(self, gib: int, hooks: BackendHooks) -> int:
        """Return the duration of an initial full copy, such as after ReverseReplication."""
        return hooks.add_jitter(self.initial_sync + self.initial_sync_per_gib * gib, self.jitter)

    def rescan_seconds(self, gib: int, outage_seconds: float, hooks: BackendHooks) -> int:
        """Return the duration of a rescan after an outage of `outage_seconds`, at most that of an initial sync."""
        base = self.rescan + self.rescan_per_gib * gib + self.rescan_per_outage_second * outage_seconds
        return hooks.add_jitter(min(base, self.initial_sync + self.initial_sync_per_gib * gib), self.jitter)


def total_gib(disks_gib: Sequence[int]) -> int:
    """Return the total size of a server's disks, in GiB."""
    return sum(disks_gib)

"""How much DRS allows, and how long it takes: settings of a world, with AWS's documented or observed values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leeward.twin.aws.service_framework.backend_hooks import BackendHooks


@dataclass(frozen=True, slots=True)
class DrsQuotas:
    """Per account and Region, from the DRS service quotas page. The request's shape allows 200 servers per job."""

    replicating_servers: int = 300
    servers_per_job: int = 100
    servers_in_active_jobs: int = 500
    concurrent_jobs: int = 20
    steps_per_plan: int = 20
    servers_per_plan: int = 100
    # A request lists at most one launch template's id; that there is one of each kind is an assumption.
    templates_per_kind: int = 1


@dataclass(frozen=True, slots=True)
class DrsTimings:
    """Durations in seconds, `_per_gib` for each GiB of disk, before jitter.

    The defaults follow reports of people who ran it: conversion and launch of a small Linux server about 10 minutes,
    reverse replication of an 8 GiB volume 30 to 45 minutes.
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
    # What changed during an outage has to be sent too.
    rescan_per_outage_second: float = 0.05
    # Without contact for this long, a server is shown as STALLED.
    stalled_after: int = 300
    # A Recovery Plan looks so often whether a step has ended.
    plan_poll: int = 10
    # AWS does not say after how long a step is TIMED_OUT: an assumption.
    plan_step_timeout: int = 4 * 3600
    jitter: float = 0.15

    def snapshot_seconds(self, gib: int, hooks: BackendHooks) -> int:
        """An on-demand snapshot."""
        return hooks.add_jitter(self.snapshot + self.snapshot_per_gib * gib, self.jitter)

    def conversion_seconds(self, gib: int, hooks: BackendHooks) -> int:
        """Making the replicated disks bootable on EC2."""
        return hooks.add_jitter(self.conversion + self.conversion_per_gib * gib, self.jitter)

    def initial_sync_seconds(self, gib: int, hooks: BackendHooks) -> int:
        """A first full copy, as after ReverseReplication."""
        return hooks.add_jitter(self.initial_sync + self.initial_sync_per_gib * gib, self.jitter)

    def rescan_seconds(self, gib: int, outage_seconds: float, hooks: BackendHooks) -> int:
        """Comparing and catching up after contact was lost for `outage_seconds`; never longer than a first copy."""
        base = self.rescan + self.rescan_per_gib * gib + self.rescan_per_outage_second * outage_seconds
        return hooks.add_jitter(min(base, self.initial_sync + self.initial_sync_per_gib * gib), self.jitter)


def total_gib(disks_gib: Sequence[int]) -> int:
    """All of a server's disks together."""
    return sum(disks_gib)

"""How long launches and full copies take: by disk size, as measured, and without the effect of disk size."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from leeward.base.assumptions import launch_durations
from leeward.twin.aws.drs import DrsTimings, MeasuredTimes
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
from tests.twin.aws.drs_world import START, A, DrsTestWorld

EXACT = DrsTimings(jitter=0)
JOB_SECONDS = EXACT.job_start + EXACT.job_end


def job_seconds(world: DrsTestWorld, disks_gib: Sequence[int], **options: Any) -> float:
    server = world.protect(f"db-{'-'.join(map(str, disks_gib))}", disks_gib=disks_gib, **options)
    job = world.recover(server)
    times = (datetime.fromisoformat(job[key]) for key in ("creationDateTime", "endDateTime"))
    begin, end = times
    return (end - begin).total_seconds()


@pytest.mark.parametrize(
    ("disks_gib", "minutes"),
    # The reported ten minutes of a small Linux server, and the 5 to 20 minutes that AWS calls typical for a large one.
    [([8], 10), ([8, 20], 12.5), ([30], 13), ([8, 2048], 16), ([2048], 16)],
)
def test_launch_takes_minutes_and_not_hours(disks_gib: Sequence[int], minutes: float) -> None:
    seconds = job_seconds(DrsTestWorld(timings=EXACT), disks_gib)
    assert seconds == pytest.approx(minutes * 60, rel=0.05)
    assert seconds == pytest.approx(JOB_SECONDS + launch_durations.launch_seconds(sum(disks_gib)), abs=2)


def test_launch_takes_longer_with_larger_disks_unless_switched_off() -> None:
    small, large = (job_seconds(DrsTestWorld(timings=EXACT), [gib]) for gib in (8, 500))
    assert large - small > 200
    flat = EXACT.without_launch_by_disk_size()
    small_flat, large_flat = (job_seconds(DrsTestWorld(timings=flat), [gib]) for gib in (8, 500))
    assert small_flat == large_flat < small


def test_measured_times_replace_estimates() -> None:
    measured = MeasuredTimes(snapshot=20, conversion=100, launch=40)
    assert job_seconds(DrsTestWorld(timings=EXACT), [2048], measured_times=measured) == JOB_SECONDS + 160
    assert measured.cover_launch
    partly = MeasuredTimes(conversion=100)
    expected = JOB_SECONDS + 60 + round(0.1 * 2048) + 100 + 150
    assert job_seconds(DrsTestWorld(timings=EXACT), [2048], measured_times=partly) == pytest.approx(expected, abs=1)
    assert not partly.cover_launch


def test_measured_times_vary_with_seed() -> None:
    measured = MeasuredTimes(snapshot=20, conversion=1000, launch=40)
    first, again, other = (job_seconds(DrsTestWorld(seed), [8], measured_times=measured) for seed in (7, 7, 8))
    assert first == again != other
    assert 0.85 * 1060 <= first - JOB_SECONDS <= 1.15 * 1060


def test_reversed_server_keeps_measured_times() -> None:
    world = DrsTestWorld(timings=EXACT)
    server = world.protect("db", disks_gib=[2048], measured_times=MeasuredTimes(initial_sync=3600))
    world.recover(server)
    recovered = world.instance(server.server_id)["recoveryInstanceID"]
    world.b.reverse_replication(recoveryInstanceID=recovered)
    back = next(s for s in world.drs.servers(A) if s.direction == "FAILBACK")
    world.clock.advance(minutes=58)
    assert world.server(back.server_id, world.a)["dataReplicationInfo"]["dataReplicationState"] != "CONTINUOUS"
    world.clock.advance(minutes=3)
    assert world.server(back.server_id, world.a)["dataReplicationInfo"]["dataReplicationState"] == "CONTINUOUS"


def copy_hours(gib: int) -> float:
    hooks = BackendHooks(lambda: START, lambda *_: None, Random(7))
    return EXACT.initial_sync_seconds(gib, MeasuredTimes(), hooks) / 3600


def test_full_copy_takes_at_least_as_long_as_reported() -> None:
    assert 0.5 <= copy_hours(8) <= 0.75  # 30 to 45 minutes for 8 GiB
    terabytes_reported = round(1.5e12 / 2**30)
    assert 28 <= copy_hours(terabytes_reported) <= 40


def test_rescan_reads_all_disks_and_never_takes_longer_than_full_copy() -> None:
    hooks = BackendHooks(lambda: START, lambda *_: None, Random(7))
    day = timedelta(days=1).total_seconds()
    assert EXACT.rescan_seconds(1000, 0, MeasuredTimes(), hooks) >= 1000 * launch_durations.FIRST_READ_PER_GIB
    assert EXACT.rescan_seconds(1000, day, MeasuredTimes(initial_sync=600), hooks) == 600

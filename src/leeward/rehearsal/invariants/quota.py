"""Checks the `quota` invariant: DRS jobs and their servers never exceed the AWS service quotas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RecoveryJobSpan, RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def quota(record: RunRecord) -> InvariantReport:
    """Check the DRS quotas at the start of each job.

    In an account and Region, DRS allows 20 concurrent jobs, 100 servers in a job, and 500 servers in all active jobs
    (DRS service quotas). DRS rejects a request beyond a quota in the middle of a failover, and some servers stay down.
    The number of active jobs increases only when a job starts, so no other times need a check.
    """
    if not record.jobs:
        return InvariantReport.not_applicable("quota", "no DRS job was active during the run")
    quotas = record.quotas
    for region in sorted({job.region for job in record.jobs}):
        jobs = [job for job in record.jobs if job.region == region]
        oversized = next((job for job in jobs if job.servers > quotas.servers_per_job), None)
        if oversized is not None:
            return _violated(f"{oversized.id} has {oversized.servers} servers, quota {quotas.servers_per_job}")
        for at, active in _active_jobs_over_time(jobs):
            servers = sum(job.servers for job in active)
            if len(active) > quotas.concurrent_jobs:
                return _violated(f"{len(active)} jobs in {region} at {at:%H:%M:%S}, quota {quotas.concurrent_jobs}")
            if servers > quotas.servers_in_active_jobs:
                maximum = quotas.servers_in_active_jobs
                return _violated(f"{servers} servers in the jobs of {region} at {at:%H:%M:%S}, quota {maximum}")
    most_jobs = max((len(active) for _, active in _active_jobs_over_time(record.jobs)), default=0)
    detail = f"at most {most_jobs} jobs at once"
    return InvariantReport(name="quota", held=True, detail=detail, checked=len(record.jobs))


def _active_jobs_over_time(jobs: Sequence[RecoveryJobSpan]) -> Iterator[tuple[datetime, list[RecoveryJobSpan]]]:
    """Yield each time at which a job starts, with the jobs that are active at that time."""
    for at in sorted({job.began_at for job in jobs}):
        yield at, [job for job in jobs if job.began_at <= at and (job.ended_at is None or at < job.ended_at)]


def _violated(detail: str) -> InvariantReport:
    return InvariantReport(name="quota", held=False, detail=detail)


INVARIANT = Invariant(
    "quota",
    "The number of jobs and servers never exceeds the AWS quotas",
    quota,
)

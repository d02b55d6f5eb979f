"""quota: at no instant are there more jobs, or more servers in them, than AWS allows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from leeward.rehearsal.invariants.run_record import RecoveryJobSpan, RunRecord
from leeward.rehearsal.results.result_models import InvariantReport


def quota(record: RunRecord) -> InvariantReport:
    """DRS allows 20 concurrent jobs, 100 servers in a job and 500 in all active jobs of an account and Region (DRS
    service quotas). Who asks for more is refused in the middle of a failover, and part of the servers stays down. The
    jobs change only when one begins or ends, so those instants are all that there is to check."""
    allowed = record.quotas
    for region in sorted({job.region for job in record.jobs}):
        jobs = [job for job in record.jobs if job.region == region]
        large = next((job for job in jobs if job.servers > allowed.servers_per_job), None)
        if large is not None:
            return _violated(f"{large.id} has {large.servers} servers, of {allowed.servers_per_job}")
        for at, active in _active_jobs_over_time(jobs):
            servers = sum(job.servers for job in active)
            if len(active) > allowed.concurrent_jobs:
                return _violated(f"{len(active)} jobs in {region} at {at:%H:%M:%S}, of {allowed.concurrent_jobs}")
            if servers > allowed.servers_in_active_jobs:
                most = allowed.servers_in_active_jobs
                return _violated(f"{servers} servers in the jobs of {region} at {at:%H:%M:%S}, of {most}")
    most_jobs = max((len(active) for _, active in _active_jobs_over_time(record.jobs)), default=0)
    return InvariantReport(name="quota", held=True, detail=f"at most {most_jobs} jobs at once")


def _active_jobs_over_time(jobs: Sequence[RecoveryJobSpan]) -> Iterator[tuple[datetime, list[RecoveryJobSpan]]]:
    """Each instant at which a job begins, with those that are active then."""
    for at in sorted({job.began_at for job in jobs}):
        yield at, [job for job in jobs if job.began_at <= at and (job.ended_at is None or at < job.ended_at)]


def _violated(detail: str) -> InvariantReport:
    return InvariantReport(name="quota", held=False, detail=detail)

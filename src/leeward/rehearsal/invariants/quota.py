"""Checks the `quota` invariant: DRS jobs and their servers never exceed the AWS service quotas."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from leeward.rehearsal.invariants.invariant import Invariant
from leeward.rehearsal.invariants.run_record import RecoveryJobSpan, RunRecord
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.twin.interception import AwsCall

_REJECTED = "ServiceQuotaExceededException"


def quota(record: RunRecord) -> InvariantReport:
    """Check the DRS quotas at the start of each job, and that DRS rejected no job because of them.

    In an account and Region, DRS allows 20 concurrent jobs, 100 servers in a job, and 500 servers in all active jobs
    (DRS service quotas). DRS rejects a request beyond a quota in the middle of a failover, and some servers stay down.
    The number of active jobs increases only when a job starts, so no other times need a check. A rejection while jobs
    of others are active is not the run's doing.
    """
    rejected = [call for call in record.calls if call.service == "drs" and call.outcome == _REJECTED]
    checked = len(record.jobs) + len(rejected)
    violation = next(_list_violations(record, rejected), None)
    if violation is not None:
        return InvariantReport.violation("quota", violation, checked)
    most_jobs = max((len(active) for _, active in _active_jobs_over_time(record.jobs)), default=0)
    detail = f"at most {most_jobs} jobs at once"
    return InvariantReport.of("quota", len(record.jobs), detail, otherwise="no DRS job was active during the run")


def _list_violations(record: RunRecord, rejected: Sequence[AwsCall]) -> Iterator[str]:
    quotas = record.quotas
    for call in rejected:
        if not any(not job.of_run and job.region == call.region and _is_active(job, call.at) for job in record.jobs):
            yield f"DRS rejected {call.operation} in {call.region} at {call.at:%H:%M:%S}, beyond a quota"
    for region in sorted({job.region for job in record.jobs}):
        jobs = [job for job in record.jobs if job.region == region]
        for job in jobs:
            if job.servers > quotas.servers_per_job:
                yield f"{job.id} has {job.servers} servers, quota {quotas.servers_per_job}"
        for at, active in _active_jobs_over_time(jobs):
            servers = sum(job.servers for job in active)
            if len(active) > quotas.concurrent_jobs:
                yield f"{len(active)} jobs in {region} at {at:%H:%M:%S}, quota {quotas.concurrent_jobs}"
            if servers > quotas.servers_in_active_jobs:
                maximum = quotas.servers_in_active_jobs
                yield f"{servers} servers in the jobs of {region} at {at:%H:%M:%S}, quota {maximum}"


def _active_jobs_over_time(jobs: Sequence[RecoveryJobSpan]) -> Iterator[tuple[datetime, list[RecoveryJobSpan]]]:
    """Yield each time at which a job starts, with the jobs that are active at that time."""
    for at in sorted({job.began_at for job in jobs}):
        yield at, [job for job in jobs if _is_active(job, at)]


def _is_active(job: RecoveryJobSpan, at: datetime) -> bool:
    return job.began_at <= at and (job.ended_at is None or at < job.ended_at)


INVARIANT = Invariant(
    "quota",
    "The number of jobs and servers never exceeds the AWS quotas",
    quota,
)

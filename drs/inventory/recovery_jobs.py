"""Recovery jobs: the tags that identify a run's jobs, and the reasons of failed launches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from leeward.common.errors import SurprisingAnswer
from leeward.drs.api.models import Job, LogItem
from leeward.drs.api.queries import get_job_log

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

# All values of JobType in botocore's service model.
LAUNCH_JOB, TERMINATE_JOB, CONVERT_JOB = "LAUNCH", "TERMINATE", "CREATE_CONVERTED_SNAPSHOT"
RUN_TAG, STEP_TAG, GROUP_TAG, ATTEMPT_TAG, BATCH_TAG = (
    "leeward:run",
    "leeward:step",
    "leeward:group",
    "leeward:attempt",
    "leeward:batch",
)


def job_tags(run: str, step: str, group: str, attempt: int, batch: int) -> dict[str, str]:
    """Return the tags of a recovery job, by which a later call finds it."""
    return {RUN_TAG: run, STEP_TAG: step, GROUP_TAG: group, ATTEMPT_TAG: str(attempt), BATCH_TAG: str(batch)}


def job_attempt(job: Job) -> int:
    """Return the step attempt that started a job, or 0 if its tag is missing or malformed."""
    text = job.tags.get(ATTEMPT_TAG, "")
    return int(text) if text.isdecimal() else 0


def launch_jobs(jobs: Iterable[Job], run: str, step: str | None = None) -> list[Job]:
    """Return the launch jobs with the run's tag, and with the step's tag if `step` is set, in order.

    Raises SurprisingAnswer for a job of the run with an unknown type. If it were ignored, its servers could be launched
    again, because a drill instance doesn't block a new launch.
    """
    own = [job for job in jobs if job.tags.get(RUN_TAG) == run and (step is None or job.tags.get(STEP_TAG) == step)]
    for job in own:
        if job.type not in (LAUNCH_JOB, TERMINATE_JOB, CONVERT_JOB):
            raise SurprisingAnswer(
                f"drs:DescribeJobs: {job.id}, which run {run} started, has the unknown type {job.type!r}. Check in the "
                "DRS console what it does, then try again"
            )
    return [job for job in own if job.type == LAUNCH_JOB]


def failure_reason(log: Sequence[LogItem], server: str) -> str:
    """Return the reason of a server's failure from the job log, or else the log's last event of the server."""
    of_server = [item for item in log if item.data.server == server]
    with_error = [item for item in of_server if item.data.raw_error]
    if with_error:
        return f"{with_error[-1].event}: {with_error[-1].data.raw_error}"
    of_job = [item for item in log if item.data.server is None and item.data.raw_error]
    if of_job:
        return f"{of_job[-1].event}: {of_job[-1].data.raw_error}"
    if of_server:
        return f"{of_server[-1].event}, and the job log gives no reason"
    return "the job log gives no reason"


def failure_reasons(client: DrsClient, failed: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the failure reason of each server, for pairs of job ID and server ID. Read each job's log once."""
    logs: dict[str, list[LogItem]] = {}
    reasons: dict[str, str] = {}
    for job_id, server in failed:
        if job_id not in logs:
            logs[job_id] = get_job_log(client, job_id)
        reasons[server] = failure_reason(logs[job_id], server)
    return reasons

"""Recovery jobs: the tags that make them findable, and why a server failed in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from leeward.common.errors import SurprisingAnswer
from leeward.drs.api.models import Job, LogItem
from leeward.drs.api.queries import get_job_log

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

# JobType of botocore's service model, whole.
LAUNCH_JOB, TERMINATE_JOB, CONVERT_JOB = "LAUNCH", "TERMINATE", "CREATE_CONVERTED_SNAPSHOT"
RUN_TAG, STEP_TAG, GROUP_TAG, ATTEMPT_TAG, BATCH_TAG = (
    "leeward:run",
    "leeward:step",
    "leeward:group",
    "leeward:attempt",
    "leeward:batch",
)


def job_tags(run: str, step: str, group: str, attempt: int, batch: int) -> dict[str, str]:
    """What is put on a recovery job, so that a later call finds what an earlier one began."""
    return {RUN_TAG: run, STEP_TAG: step, GROUP_TAG: group, ATTEMPT_TAG: str(attempt), BATCH_TAG: str(batch)}


def job_attempt(job: Job) -> int:
    """In which attempt of its step a job was started; 0 for a job that says nothing readable."""
    text = job.tags.get(ATTEMPT_TAG, "")
    return int(text) if text.isdecimal() else 0


def launch_jobs(jobs: Iterable[Job], run: str, step: str | None = None) -> list[Job]:
    """The launch jobs that carry the run's tag, and the step's where one is given, in their order.

    Raises SurprisingAnswer for a job of the run whose type is not known: passed over, it would be launched again. A
    drill's own instance does not stand in the way of that.
    """
    own = [job for job in jobs if job.tags.get(RUN_TAG) == run and (step is None or job.tags.get(STEP_TAG) == step)]
    for job in own:
        if job.type not in (LAUNCH_JOB, TERMINATE_JOB, CONVERT_JOB):
            raise SurprisingAnswer(
                f"drs:DescribeJobs: {job.id}, which run {run} has started, is of the unknown type {job.type!r}: see in "
                "the DRS console what it does, then try again"
            )
    return [job for job in own if job.type == LAUNCH_JOB]


def failure_reason(log: Sequence[LogItem], server: str) -> str:
    """Why a server failed, in the job log's own words; without any, the last thing the log says of it."""
    of_server = [item for item in log if item.data.server == server]
    told = [item for item in of_server if item.data.raw_error]
    if told:
        return f"{told[-1].event}: {told[-1].data.raw_error}"
    of_job = [item for item in log if item.data.server is None and item.data.raw_error]
    if of_job:
        return f"{of_job[-1].event}: {of_job[-1].data.raw_error}"
    if of_server:
        return f"{of_server[-1].event}, and the job log gives no reason"
    return "the job log gives no reason"


def failure_reasons(client: DrsClient, failed: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For pairs of job id and server id: each server's reason. Reads each job's log once."""
    logs: dict[str, list[LogItem]] = {}
    told: dict[str, str] = {}
    for job_id, server in failed:
        if job_id not in logs:
            logs[job_id] = get_job_log(client, job_id)
        told[server] = failure_reason(logs[job_id], server)
    return told

"""Recovery jobs: the tags that make them findable, and why a server failed in one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from leeward.common.errors import SurprisingAnswer
from leeward.drs.calls import job_log
from leeward.drs.model import Job, LogItem

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient

# JobType of botocore's service model, whole.
LAUNCH, TERMINATE, CONVERT = "LAUNCH", "TERMINATE", "CREATE_CONVERTED_SNAPSHOT"
RUN, STEP, GROUP, ATTEMPT, BATCH = (
    "leeward:run",
    "leeward:step",
    "leeward:group",
    "leeward:attempt",
    "leeward:batch",
)


def tags(run: str, step: str, group: str, attempt: int, batch: int) -> dict[str, str]:
    """What is put on a recovery job, so that a later call finds what an earlier one began."""
    return {RUN: run, STEP: step, GROUP: group, ATTEMPT: str(attempt), BATCH: str(batch)}


def attempt_of(job: Job) -> int:
    """In which attempt of its step a job was started; 0 for a job that says nothing readable."""
    text = job.tags.get(ATTEMPT, "")
    return int(text) if text.isdecimal() else 0


def launches_of(jobs: Iterable[Job], run: str, step: str | None = None) -> list[Job]:
    """The launch jobs that carry the run's tag, and the step's where one is given, in their order.

    Raises SurprisingAnswer for a job of the run whose type is not known: passed over, it would be launched again. A
    drill's own instance does not stand in the way of that.
    """
    own = [job for job in jobs if job.tags.get(RUN) == run and (step is None or job.tags.get(STEP) == step)]
    for job in own:
        if job.type not in (LAUNCH, TERMINATE, CONVERT):
            raise SurprisingAnswer(
                f"drs:DescribeJobs: {job.id}, which run {run} has started, is of the unknown type {job.type!r}: see in "
                "the DRS console what it does, then try again"
            )
    return [job for job in own if job.type == LAUNCH]


def reason(log: Sequence[LogItem], server: str) -> str:
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


def reasons(client: DrsClient, failed: Iterable[tuple[str, str]]) -> dict[str, str]:
    """For pairs of job id and server id: each server's reason. Reads each job's log once."""
    logs: dict[str, list[LogItem]] = {}
    told: dict[str, str] = {}
    for job_id, server in failed:
        if job_id not in logs:
            logs[job_id] = job_log(client, job_id)
        told[server] = reason(logs[job_id], server)
    return told

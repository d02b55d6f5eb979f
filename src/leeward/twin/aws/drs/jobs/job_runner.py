"""Base class of all jobs: start, one result per server, and end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.state.drs_records import Job, LogItem, Participant
from leeward.twin.aws.drs.state.region_state import DrsRegionState

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import InitiatedByType, JobLogEventType, JobTypeType, LaunchStatusType

_UNFINISHED = ("PENDING", "IN_PROGRESS")


class JobRunner:
    """Runs one job. A subclass implements `begin_server`, and calls `finish_server` for each server."""

    def __init__(self, region: DrsRegionState, job: Job) -> None:
        self.region = region
        self.job = job

    def start(self) -> None:
        """Schedule the start of the job."""
        self._call_later(self.region.shared.timings.job_start, self._start_servers)

    def begin_server(self, participant: Participant) -> None:
        """Start the work for one server. All servers of a job start at the same time."""
        raise NotImplementedError

    def finish_server(self, participant: Participant, status: LaunchStatusType) -> None:
        """Set the final status of a server. The job ends shortly after its last server."""
        participant.status = status
        participant.ended_at = self.region.hooks.now()
        if all(p.status not in _UNFINISHED for p in self.job.participants):
            self._call_later(self.region.shared.timings.job_end, self._complete_job)

    def append_log(
        self,
        event: JobLogEventType,
        server_id: str | None = None,
        *,
        instance_id: str | None = None,
        raw_error: str | None = None,
    ) -> None:
        """Append an item to the job log."""
        self.job.log.append(LogItem(self.region.hooks.now(), event, server_id, instance_id, raw_error))

    def add_jitter(self, seconds: float) -> int:
        """Return `seconds` with the configured jitter."""
        return self.region.hooks.add_jitter(seconds, self.region.shared.timings.jitter)

    def _call_later(self, seconds: float, fn: Callable[[], None]) -> None:
        self.region.hooks.call_later(seconds, fn, f"drs {self.job.job_id}")

    def _start_servers(self) -> None:
        self.job.status = "STARTED"
        self.append_log("JOB_START")
        for participant in self.job.participants:
            self.begin_server(participant)

    def _complete_job(self) -> None:
        self.append_log("JOB_END")
        self.job.status = "COMPLETED"
        self.job.ended_at = self.region.hooks.now()


def create_job(
    region: DrsRegionState,
    kind: JobTypeType,
    initiated_by: InitiatedByType,
    participants: list[Participant],
    tags: dict[str, str],
) -> Job:
    """Create a PENDING job in the Region."""
    job_id = region.new_id("drsjob")
    job = Job(job_id, region.arn("job", job_id), kind, initiated_by, region.hooks.now(), participants, tags)
    region.jobs[job_id] = job
    return job

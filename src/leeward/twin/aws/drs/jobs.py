"""What every job does: it starts, its servers end one by one, it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.model import Job, LogItem, Participant
from leeward.twin.aws.drs.state import RegionState

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import InitiatedByType, JobLogEventType, JobTypeType, LaunchStatusType

_UNFINISHED = ("PENDING", "IN_PROGRESS")


class JobRun:
    """One job under way. A subclass says in `begin` what is done for each server, and calls `finish` for each."""

    def __init__(self, region: RegionState, job: Job) -> None:
        self.region = region
        self.job = job

    def start(self) -> None:
        """Schedules the job's start."""
        self._after(self.region.shared.timings.job_start, self._started)

    def begin(self, participant: Participant) -> None:
        """A server's turn. Every server of a job begins at once."""
        raise NotImplementedError

    def finish(self, participant: Participant, status: LaunchStatusType) -> None:
        """A server has ended. The job ends shortly after its last one."""
        participant.status = status
        participant.ended_at = self.region.seam.now()
        if all(p.status not in _UNFINISHED for p in self.job.participants):
            self._after(self.region.shared.timings.job_end, self._ended)

    def log(
        self,
        event: JobLogEventType,
        server_id: str | None = None,
        *,
        instance_id: str | None = None,
        raw_error: str | None = None,
    ) -> None:
        """One line into the job's log."""
        self.job.log.append(LogItem(self.region.seam.now(), event, server_id, instance_id, raw_error))

    def jittered(self, seconds: float) -> int:
        """`seconds` with the world's share of chance."""
        return self.region.seam.jittered(seconds, self.region.shared.timings.jitter)

    def _after(self, seconds: float, fn: Callable[[], None]) -> None:
        self.region.seam.later(seconds, fn, f"drs {self.job.job_id}")

    def _started(self) -> None:
        self.job.status = "STARTED"
        self.log("JOB_START")
        for participant in self.job.participants:
            self.begin(participant)

    def _ended(self) -> None:
        self.log("JOB_END")
        self.job.status = "COMPLETED"
        self.job.ended_at = self.region.seam.now()


def new_job(
    region: RegionState,
    kind: JobTypeType,
    initiated_by: InitiatedByType,
    participants: list[Participant],
    tags: dict[str, str],
) -> Job:
    """A PENDING job on the Region's record."""
    job_id = region.new_id("drsjob")
    job = Job(job_id, region.arn("job", job_id), kind, initiated_by, region.seam.now(), participants, tags)
    region.jobs[job_id] = job
    return job

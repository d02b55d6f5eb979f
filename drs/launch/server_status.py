"""Assess the status of a server in a recovery from the observed state of DRS and EC2. Pure: doesn't call AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from leeward.common.errors import SurprisingAnswer
from leeward.drs.api.models import Job, Participant, RecoveryInstance, SourceServer
from leeward.drs.api.states import JobStatus, LaunchStatus
from leeward.drs.inventory.recovery_instances import Ec2Instance, InstanceHealth, assess_instance
from leeward.drs.inventory.recovery_jobs import RUN_TAG, TERMINATE_JOB, job_attempt, launch_jobs
from leeward.drs.launch.launch_intents import LaunchIntent

# DRS is eventually consistent: a completed job or a new recovery instance may not show in every response at once.
CONSISTENCY_GRACE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class RecoveryRequest:
    """A request to recover a group's servers. `predecessors` are the runs that this run took over from, nearest first.

    `point_in_time` None requests the latest data. `snapshot_times` maps a server ID to the time of its snapshot for the
    point in time.
    """

    run: str
    started_at: datetime
    step: str
    group: str
    attempt: int
    is_drill: bool
    predecessors: tuple[str, ...] = ()
    point_in_time: datetime | None = None
    snapshot_times: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObservedState:
    """The state of a group in DRS and EC2. `jobs` are all recent jobs of the Region. `ec2_instances` is keyed by ID."""

    servers: Sequence[SourceServer]
    jobs: Sequence[Job]
    intents: Sequence[LaunchIntent]
    instances: Sequence[RecoveryInstance]
    ec2_instances: Mapping[str, Ec2Instance]
    now: datetime

    def instances_of(self, server: str) -> list[RecoveryInstance]:
        return [i for i in self.instances if i.server == server]


class RecoveryState(StrEnum):
    """The recovery state of a server."""

    RECOVERED = "recovered"
    WAITING = "waiting"
    FAILED = "failed"
    UNSAFE = "unsafe"
    TO_START = "to start"


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """A server's recovery state, its reason, and the related job. The job's log has the details of a failure."""

    server: SourceServer
    state: RecoveryState
    reason: str
    job: str | None = None
    instance: RecoveryInstance | None = field(default=None, repr=False)


def assess_server(server: SourceServer, request: RecoveryRequest, observed: ObservedState) -> ServerStatus:
    """Assess one server by this run's own jobs, then by its predecessors' jobs, then by obstacles to a launch."""
    own = [job for job in launch_jobs(observed.jobs, request.run, request.step) if job.participant(server.id)]
    if own:
        latest = max(own, key=lambda job: (job_attempt(job), job.created, job.id))
        this_attempt = job_attempt(latest) >= request.attempt
        status = _status_from_job(server, latest, observed, final=this_attempt)
        if status.state is not RecoveryState.TO_START:
            return status
    elif (adopted := _status_from_predecessor(server, request, observed)) is not None:
        return adopted
    return _find_obstacle(server, request, observed) or ServerStatus(
        server, RecoveryState.TO_START, "nothing has launched it yet"
    )


def _status_from_job(server: SourceServer, job: Job, observed: ObservedState, *, final: bool) -> ServerStatus:
    """Assess a server by a job. With `final`, a failed job fails this attempt. Otherwise, the server restarts."""
    part = job.participant(server.id)
    assert part is not None
    after_failure = RecoveryState.FAILED if final else RecoveryState.TO_START
    outcome = job.outcome(part)
    match outcome:
        case LaunchStatus.PENDING | LaunchStatus.IN_PROGRESS:
            if (
                job.status is not JobStatus.COMPLETED
                or job.ended is None
                or observed.now < job.ended + CONSISTENCY_GRACE
            ):
                return ServerStatus(server, RecoveryState.WAITING, f"{job.id} is launching it", job.id)
            return ServerStatus(server, after_failure, f"{job.id} has ended and left it {outcome.value}", job.id)
        case LaunchStatus.FAILED:
            return ServerStatus(server, after_failure, f"its launch by {job.id} failed", job.id)
        case LaunchStatus.TERMINATED:
            return ServerStatus(server, after_failure, f"its instance by {job.id} was terminated", job.id)
        case LaunchStatus.LAUNCHED:
            return _status_from_instance(server, job, part, observed, after_failure)


def _status_from_instance(
    server: SourceServer, job: Job, part: Participant, observed: ObservedState, after_failure: RecoveryState
) -> ServerStatus:
    instance = _find_instance(server, job, part, observed)
    if instance is None:
        if job.ended is None or observed.now < job.ended + CONSISTENCY_GRACE:
            return ServerStatus(
                server, RecoveryState.WAITING, f"{job.id} has launched it, its instance is not shown yet", job.id
            )
        return ServerStatus(server, after_failure, f"the instance that {job.id} launched is gone")
    health, why = assess_instance(instance, observed.ec2_instances.get(instance.ec2_instance))
    match health:
        case InstanceHealth.READY:
            return ServerStatus(server, RecoveryState.RECOVERED, why, job.id, instance)
        case InstanceHealth.STARTING:
            return ServerStatus(server, RecoveryState.WAITING, why, job.id, instance)
        case InstanceHealth.STOPPED:
            # Don't replace it automatically: an operator may have stopped it to examine it.
            return ServerStatus(
                server, RecoveryState.FAILED, f"{why}; start it, or terminate it so that it can be launched again", None
            )
        case InstanceHealth.GONE:
            return ServerStatus(server, after_failure, why)


def _find_instance(
    server: SourceServer, job: Job, part: Participant, observed: ObservedState
) -> RecoveryInstance | None:
    return next(
        (i for i in observed.instances_of(server.id) if i.job == job.id or i.id == part.recovery_instance),
        None,
    )


def _status_from_predecessor(
    server: SourceServer, request: RecoveryRequest, observed: ObservedState
) -> ServerStatus | None:
    """Assess a server by a predecessor's launch. The launch is kept if it matches this run's request."""
    for run in request.predecessors:
        jobs = [
            j for j in launch_jobs(observed.jobs, run) if j.participant(server.id) and j.is_drill == request.is_drill
        ]
        if not jobs:
            continue
        status = _status_from_job(server, jobs[-1], observed, final=False)
        if status.state in (RecoveryState.WAITING, RecoveryState.FAILED) or _matches_request(status, request):
            return status
        return None
    return None


def _matches_request(status: ServerStatus, request: RecoveryRequest) -> bool:
    if status.state is not RecoveryState.RECOVERED or status.instance is None:
        return False
    taken, point = status.instance.point_in_time, request.snapshot_times.get(status.server.id)
    if request.point_in_time is None:
        return True
    if taken is None or taken > request.point_in_time:
        return False
    return point is None or taken == point  # None: the snapshot has expired


def _find_obstacle(server: SourceServer, request: RecoveryRequest, observed: ObservedState) -> ServerStatus | None:
    """Return a status that explains why a server can't be started, or not yet. None if it can."""
    under_way = _work_in_progress(server, request, observed)
    if under_way is not None:
        return ServerStatus(server, RecoveryState.WAITING, under_way)
    if not server.replication.state.has_recovery_point:
        why = f"replication is {server.replication.state.value}: there is no recovery point to launch from"
        return ServerStatus(server, RecoveryState.FAILED, why)
    for instance in observed.instances_of(server.id):
        if blocks_launch(instance, observed.ec2_instances):
            why = (
                f"it has a live recovery instance, {instance.ec2_instance}, that this step did not launch and that a "
                "new launch would replace"
            )
            return ServerStatus(server, RecoveryState.UNSAFE, why, instance=instance)
    return None


def _work_in_progress(server: SourceServer, request: RecoveryRequest, observed: ObservedState) -> str | None:
    """Return what works on the server, or may work on it without being listed yet. None if nothing does."""
    for intent in observed.intents:
        if server.id not in intent.servers:
            continue
        if intent.job is not None:
            listed_job = next((job for job in observed.jobs if job.id == intent.job), None)
            if listed_job is None:
                return f"{intent.job} was started for it and is not listed yet"
            if listed_job.tags.get(RUN_TAG) != request.run:
                raise SurprisingAnswer(f"drs:DescribeJobs: {intent.job} came without the tags that it was started with")
            if listed_job.participant(server.id) is None:
                raise SurprisingAnswer(
                    f"drs:DescribeJobs: {intent.job} came without {server.id}, which it was started for"
                )
        if intent.is_unanswered(observed.now):
            return f"StartRecovery was sent at {intent.placed_at:%H:%M:%S}, and its job is not known yet"
    for job in observed.jobs:
        if job.is_active and job.participant(server.id):
            return f"{job.id} is working on it{_job_owner_text(job)}"
    unlisted = _unlisted_launch(server, request, observed)
    return f"{unlisted} was started for it and is not listed yet" if unlisted else None


def blocks_launch(instance: RecoveryInstance, ec2_instances: Mapping[str, Ec2Instance]) -> bool:
    """Return whether a launch must not replace the instance.

    A drill instance may be replaced, because DRS cleans it up. Any other live instance may serve users.
    """
    ec2_instance = ec2_instances.get(instance.ec2_instance)
    gone = ec2_instance is not None and assess_instance(instance, ec2_instance)[0] is InstanceHealth.GONE
    return instance.is_live and not instance.is_drill and not gone


def _unlisted_launch(server: SourceServer, request: RecoveryRequest, observed: ObservedState) -> str | None:
    """Return the job ID of the server's last launch, if it began after this run and its job is not listed yet."""
    last_launch = server.life_cycle.last_launch.initiated
    if last_launch.job_id is None or last_launch.at is None or last_launch.at < request.started_at:
        return None
    if (
        any(job.id == last_launch.job_id for job in observed.jobs)
        or observed.now > last_launch.at + 2 * CONSISTENCY_GRACE
    ):
        return None
    return last_launch.job_id


def _job_owner_text(job: Job) -> str:
    run = job.tags.get(RUN_TAG)
    what = "a terminating job" if job.type == TERMINATE_JOB else "a job"
    return f", {what} of run {run}" if run else f", {what} that no run of ours started"

"""How one server stands in a recovery, judged from what DRS and EC2 say of it. Pure: nothing here calls AWS."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from leeward.common.errors import SurprisingAnswer
from leeward.drs.instances import Health, Machine, assess
from leeward.drs.jobs import RUN, TERMINATE, attempt_of, launches_of
from leeward.drs.model import Job, Participant, RecoveryInstance, SourceServer
from leeward.drs.orders import Order
from leeward.drs.states import JobStatus, LaunchStatus

# DRS may complete a job, or make a recovery instance, a moment before all of its answers say so.
GRACE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Quest:
    """What is to be recovered, for whom. `predecessors` are the runs that this one took over from, nearest first.
    `point_in_time` None is the latest; `points` are the times, by server, of the snapshots that it stands for."""

    run: str
    started_at: datetime
    step: str
    group: str
    attempt: int
    is_drill: bool
    predecessors: tuple[str, ...] = ()
    point_in_time: datetime | None = None
    points: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Picture:
    """What was seen. `jobs` are all recent jobs of the Region, anyone's; `instances` and `machines` by id."""

    servers: Sequence[SourceServer]
    jobs: Sequence[Job]
    orders: Sequence[Order]
    instances: Sequence[RecoveryInstance]
    machines: Mapping[str, Machine]
    now: datetime

    def instances_of(self, server: str) -> list[RecoveryInstance]:
        return [i for i in self.instances if i.server == server]


class State(StrEnum):
    """Where a server stands."""

    RECOVERED = "recovered"
    WAITING = "waiting"
    FAILED = "failed"
    UNSAFE = "unsafe"
    TO_START = "to start"


@dataclass(frozen=True, slots=True)
class Standing:
    """A server's state, the reason for it, and the job it is about. Of a failure, that job's log says more."""

    server: SourceServer
    state: State
    why: str
    job: str | None = None
    instance: RecoveryInstance | None = field(default=None, repr=False)


def stand(server: SourceServer, quest: Quest, picture: Picture) -> Standing:
    """Judge one server: first by this run's own jobs, then by those it goes on with, then by what stands in the way."""
    own = [job for job in launches_of(picture.jobs, quest.run, quest.step) if job.participant(server.id)]
    if own:
        latest = max(own, key=lambda job: (attempt_of(job), job.created, job.id))
        this_attempt = attempt_of(latest) >= quest.attempt
        judged = _by_job(server, latest, picture, final=this_attempt)
        if judged.state is not State.TO_START:
            return judged
    elif (adopted := _by_predecessor(server, quest, picture)) is not None:
        return adopted
    return _obstacle(server, quest, picture) or Standing(server, State.TO_START, "nothing has launched it yet")


def _by_job(server: SourceServer, job: Job, picture: Picture, *, final: bool) -> Standing:
    """By a job of ours. `final`: its failure is this attempt's failure; else the server is to be started again."""
    part = job.participant(server.id)
    assert part is not None
    after_failure = State.FAILED if final else State.TO_START
    outcome = job.outcome(part)
    match outcome:
        case LaunchStatus.PENDING | LaunchStatus.IN_PROGRESS:
            if job.status is not JobStatus.COMPLETED or job.ended is None or picture.now < job.ended + GRACE:
                return Standing(server, State.WAITING, f"{job.id} is launching it", job.id)
            return Standing(server, after_failure, f"{job.id} has ended and left it {outcome.value}", job.id)
        case LaunchStatus.FAILED:
            return Standing(server, after_failure, f"its launch by {job.id} failed", job.id)
        case LaunchStatus.TERMINATED:
            return Standing(server, after_failure, f"its instance by {job.id} was terminated", job.id)
        case LaunchStatus.LAUNCHED:
            return _by_instance(server, job, part, picture, after_failure)


def _by_instance(server: SourceServer, job: Job, part: Participant, picture: Picture, after_failure: State) -> Standing:
    instance = _instance_of(server, job, part, picture)
    if instance is None:
        if job.ended is None or picture.now < job.ended + GRACE:
            return Standing(server, State.WAITING, f"{job.id} has launched it, its instance is not shown yet", job.id)
        return Standing(server, after_failure, f"the instance that {job.id} launched is gone")
    health, why = assess(instance, picture.machines.get(instance.ec2_instance))
    match health:
        case Health.READY:
            return Standing(server, State.RECOVERED, why, job.id, instance)
        case Health.STARTING:
            return Standing(server, State.WAITING, why, job.id, instance)
        case Health.STOPPED:
            # Never replaced unasked: a person may have stopped it to look at it.
            return Standing(server, State.FAILED, f"{why}; start it, or terminate it to have it launched anew", None)
        case Health.GONE:
            return Standing(server, after_failure, why)


def _instance_of(server: SourceServer, job: Job, part: Participant, picture: Picture) -> RecoveryInstance | None:
    return next(
        (i for i in picture.instances_of(server.id) if i.job == job.id or i.id == part.recovery_instance),
        None,
    )


def _by_predecessor(server: SourceServer, quest: Quest, picture: Picture) -> Standing | None:
    """By what a run that this one took over from has launched: it is kept, where it is what this run wants."""
    for run in quest.predecessors:
        jobs = [j for j in launches_of(picture.jobs, run) if j.participant(server.id) and j.is_drill == quest.is_drill]
        if not jobs:
            continue
        judged = _by_job(server, jobs[-1], picture, final=False)
        if judged.state in (State.WAITING, State.FAILED) or _as_wanted(judged, quest):
            return judged
        return None
    return None


def _as_wanted(judged: Standing, quest: Quest) -> bool:
    if judged.state is not State.RECOVERED or judged.instance is None:
        return False
    taken, point = judged.instance.point_in_time, quest.points.get(judged.server.id)
    if quest.point_in_time is None:
        return True
    if taken is None or taken > quest.point_in_time:
        return False
    return point is None or taken == point  # None: that snapshot has expired since


def _obstacle(server: SourceServer, quest: Quest, picture: Picture) -> Standing | None:
    """Why a server that is to be started can't be, or not yet."""
    under_way = _under_way(server, quest, picture)
    if under_way is not None:
        return Standing(server, State.WAITING, under_way)
    if not server.replication.state.has_recovery_point:
        why = f"replication is {server.replication.state.value}: there is no recovery point to launch from"
        return Standing(server, State.FAILED, why)
    for instance in picture.instances_of(server.id):
        if stands_in_the_way(instance, picture.machines):
            why = (
                f"it has a live recovery instance, {instance.ec2_instance}, that this step did not launch and that a "
                "new launch would replace"
            )
            return Standing(server, State.UNSAFE, why, instance=instance)
    return None


def _under_way(server: SourceServer, quest: Quest, picture: Picture) -> str | None:
    """What works on the server, or may, though nothing of it is shown yet."""
    for order in picture.orders:
        if server.id not in order.servers:
            continue
        if order.job is not None:
            told = next((job for job in picture.jobs if job.id == order.job), None)
            if told is None:
                return f"{order.job} was started for it and is not listed yet"
            if told.tags.get(RUN) != quest.run:
                raise SurprisingAnswer(f"drs:DescribeJobs: {order.job} came without the tags with which it was started")
            if told.participant(server.id) is None:
                raise SurprisingAnswer(
                    f"drs:DescribeJobs: {order.job} came without {server.id}, which it was started for"
                )
        if order.unanswered(picture.now):
            return f"StartRecovery was sent at {order.placed_at:%H:%M:%S} and its job is looked for"
    for job in picture.jobs:
        if job.active and job.participant(server.id):
            return f"{job.id} is working on it{_whose(job)}"
    unseen = _unseen_launch(server, quest, picture)
    return f"{unseen} was begun for it and is not listed yet" if unseen else None


def stands_in_the_way(instance: RecoveryInstance, machines: Mapping[str, Machine]) -> bool:
    """A drill's instance may be replaced (DRS cleans it up); any other may be serving users."""
    machine = machines.get(instance.ec2_instance)
    gone = machine is not None and assess(instance, machine)[0] is Health.GONE
    return instance.live and not instance.is_drill and not gone


def _unseen_launch(server: SourceServer, quest: Quest, picture: Picture) -> str | None:
    """A launch that the server itself tells of, begun since this run began, by a job that is not listed (yet)."""
    begun = server.life_cycle.last_launch.initiated
    if begun.job_id is None or begun.at is None or begun.at < quest.started_at:
        return None
    if any(job.id == begun.job_id for job in picture.jobs) or picture.now > begun.at + 2 * GRACE:
        return None
    return begun.job_id


def _whose(job: Job) -> str:
    run = job.tags.get(RUN)
    what = "a terminating job" if job.type == TERMINATE else "a job"
    return f", {what} of run {run}" if run else f", {what} that no run of ours started"

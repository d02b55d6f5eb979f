"""What to do next in a recovery: which servers are recovered, which failed, which to start now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leeward.drs.calls import batches
from leeward.drs.jobs import BATCH, RUN, STEP, attempt_of
from leeward.drs.model import Job
from leeward.drs.standing import Picture, Quest, Standing, State, stand


@dataclass(frozen=True, slots=True)
class Quotas:
    """DRS's quotas per account and Region (AWS documentation, "Service quotas for AWS DRS")."""

    servers_per_job: int = 100
    jobs: int = 20
    servers_in_jobs: int = 500
    replicating_servers: int = 300


@dataclass(frozen=True, slots=True)
class Room:
    """What the quotas leave beside the jobs that run now, anyone's."""

    jobs: int
    servers: int


@dataclass(frozen=True, slots=True)
class Decision:
    """Every server of the group, by where it stands, and the batches to start now (source server ids)."""

    recovered: tuple[Standing, ...]
    waiting: tuple[Standing, ...]
    failed: tuple[Standing, ...]
    unsafe: tuple[Standing, ...]
    start: tuple[tuple[str, ...], ...]
    no_room_for: tuple[str, ...]
    number: int

    @property
    def done(self) -> bool:
        """Every server is recovered."""
        return not (self.waiting or self.failed or self.unsafe or self.start or self.no_room_for)

    @property
    def settled(self) -> bool:
        """Nothing is under way or to be started: what has failed can be told whole."""
        return not (self.waiting or self.start or self.no_room_for)


def decide(quest: Quest, picture: Picture, quotas: Quotas) -> Decision:
    """Judge every server, and fill the room that the quotas leave with batches of those to start.

    Nothing is started while a server is unsafe to launch, so that no half of a group is replaced.
    """
    standings = [stand(server, quest, picture) for server in picture.servers]

    def those(state: State) -> tuple[Standing, ...]:
        return tuple(s for s in standings if s.state is state)

    unsafe = those(State.UNSAFE)
    wanted = () if unsafe else tuple(s.server.id for s in those(State.TO_START))
    start = fill(wanted, room(picture.jobs, quotas), quotas.servers_per_job)
    begun = {server for batch in start for server in batch}
    return Decision(
        recovered=those(State.RECOVERED),
        waiting=those(State.WAITING),
        failed=those(State.FAILED),
        unsafe=unsafe,
        start=start,
        no_room_for=tuple(server for server in wanted if server not in begun),
        number=1 + max((order.number for order in picture.orders), default=0),
    )


def room(jobs: Sequence[Job], quotas: Quotas) -> Room:
    """How many more jobs, and servers in jobs, the quotas allow now; never less than none."""
    active = [job for job in jobs if job.active]
    return Room(
        jobs=max(0, quotas.jobs - len(active)),
        servers=max(0, quotas.servers_in_jobs - sum(len(job.participants) for job in active)),
    )


def fill(servers: Sequence[str], left: Room, per_job: int) -> tuple[tuple[str, ...], ...]:
    """Batches of at most `per_job` servers, as many as there is room for, in the given order."""
    fitting = servers[: min(left.servers, left.jobs * per_job)]
    return tuple(tuple(batch) for batch in batches(fitting, per_job))


def next_batch(quest: Quest, jobs: Sequence[Job]) -> int:
    """The number of the attempt's next batch, counted from 1, over the step's own jobs."""
    own = [
        int(job.tags.get(BATCH, "0"))
        for job in jobs
        if job.tags.get(RUN) == quest.run and job.tags.get(STEP) == quest.step and attempt_of(job) == quest.attempt
    ]
    return 1 + max(own, default=0)

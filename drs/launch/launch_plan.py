"""What to do next in a recovery: which servers are recovered, which failed, which to start now. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leeward.drs.api.models import Job
from leeward.drs.api.queries import split_batches
from leeward.drs.inventory.recovery_jobs import BATCH_TAG, RUN_TAG, STEP_TAG, job_attempt
from leeward.drs.launch.server_status import ObservedState, RecoveryRequest, RecoveryState, ServerStatus, assess_server


@dataclass(frozen=True, slots=True)
class LaunchQuotas:
    """DRS's quotas per account and Region (AWS documentation, "Service quotas for AWS DRS")."""

    servers_per_job: int = 100
    jobs: int = 20
    servers_in_jobs: int = 500
    replicating_servers: int = 300


@dataclass(frozen=True, slots=True)
class QuotaHeadroom:
    """What the quotas leave beside the jobs that run now, anyone's."""

    jobs: int
    servers: int


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """Every server of the group, by where it stands, and the batches to start now (source server ids)."""

    recovered: tuple[ServerStatus, ...]
    waiting: tuple[ServerStatus, ...]
    failed: tuple[ServerStatus, ...]
    unsafe: tuple[ServerStatus, ...]
    start: tuple[tuple[str, ...], ...]
    deferred_servers: tuple[str, ...]
    first_intent_number: int

    @property
    def is_done(self) -> bool:
        """Every server is recovered."""
        return not (self.waiting or self.failed or self.unsafe or self.start or self.deferred_servers)

    @property
    def is_settled(self) -> bool:
        """Nothing is under way or to be started: what has failed can be told whole."""
        return not (self.waiting or self.start or self.deferred_servers)


def plan_launches(request: RecoveryRequest, observed: ObservedState, quotas: LaunchQuotas) -> LaunchPlan:
    """Judge every server, and fill the room that the quotas leave with batches of those to start.

    Nothing is started while a server is unsafe to launch, so that no half of a group is replaced.
    """
    standings = [assess_server(server, request, observed) for server in observed.servers]

    def those(state: RecoveryState) -> tuple[ServerStatus, ...]:
        return tuple(s for s in standings if s.state is state)

    unsafe = those(RecoveryState.UNSAFE)
    wanted = () if unsafe else tuple(s.server.id for s in those(RecoveryState.TO_START))
    start = fill_batches(wanted, quota_headroom(observed.jobs, quotas), quotas.servers_per_job)
    begun = {server for batch in start for server in batch}
    return LaunchPlan(
        recovered=those(RecoveryState.RECOVERED),
        waiting=those(RecoveryState.WAITING),
        failed=those(RecoveryState.FAILED),
        unsafe=unsafe,
        start=start,
        deferred_servers=tuple(server for server in wanted if server not in begun),
        first_intent_number=1 + max((order.number for order in observed.intents), default=0),
    )


def quota_headroom(jobs: Sequence[Job], quotas: LaunchQuotas) -> QuotaHeadroom:
    """How many more jobs, and servers in jobs, the quotas allow now; never less than none."""
    active = [job for job in jobs if job.is_active]
    return QuotaHeadroom(
        jobs=max(0, quotas.jobs - len(active)),
        servers=max(0, quotas.servers_in_jobs - sum(len(job.participants) for job in active)),
    )


def fill_batches(servers: Sequence[str], headroom: QuotaHeadroom, per_job: int) -> tuple[tuple[str, ...], ...]:
    """Batches of at most `per_job` servers, as many as there is room for, in the given order."""
    fitting = servers[: min(headroom.servers, headroom.jobs * per_job)]
    return tuple(tuple(batch) for batch in split_batches(fitting, per_job))


def next_batch_number(request: RecoveryRequest, jobs: Sequence[Job]) -> int:
    """The number of the attempt's next batch, counted from 1, over the step's own jobs."""
    own = [
        int(job.tags.get(BATCH_TAG, "0"))
        for job in jobs
        if job.tags.get(RUN_TAG) == request.run
        and job.tags.get(STEP_TAG) == request.step
        and job_attempt(job) == request.attempt
    ]
    return 1 + max(own, default=0)

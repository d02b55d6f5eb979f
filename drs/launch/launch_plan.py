"""Plan the next launches of a recovery: which servers are recovered, failed, or to start now. Pure."""

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
    """The jobs and servers that the quotas allow in addition to all active jobs in the Region."""

    jobs: int
    servers: int


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """The servers of a group by recovery state, and the batches to start now (source server IDs)."""

    recovered: tuple[ServerStatus, ...]
    waiting: tuple[ServerStatus, ...]
    failed: tuple[ServerStatus, ...]
    unsafe: tuple[ServerStatus, ...]
    start: tuple[tuple[str, ...], ...]
    deferred_servers: tuple[str, ...]
    first_intent_number: int

    @property
    def is_done(self) -> bool:
        """Return whether every server is recovered."""
        return not (self.waiting or self.failed or self.unsafe or self.start or self.deferred_servers)

    @property
    def is_settled(self) -> bool:
        """Return whether nothing is in progress or to be started, so that all failures are known."""
        return not (self.waiting or self.start or self.deferred_servers)


def plan_launches(request: RecoveryRequest, observed: ObservedState, quotas: LaunchQuotas) -> LaunchPlan:
    """Assess every server, and fill the quota headroom with batches of servers to start.

    Start nothing while a server is unsafe to launch, so that a group isn't replaced only in part.
    """
    statuses = [assess_server(server, request, observed) for server in observed.servers]

    def with_state(state: RecoveryState) -> tuple[ServerStatus, ...]:
        return tuple(s for s in statuses if s.state is state)

    unsafe = with_state(RecoveryState.UNSAFE)
    to_start = () if unsafe else tuple(s.server.id for s in with_state(RecoveryState.TO_START))
    start = fill_batches(to_start, quota_headroom(observed.jobs, quotas), quotas.servers_per_job)
    started = {server for batch in start for server in batch}
    return LaunchPlan(
        recovered=with_state(RecoveryState.RECOVERED),
        waiting=with_state(RecoveryState.WAITING),
        failed=with_state(RecoveryState.FAILED),
        unsafe=unsafe,
        start=start,
        deferred_servers=tuple(server for server in to_start if server not in started),
        first_intent_number=1 + max((intent.number for intent in observed.intents), default=0),
    )


def quota_headroom(jobs: Sequence[Job], quotas: LaunchQuotas) -> QuotaHeadroom:
    """Return how many more jobs, and servers in jobs, the quotas allow now."""
    active = [job for job in jobs if job.is_active]
    return QuotaHeadroom(
        jobs=max(0, quotas.jobs - len(active)),
        servers=max(0, quotas.servers_in_jobs - sum(len(job.participants) for job in active)),
    )


def fill_batches(servers: Sequence[str], headroom: QuotaHeadroom, per_job: int) -> tuple[tuple[str, ...], ...]:
    """Return as many batches of at most `per_job` servers as the headroom allows, in order."""
    fitting = servers[: min(headroom.servers, headroom.jobs * per_job)]
    return tuple(tuple(batch) for batch in split_batches(fitting, per_job))


def next_batch_number(request: RecoveryRequest, jobs: Sequence[Job]) -> int:
    """Return the number of the attempt's next batch, counted from 1 over the step's own jobs."""
    own = [
        int(job.tags.get(BATCH_TAG, "0"))
        for job in jobs
        if job.tags.get(RUN_TAG) == request.run
        and job.tags.get(STEP_TAG) == request.step
        and job_attempt(job) == request.attempt
    ]
    return 1 + max(own, default=0)

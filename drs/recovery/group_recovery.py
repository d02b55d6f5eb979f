"""Recover a group of servers from their recovery points: observe, plan, launch, report.

The caller polls until done. Each call is safe at any time: concurrently, after a crash, and after a lost response.
Four rules ensure exactly one launch per server:
  1. The job has the run's tags, by which later calls find it (`DescribeJobs`).
  2. Each StartRecovery call is recorded in the table before it is sent (`launch_intents`), and sent only once.
  3. The server's own record of its last launch counts even if its job is not listed yet.
  4. DRS refuses a server that is in a job (`ConflictException`). Then the call ends, and the next poll checks again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import parse_response
from leeward.common.claims.types.server_claims import Launched, LaunchedServer, Launching
from leeward.common.errors import (
    Busy,
    LaunchFailed,
    LeewardError,
    NotReady,
    QuotaExceeded,
    ServiceUnavailable,
    Transient,
)
from leeward.common.polling import PollResult
from leeward.drs.api import queries
from leeward.drs.api.models import SourceServer, StartedJob
from leeward.drs.inventory import recovery_jobs, recovery_points
from leeward.drs.inventory.recovery_instances import earliest_launch
from leeward.drs.inventory.server_groups import ServerGroup
from leeward.drs.launch.launch_intents import LaunchIntent, LaunchIntentStore
from leeward.drs.launch.launch_plan import LaunchPlan, LaunchQuotas, next_batch_number, plan_launches
from leeward.drs.launch.server_status import ObservedState, RecoveryRequest, ServerStatus
from leeward.drs.launch.target_instances import TargetInstances
from leeward.drs.recovery.launch_observation import JOB_HISTORY

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_drs.type_defs import StartRecoveryRequestSourceServerTypeDef

_MAX_SHOWN = 5
# A job rarely takes less: DRS takes a snapshot, converts it, and launches the instance ("5 to 20 minutes", assumed).
_EARLIEST_LAUNCH = timedelta(minutes=8)
# EC2's status checks of a new instance rarely pass earlier (assumed).
_EARLIEST_CHECKS = timedelta(seconds=110)


@dataclass(frozen=True, slots=True)
class WatchedWork:
    """What AWS does for a group: active jobs, and instances (EC2 IDs) whose status checks have not passed.

    None of it can need this run before one of the jobs ends, or an instance changes, at `ready_at` at the earliest.
    """

    jobs: tuple[str, ...]
    instances: tuple[str, ...]
    ready_at: datetime


@dataclass(frozen=True, slots=True)
class GroupProgress:
    """The result of one call for a group.

    `watched` is what the group waits for, or None if it waits for something else too. `started` maps each job that this
    call started to its servers.
    """

    result: PollResult
    watched: WatchedWork | None
    started: Mapping[str, tuple[str, ...]]


@dataclass(slots=True)
class _StartedBatches:
    notes: list[str] = field(default_factory=list)
    jobs: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GroupRecovery:
    """One recovery of one group. `drs_no_retry` is a DRS client that sends each call once (`allow_retries=False`).

    With `targets`, the servers are launched into existing instances.
    """

    drs: DrsClient
    drs_no_retry: DrsClient
    intents: LaunchIntentStore
    group: ServerGroup
    region: str
    request: RecoveryRequest
    quotas: LaunchQuotas
    request_id: str
    targets: TargetInstances | None = None

    def advance(self, observed_state: ObservedState, *, is_last: bool = False) -> GroupProgress:
        """Start the launches that are due, and return the progress.

        `is_last` means that the step times out after this poll. Raises LaunchFailed when servers failed and no launch
        is in progress, or this is the last poll. Raises NotReady when a launch would replace a live instance, and
        NotFound for a missing point in time.
        """
        recovery_request = self._with_snapshot_times(observed_state)
        decision = plan_launches(recovery_request, observed_state, self.quotas)
        if decision.unsafe:
            raise NotReady(_unsafe_text(self.group, decision.unsafe))
        if decision.failed and (decision.is_settled or is_last):
            raise self._launch_failure(decision, observed_state)
        started = self._start_batches(decision, observed_state)
        if decision.is_done and self.targets is not None:
            up = {s.server.id: s.instance.ec2_instance for s in decision.recovered if s.instance}
            self.targets.verify(observed_state.servers, up)
        result = _poll_result(self.group, self.region, decision, observed_state, started)
        return GroupProgress(result, _watched_work(decision, observed_state, started), started.jobs)

    def _with_snapshot_times(self, observed: ObservedState) -> RecoveryRequest:
        """Add snapshot times, which show whether a predecessor's launch matches the requested point in time."""
        if self.request.point_in_time is None or not self.request.predecessors:
            return self.request
        launched = [s for s in observed.servers if observed.instances_of(s.id)]
        snapshots = recovery_points.find_snapshots(self.drs, launched, self.request.point_in_time)
        return replace(
            self.request, snapshot_times={s: p.taken_at for s, p in snapshots.items() if p.taken_at is not None}
        )

    def _start_batches(self, plan: LaunchPlan, observed: ObservedState) -> _StartedBatches:
        """Start the batches. Leave a batch that can't start to the next poll."""
        started = _StartedBatches()
        by_id = {server.id: server for server in observed.servers}
        first = next_batch_number(self.request, observed.jobs)
        starting = [by_id[server] for batch in plan.start for server in batch]
        if self.targets is not None and starting:
            try:
                self.targets.prepare(starting, len(observed.servers))
            except Busy as error:
                return _StartedBatches([f"{error}; looking again"])
        for offset, batch in enumerate(plan.start):
            request = self._source_server_requests([by_id[server] for server in batch])
            intent = LaunchIntent(plan.first_intent_number + offset, batch, datetime.now(UTC), self.request_id)
            if not self.intents.record(intent):
                started.notes.append("another call is starting servers of this group")
                break
            try:
                job = self._start_recovery(request, first + offset)
            except LeewardError as error:
                if _was_refused(error):
                    # Nothing was started, so allow the next call to send it again. Otherwise, the intent blocks it.
                    self.intents.withdraw(intent)
                if not self._can_wait(error):
                    raise
                started.notes.append(f"{error}; looking again")
                continue
            self.intents.record_job(intent, job)
            started.notes.append(f"{job} started for {len(batch)}")
            started.jobs[job] = batch
        return started

    def _can_wait(self, error: LeewardError) -> bool:
        """Return whether a later poll may succeed. The step's timeout limits the polls."""
        if isinstance(error, QuotaExceeded):
            # Another group's job may have used the quota since the last check. Without any job, waiting can't help.
            return any(job.is_active for job in queries.list_jobs_since(self.drs, datetime.now(UTC) - JOB_HISTORY))
        return isinstance(error, Transient)

    def _source_server_requests(self, servers: Sequence[SourceServer]) -> list[StartRecoveryRequestSourceServerTypeDef]:
        point = self.request.point_in_time
        if point is None:
            return [{"sourceServerID": server.id} for server in servers]
        snapshots = recovery_points.require_snapshots(self.drs, servers, point)
        return [{"sourceServerID": s.id, "recoverySnapshotID": snapshots[s.id].id} for s in servers]

    def _start_recovery(self, servers: Sequence[StartRecoveryRequestSourceServerTypeDef], batch: int) -> str:
        call, recovery_request = "drs:StartRecovery", self.request
        with translate_errors(call):
            answer = self.drs_no_retry.start_recovery(
                sourceServers=servers,
                isDrill=recovery_request.is_drill,
                tags=recovery_jobs.job_tags(
                    recovery_request.run, recovery_request.step, recovery_request.group, recovery_request.attempt, batch
                ),
            )
        return parse_response(StartedJob, answer.get("job"), call).id

    def _launch_failure(self, plan: LaunchPlan, observed: ObservedState) -> LaunchFailed:
        reasons = recovery_jobs.failure_reasons(
            self.drs, [(s.job, s.server.id) for s in plan.failed if s.job is not None]
        )
        each: list[str] = []
        servers = [_describe_launch(s, observed) for s in plan.recovered if s.instance]
        for status in plan.failed:
            server, why = status.server, status.reason
            if server.id in reasons:
                why = f"{reasons[server.id]} ({status.job})"
            each.append(f"{server.label}: {why}")
            servers.append(LaunchedServer(id=server.id, name=server.tags.get("Name"), job=status.job, reason=why))
        text = (
            f"{len(each)} of {len(observed.servers)} servers of group {self.group.name!r} did not launch: "
            + "; ".join(each)
        )
        claim = Launched(group=self.group.name, region=self.region, servers=tuple(servers))
        return LaunchFailed(text, claims=[claim])


def _watched_work(plan: LaunchPlan, observed: ObservedState, started: _StartedBatches) -> WatchedWork | None:
    created = {job.id: job.created for job in observed.jobs if job.is_active}
    jobs = dict.fromkeys(started.jobs, observed.now)
    instances: dict[str, datetime] = {}
    if plan.deferred_servers or len(started.jobs) != len(plan.start):
        return None
    for status in plan.waiting:
        if status.instance is not None:
            ec2_instance = observed.ec2_instances.get(status.instance.ec2_instance)
            launched_at = ec2_instance.launched_at if ec2_instance is not None else None
            instances[status.instance.ec2_instance] = launched_at or observed.now
        elif status.job in created:
            jobs[status.job] = created[status.job]
        else:
            return None
    ready_at = [at + _EARLIEST_LAUNCH for at in jobs.values()] + [at + _EARLIEST_CHECKS for at in instances.values()]
    return WatchedWork(tuple(sorted(jobs)), tuple(sorted(instances)), max(ready_at, default=observed.now))


def _was_refused(error: LeewardError) -> bool:
    """Return whether DRS certainly refused the call. After a lost or 5xx response, DRS may have processed it."""
    return isinstance(error.__cause__, ClientError) and not isinstance(error, ServiceUnavailable)


def _unsafe_text(group: ServerGroup, unsafe: Sequence[ServerStatus]) -> str:
    each = "; ".join(f"{s.server.label}: {s.reason}" for s in unsafe)
    return (
        f"group {group.name!r} was not launched: {each}. Terminate the instance if it is not needed, or start with "
        f'{{"take_over": "<the run that launched it>"}} to continue with it'
    )


def _poll_result(
    group: ServerGroup, region: str, plan: LaunchPlan, observed: ObservedState, started: _StartedBatches
) -> PollResult:
    notes = started.notes
    if plan.is_done:
        instances = [s.instance.ec2_instance for s in plan.recovered if s.instance]
        servers = tuple(_describe_launch(s, observed) for s in plan.recovered if s.instance)
        since = earliest_launch(observed.ec2_instances, instances)
        claim = Launched(group=group.name, region=region, servers=servers, since=since, notes=tuple(notes))
        return PollResult.reached(claim)
    parts = [f"{group.name}: {len(plan.recovered)} of {len(observed.servers)} recovered"]
    parts += notes
    parts += [f"{s.server.label}: {s.reason}" for s in plan.waiting[:_MAX_SHOWN]]
    if len(plan.waiting) > _MAX_SHOWN:
        parts.append(f"and {len(plan.waiting) - _MAX_SHOWN} more under way")
    if plan.deferred_servers:
        parts.append(f"{len(plan.deferred_servers)} wait for room in DRS's quotas")
    if plan.failed:
        parts.append(f"{len(plan.failed)} failed, reported when the others finish")
    jobs = sorted({s.job for s in (*plan.recovered, *plan.waiting, *plan.failed) if s.job} | started.jobs.keys())
    recovered = tuple(s.server.id for s in plan.recovered)
    claims = (Launching(group=group.name, jobs=tuple(jobs), recovered=recovered),) if jobs else ()
    return PollResult(False, "; ".join(parts), claims)


def _describe_launch(status: ServerStatus, observed: ObservedState) -> LaunchedServer:
    """Return a recovered server with its recovery point and its launch time."""
    instance = status.instance
    assert instance is not None
    ec2_instance = observed.ec2_instances.get(instance.ec2_instance)
    launched = ec2_instance.launched_at if ec2_instance else None
    return LaunchedServer(
        id=status.server.id,
        name=status.server.tags.get("Name"),
        instance=instance.ec2_instance,
        job=status.job or instance.job,
        recovery_point=instance.point_in_time.isoformat() if instance.point_in_time else None,
        launched_at=launched.isoformat() if launched else None,
    )

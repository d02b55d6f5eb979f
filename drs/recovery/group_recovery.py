"""Recover a group of servers from their recovery points: observe, plan, launch, report.

The caller polls until done. Each call is safe at any time: concurrently, after a crash, and after a lost response.
Four rules ensure exactly one launch per server:
  1. The job has the run's tags, by which later calls find it (`DescribeJobs`).
  2. Each StartRecovery call is recorded in the table before it is sent (`launch_intents`), and sent only once.
  3. The server's own record of its last launch counts even if its job is not listed yet.
  4. DRS refuses a server that is in a job (`ConflictException`). Then the call ends, and the next poll checks again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import parse_response
from leeward.common.claims.all_claims import claims_to_facts
from leeward.common.claims.types.server_claims import Launched, LaunchedServer, Launching
from leeward.common.errors import (
    AnswerLost,
    Busy,
    LaunchFailed,
    LeewardError,
    NotReady,
    QuotaExceeded,
    ServiceUnavailable,
)
from leeward.common.polling import PollResult
from leeward.drs.api import queries
from leeward.drs.api.models import Job, SourceServer, StartedJob
from leeward.drs.api.states import ReplicationDirection
from leeward.drs.inventory import recovery_jobs, recovery_points
from leeward.drs.inventory.recovery_instances import describe_instances, earliest_launch
from leeward.drs.inventory.server_groups import ServerGroup, resolve_group
from leeward.drs.launch.launch_intents import LaunchIntent, LaunchIntentStore
from leeward.drs.launch.launch_plan import LaunchPlan, LaunchQuotas, next_batch_number, plan_launches
from leeward.drs.launch.server_status import ObservedState, RecoveryRequest, ServerStatus
from leeward.drs.launch.target_instances import TargetInstances

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_drs.type_defs import StartRecoveryRequestSourceServerTypeDef
    from mypy_boto3_ec2 import EC2Client

# Other callers' jobs count against the quotas too. A job that began before this period is no longer active.
_JOB_HISTORY = timedelta(hours=24)
_MAX_SHOWN = 5


@dataclass(frozen=True, slots=True)
class GroupRecovery:
    """One recovery of one group. `drs_no_retry` is a DRS client that sends each call once (`allow_retries=False`).

    With `targets`, the servers are launched into existing instances.
    """

    drs: DrsClient
    drs_no_retry: DrsClient
    ec2: EC2Client
    intents: LaunchIntentStore
    group: ServerGroup
    region: str
    request: RecoveryRequest
    quotas: LaunchQuotas
    request_id: str
    direction: ReplicationDirection | None = None
    targets: TargetInstances | None = None

    def advance(self, now: datetime, *, is_last: bool = False) -> PollResult:
        """Observe the group, start the launches that are due, and return the progress.

        `is_last` means that the step times out after this poll. Raises LaunchFailed when servers failed and no launch
        is in progress, or this is the last poll. Raises NotReady when a launch would replace a live instance, and
        NotFound for a missing server or point in time.
        """
        observed_state = self._observe(now)
        recovery_request = self._with_snapshot_times(observed_state)
        decision = plan_launches(recovery_request, observed_state, self.quotas)
        if decision.unsafe:
            raise NotReady(_unsafe_text(self.group, decision.unsafe))
        if decision.failed and (decision.is_settled or is_last):
            raise self._launch_failure(decision, observed_state)
        notes = self._start_batches(decision, observed_state)
        if decision.is_done and self.targets is not None:
            up = {s.server.id: s.instance.ec2_instance for s in decision.recovered if s.instance}
            self.targets.verify(observed_state.servers, up)
        return _poll_result(self.group, self.region, decision, observed_state, notes)

    def _observe(self, now: datetime) -> ObservedState:
        servers = resolve_group(self.drs, self.group, self.region, self.direction)
        intents = self.intents.list_intents()
        instances = queries.list_recovery_instances(self.drs, [server.id for server in servers])
        jobs = self._list_jobs(self.request.started_at, [intent.job for intent in intents] + [i.job for i in instances])
        ec2_instances = (
            describe_instances(self.ec2, [instance.ec2_instance for instance in instances]) if instances else {}
        )
        return ObservedState(servers, jobs, intents, instances, ec2_instances, now)

    def _list_jobs(self, started_at: datetime, named: Sequence[str | None]) -> list[Job]:
        """Return all recent jobs, and the jobs of any age that an intent or an instance names."""
        listed = queries.list_jobs_since(self.drs, started_at - _JOB_HISTORY)
        known = {job.id for job in listed}
        unlisted = sorted({job for job in named if job is not None} - known)
        return listed + queries.get_jobs(self.drs, unlisted)

    def _with_snapshot_times(self, observed: ObservedState) -> RecoveryRequest:
        """Add snapshot times, which show whether a predecessor's launch matches the requested point in time."""
        if self.request.point_in_time is None or not self.request.predecessors:
            return self.request
        launched = [s for s in observed.servers if observed.instances_of(s.id)]
        snapshots = recovery_points.find_snapshots(self.drs, launched, self.request.point_in_time)
        return replace(
            self.request, snapshot_times={s: p.taken_at for s, p in snapshots.items() if p.taken_at is not None}
        )

    def _start_batches(self, plan: LaunchPlan, observed: ObservedState) -> list[str]:
        """Start the batches and return notes. Leave a batch that can't start to the next poll."""
        notes: list[str] = []
        by_id = {server.id: server for server in observed.servers}
        first = next_batch_number(self.request, observed.jobs)
        starting = [by_id[server] for batch in plan.start for server in batch]
        if self.targets is not None and starting:
            try:
                self.targets.prepare(starting, len(observed.servers))
            except Busy as error:
                return [f"{error}; looking again"]
        for offset, batch in enumerate(plan.start):
            request = self._source_server_requests([by_id[server] for server in batch])
            intent = LaunchIntent(plan.first_intent_number + offset, batch, datetime.now(UTC), self.request_id)
            if not self.intents.record(intent):
                notes.append("another call is starting servers of this group")
                break
            try:
                job = self._start_recovery(request, first + offset)
            except LeewardError as error:
                if _was_refused(error):
                    # Nothing was started, so allow the next call to send it again. Otherwise, the intent blocks it.
                    self.intents.withdraw(intent)
                if not self._can_wait(error):
                    raise
                notes.append(f"{error}; looking again")
                continue
            self.intents.record_job(intent, job)
            notes.append(f"{job} started for {len(batch)}")
        return notes

    def _can_wait(self, error: LeewardError) -> bool:
        """Return whether a later poll may succeed. The step's timeout limits the polls."""
        if isinstance(error, QuotaExceeded):
            # Another group's job may have used the quota since the last check. Without any job, waiting can't help.
            return any(job.is_active for job in self._list_jobs(self.request.started_at, ()))
        return isinstance(error, AnswerLost | ServiceUnavailable | Busy)

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
        return LaunchFailed(text, facts=claims_to_facts([claim]))


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
    group: ServerGroup, region: str, plan: LaunchPlan, observed: ObservedState, notes: Sequence[str]
) -> PollResult:
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
    jobs = sorted({s.job for s in (*plan.recovered, *plan.waiting, *plan.failed) if s.job})
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

"""Bring a group of servers up from their recovery points: gather, decide, act, tell.

Called again and again until done, and safe to call at any time: twice at once, after any crash, after a lost answer.
What holds it to exactly one launch per server:
  1. the job carries the run's tags and is found again (`DescribeJobs`);
  2. each StartRecovery is an order, placed in the table before it is sent (`orders`), and sent once;
  3. the server's own record of its last launch is believed even when its job is not listed yet;
  4. DRS refuses a server that is in a job (`ConflictException`): then we look again, and start nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import parse_response
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

# Jobs of others count against the quotas too; one that began longer ago than this is not still at work.
_JOB_HISTORY = timedelta(hours=24)
_MAX_SHOWN = 5


@dataclass(frozen=True, slots=True)
class GroupRecovery:
    """One recovery of one group. `once` is a DRS client whose calls are sent once (`allow_retries=False`).

    `bodies`: the servers are launched into instances that are there already.
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
        """Look, start what is to be started, and say how far it is. `last`: the step's time is over after this look.

        Raises LaunchFailed when servers failed and nothing more is under way (or this is the last look), NotReady when
        a launch would replace a live instance, NotFound for a group or a point in time that is not there.
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
        return _poll_result(self.group, decision, observed_state, notes)

    def _observe(self, now: datetime) -> ObservedState:
        servers = resolve_group(self.drs, self.group, self.region, self.direction)
        orders = self.intents.list_intents()
        instances = queries.list_recovery_instances(self.drs, [server.id for server in servers])
        listed = self._list_jobs(self.request.started_at, [order.job for order in orders] + [i.job for i in instances])
        seen = describe_instances(self.ec2, [instance.ec2_instance for instance in instances]) if instances else {}
        return ObservedState(servers, listed, orders, instances, seen, now)

    def _list_jobs(self, started_at: datetime, named: Sequence[str | None]) -> list[Job]:
        """Every recent job, and those that an order or an instance names, however old or fresh."""
        listed = queries.list_jobs_since(self.drs, started_at - _JOB_HISTORY)
        known = {job.id for job in listed}
        unlisted = sorted({job for job in named if job is not None} - known)
        return listed + queries.get_jobs(self.drs, unlisted)

    def _with_snapshot_times(self, observed: ObservedState) -> RecoveryRequest:
        """Where an earlier run's launch could be kept, it must be of the point in time that this run wants."""
        if self.request.point_in_time is None or not self.request.predecessors:
            return self.request
        launched = [s for s in observed.servers if observed.instances_of(s.id)]
        found = recovery_points.find_snapshots(self.drs, launched, self.request.point_in_time)
        return replace(self.request, snapshot_times={s: p.taken_at for s, p in found.items() if p.taken_at is not None})

    def _start_batches(self, plan: LaunchPlan, observed: ObservedState) -> list[str]:
        """Start the batches; what hinders one is told, and left to the next look."""
        notes: list[str] = []
        by_id = {server.id: server for server in observed.servers}
        first = next_batch_number(self.request, observed.jobs)
        begun = [by_id[server] for batch in plan.start for server in batch]
        if self.targets is not None and begun:
            try:
                self.targets.prepare(begun, len(observed.servers))
            except Busy as error:
                return [f"{error}; looking again"]
        for offset, batch in enumerate(plan.start):
            request = self._source_server_requests([by_id[server] for server in batch])
            order = LaunchIntent(plan.first_intent_number + offset, batch, datetime.now(UTC), self.request_id)
            if not self.intents.record(order):
                notes.append("another call is starting servers of this group")
                break
            try:
                job = self._start_recovery(request, first + offset)
            except LeewardError as error:
                if _was_refused(error):
                    # Nothing was started, so the next call may send it again. Else the order holds the servers back.
                    self.intents.withdraw(order)
                if not self._can_wait(error):
                    raise
                notes.append(f"{error}; looking again")
                continue
            self.intents.record_job(order, job)
            notes.append(f"{job} started for {len(batch)}")
        return notes

    def _can_wait(self, error: LeewardError) -> bool:
        """Whether another look is the answer: the step's time bounds the looks."""
        if isinstance(error, QuotaExceeded):
            # Another group's job may have taken the room since we looked; with no job at all it will never be enough.
            return any(job.is_active for job in self._list_jobs(self.request.started_at, ()))
        return isinstance(error, AnswerLost | ServiceUnavailable | Busy)

    def _source_server_requests(self, servers: Sequence[SourceServer]) -> list[StartRecoveryRequestSourceServerTypeDef]:
        point = self.request.point_in_time
        if point is None:
            return [{"sourceServerID": server.id} for server in servers]
        pinned = recovery_points.require_snapshots(self.drs, servers, point)
        return [{"sourceServerID": s.id, "recoverySnapshotID": pinned[s.id].id} for s in servers]

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
        told = recovery_jobs.failure_reasons(self.drs, [(s.job, s.server.id) for s in plan.failed if s.job is not None])
        each: list[str] = []
        servers = [_server_facts(s, observed) for s in plan.recovered if s.instance]
        for standing in plan.failed:
            server, why = standing.server, standing.reason
            if server.id in told:
                why = f"{told[server.id]} ({standing.job})"
            each.append(f"{server.label}: {why}")
            servers.append({"id": server.id, "name": server.tags.get("Name"), "job": standing.job, "reason": why})
        text = (
            f"{len(each)} of {len(observed.servers)} servers of group {self.group.name!r} did not launch: "
            + "; ".join(each)
        )
        return LaunchFailed(text, facts={"servers": servers})


def _was_refused(error: LeewardError) -> bool:
    """Whether DRS refused the call for certain. After no answer, or a 5xx one, it may have been carried out."""
    return isinstance(error.__cause__, ClientError) and not isinstance(error, ServiceUnavailable)


def _unsafe_text(group: ServerGroup, unsafe: Sequence[ServerStatus]) -> str:
    each = "; ".join(f"{s.server.label}: {s.reason}" for s in unsafe)
    return (
        f"group {group.name!r} was not launched: {each}. Terminate the instance if it is not needed, or start with "
        f'{{"take_over": "<the run that launched it>"}} to go on with it'
    )


def _poll_result(group: ServerGroup, plan: LaunchPlan, observed: ObservedState, notes: Sequence[str]) -> PollResult:
    parts = [f"{group.name}: {len(plan.recovered)} of {len(observed.servers)} recovered"]
    parts += notes
    parts += [f"{s.server.label}: {s.reason}" for s in plan.waiting[:_MAX_SHOWN]]
    if len(plan.waiting) > _MAX_SHOWN:
        parts.append(f"and {len(plan.waiting) - _MAX_SHOWN} more under way")
    if plan.deferred_servers:
        parts.append(f"{len(plan.deferred_servers)} wait for room in DRS's quotas")
    if plan.failed:
        parts.append(f"{len(plan.failed)} failed, told when the others have ended")
    facts: dict[str, object] = {"recovered": [s.server.id for s in plan.recovered]}
    under_way = sorted({s.job for s in (*plan.recovered, *plan.waiting, *plan.failed) if s.job})
    if under_way:
        facts["jobs"] = under_way
    if plan.is_done:
        instances = {s.server.id: s.instance.ec2_instance for s in plan.recovered if s.instance}
        facts |= {"instances": instances, "since": earliest_launch(observed.ec2_instances, list(instances.values()))}
        facts["servers"] = [_server_facts(s, observed) for s in plan.recovered if s.instance]
    return PollResult(plan.is_done, "; ".join(parts), facts)


def _server_facts(status: ServerStatus, observed: ObservedState) -> dict[str, object]:
    """What the journal keeps of a recovered server: the point in time that its data is of, and when it was launched."""
    instance = status.instance
    assert instance is not None
    machine = observed.ec2_instances.get(instance.ec2_instance)
    launched = machine.launched_at if machine else None
    return {
        "id": status.server.id,
        "name": status.server.tags.get("Name"),
        "instance": instance.ec2_instance,
        "job": status.job or instance.job,
        "recovery_point": instance.point_in_time.isoformat() if instance.point_in_time else None,
        "launched_at": launched.isoformat() if launched else None,
    }

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

from leeward.common.answers import read
from leeward.common.aws import naming_errors
from leeward.common.errors import (
    AnswerLost,
    Busy,
    LaunchFailed,
    LeewardError,
    NotReady,
    QuotaExceeded,
    ServiceUnavailable,
)
from leeward.common.polling import Look
from leeward.drs import calls, jobs, snapshots
from leeward.drs.decision import Decision, Quotas, decide, next_batch
from leeward.drs.instances import machines, since
from leeward.drs.launch_into import Bodies
from leeward.drs.model import Job, SourceServer, Started
from leeward.drs.orders import Order, OrderBook
from leeward.drs.servers import Group, resolve
from leeward.drs.standing import Picture, Quest, Standing
from leeward.drs.states import Direction

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_drs.type_defs import StartRecoveryRequestSourceServerTypeDef
    from mypy_boto3_ec2 import EC2Client

# Jobs of others count against the quotas too; one that began longer ago than this is not still at work.
_LOOK_BACK = timedelta(hours=24)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Recovery:
    """One recovery of one group. `once` is a DRS client whose calls are sent once (`repeatable=False`).

    `bodies`: the servers are launched into instances that are there already.
    """

    drs: DrsClient
    once: DrsClient
    ec2: EC2Client
    orders: OrderBook
    group: Group
    region: str
    quest: Quest
    quotas: Quotas
    request_id: str
    direction: Direction | None = None
    bodies: Bodies | None = None

    def look(self, now: datetime, *, last: bool = False) -> Look:
        """Look, start what is to be started, and say how far it is. `last`: the step's time is over after this look.

        Raises LaunchFailed when servers failed and nothing more is under way (or this is the last look), NotReady when
        a launch would replace a live instance, NotFound for a group or a point in time that is not there.
        """
        picture = self._gather(now)
        quest = self._with_points(picture)
        decision = decide(quest, picture, self.quotas)
        if decision.unsafe:
            raise NotReady(_unsafe_text(self.group, decision.unsafe))
        if decision.failed and (decision.settled or last):
            raise self._failure(decision, picture)
        notes = self._start(decision, picture)
        if decision.done and self.bodies is not None:
            up = {s.server.id: s.instance.ec2_instance for s in decision.recovered if s.instance}
            self.bodies.verify(picture.servers, up)
        return _told(self.group, decision, picture, notes)

    def _gather(self, now: datetime) -> Picture:
        servers = resolve(self.drs, self.group, self.region, self.direction)
        orders = self.orders.all()
        instances = calls.recovery_instances(self.drs, [server.id for server in servers])
        listed = self._jobs(self.quest.started_at, [order.job for order in orders] + [i.job for i in instances])
        seen = machines(self.ec2, [instance.ec2_instance for instance in instances]) if instances else {}
        return Picture(servers, listed, orders, instances, seen, now)

    def _jobs(self, started_at: datetime, named: Sequence[str | None]) -> list[Job]:
        """Every recent job, and those that an order or an instance names, however old or fresh."""
        listed = calls.jobs_since(self.drs, started_at - _LOOK_BACK)
        known = {job.id for job in listed}
        unlisted = sorted({job for job in named if job is not None} - known)
        return listed + calls.jobs_by_id(self.drs, unlisted)

    def _with_points(self, picture: Picture) -> Quest:
        """Where an earlier run's launch could be kept, it must be of the point in time that this run wants."""
        if self.quest.point_in_time is None or not self.quest.predecessors:
            return self.quest
        launched = [s for s in picture.servers if picture.instances_of(s.id)]
        found = snapshots.find(self.drs, launched, self.quest.point_in_time)
        return replace(self.quest, points={s: p.taken_at for s, p in found.items() if p.taken_at is not None})

    def _start(self, decision: Decision, picture: Picture) -> list[str]:
        """Start the batches; what hinders one is told, and left to the next look."""
        notes: list[str] = []
        by_id = {server.id: server for server in picture.servers}
        first = next_batch(self.quest, picture.jobs)
        begun = [by_id[server] for batch in decision.start for server in batch]
        if self.bodies is not None and begun:
            try:
                self.bodies.prepare(begun, len(picture.servers))
            except Busy as error:
                return [f"{error}; looking again"]
        for offset, batch in enumerate(decision.start):
            request = self._request([by_id[server] for server in batch])
            order = Order(decision.number + offset, batch, datetime.now(UTC), self.request_id)
            if not self.orders.place(order):
                notes.append("another call is starting servers of this group")
                break
            try:
                job = self._send(request, first + offset)
            except LeewardError as error:
                if _refused(error):
                    # Nothing was started, so the next call may send it again. Else the order holds the servers back.
                    self.orders.withdraw(order)
                if not self._can_wait(error):
                    raise
                notes.append(f"{error}; looking again")
                continue
            self.orders.answered(order, job)
            notes.append(f"{job} started for {len(batch)}")
        return notes

    def _can_wait(self, error: LeewardError) -> bool:
        """Whether another look is the answer: the step's time bounds the looks."""
        if isinstance(error, QuotaExceeded):
            # Another group's job may have taken the room since we looked; with no job at all it will never be enough.
            return any(job.active for job in self._jobs(self.quest.started_at, ()))
        return isinstance(error, AnswerLost | ServiceUnavailable | Busy)

    def _request(self, servers: Sequence[SourceServer]) -> list[StartRecoveryRequestSourceServerTypeDef]:
        point = self.quest.point_in_time
        if point is None:
            return [{"sourceServerID": server.id} for server in servers]
        pinned = snapshots.pick(self.drs, servers, point)
        return [{"sourceServerID": s.id, "recoverySnapshotID": pinned[s.id].id} for s in servers]

    def _send(self, servers: Sequence[StartRecoveryRequestSourceServerTypeDef], batch: int) -> str:
        call, quest = "drs:StartRecovery", self.quest
        with naming_errors(call):
            answer = self.once.start_recovery(
                sourceServers=servers,
                isDrill=quest.is_drill,
                tags=jobs.tags(quest.run, quest.step, quest.group, quest.attempt, batch),
            )
        return read(Started, answer.get("job"), call).id

    def _failure(self, decision: Decision, picture: Picture) -> LaunchFailed:
        told = jobs.reasons(self.drs, [(s.job, s.server.id) for s in decision.failed if s.job is not None])
        each: list[str] = []
        servers = [_evidence(s, picture) for s in decision.recovered if s.instance]
        for standing in decision.failed:
            server, why = standing.server, standing.why
            if server.id in told:
                why = f"{told[server.id]} ({standing.job})"
            each.append(f"{server.label}: {why}")
            servers.append({"id": server.id, "name": server.tags.get("Name"), "job": standing.job, "reason": why})
        text = (
            f"{len(each)} of {len(picture.servers)} servers of group {self.group.name!r} did not launch: "
            + "; ".join(each)
        )
        return LaunchFailed(text, facts={"servers": servers})


def _refused(error: LeewardError) -> bool:
    """Whether DRS refused the call for certain. After no answer, or a 5xx one, it may have been carried out."""
    return isinstance(error.__cause__, ClientError) and not isinstance(error, ServiceUnavailable)


def _unsafe_text(group: Group, unsafe: Sequence[Standing]) -> str:
    each = "; ".join(f"{s.server.label}: {s.why}" for s in unsafe)
    return (
        f"group {group.name!r} was not launched: {each}. Terminate the instance if it is not needed, or start with "
        f'{{"take_over": "<the run that launched it>"}} to go on with it'
    )


def _told(group: Group, decision: Decision, picture: Picture, notes: Sequence[str]) -> Look:
    parts = [f"{group.name}: {len(decision.recovered)} of {len(picture.servers)} recovered"]
    parts += notes
    parts += [f"{s.server.label}: {s.why}" for s in decision.waiting[:_SHOWN]]
    if len(decision.waiting) > _SHOWN:
        parts.append(f"and {len(decision.waiting) - _SHOWN} more under way")
    if decision.no_room_for:
        parts.append(f"{len(decision.no_room_for)} wait for room in DRS's quotas")
    if decision.failed:
        parts.append(f"{len(decision.failed)} failed, told when the others have ended")
    facts: dict[str, object] = {"recovered": [s.server.id for s in decision.recovered]}
    under_way = sorted({s.job for s in (*decision.recovered, *decision.waiting, *decision.failed) if s.job})
    if under_way:
        facts["jobs"] = under_way
    if decision.done:
        instances = {s.server.id: s.instance.ec2_instance for s in decision.recovered if s.instance}
        facts |= {"instances": instances, "since": since(picture.machines, list(instances.values()))}
        facts["servers"] = [_evidence(s, picture) for s in decision.recovered if s.instance]
    return Look(decision.done, "; ".join(parts), facts)


def _evidence(standing: Standing, picture: Picture) -> dict[str, object]:
    """What the journal keeps of a recovered server: the point in time that its data is of, and when it was launched."""
    instance = standing.instance
    assert instance is not None
    machine = picture.machines.get(instance.ec2_instance)
    launched = machine.launched_at if machine else None
    return {
        "id": standing.server.id,
        "name": standing.server.tags.get("Name"),
        "instance": instance.ec2_instance,
        "job": standing.job or instance.job,
        "recovery_point": instance.point_in_time.isoformat() if instance.point_in_time else None,
        "launched_at": launched.isoformat() if launched else None,
    }

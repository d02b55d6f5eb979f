"""The preflight of the servers: gather what `readiness` judges, over all groups of the runbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leeward.drs import calls, readiness, snapshots
from leeward.drs.decision import Quotas
from leeward.drs.instances import machines
from leeward.drs.jobs import RUN
from leeward.drs.model import Job, RecoveryInstance, SourceServer
from leeward.drs.servers import Group, resolve_each
from leeward.drs.standing import stands_in_the_way
from leeward.drs.states import Direction

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client

_LOOK_BACK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Findings:
    """What stands in the way (`problems`), the losses beyond the objective, and how to say the latter."""

    servers: int
    problems: tuple[str, ...]
    losses: tuple[readiness.Loss, ...]
    loss_text: str
    worst_loss_seconds: int
    loss_by_group: Mapping[str, int | None]


def inspect(
    drs: DrsClient,
    ec2: EC2Client,
    groups: Sequence[Group],
    region: str,
    rpo: timedelta,
    *,
    now: datetime,
    incident_at: datetime | None,
    point_in_time: datetime | None,
    predecessors: Sequence[str] = (),
    direction: Direction | None = None,
    quotas: Quotas | None = None,
) -> Findings:
    """Look at every server of every group. Raises NotFound for a group without its servers.

    `predecessors`: runs whose recovery instances this run goes on with, so that these are no obstacle.
    """
    limits = quotas or Quotas()
    resolved = {group.name: found for group, found in resolve_each(drs, groups, region, direction)}
    servers = list({s.id: s for group in resolved.values() for s in group}.values())
    points = {}
    if point_in_time is not None:
        found = snapshots.find(drs, servers, point_in_time)
        points = {server: snapshot.taken_at for server, snapshot in found.items() if snapshot.taken_at is not None}
    seen = readiness.Circumstances(now, incident_at, point_in_time, points)
    jobs = calls.jobs_since(drs, now - _LOOK_BACK)
    blocking = _blocking(drs, ec2, servers, jobs, predecessors)
    losses = [readiness.expected_loss(server, seen) for server in servers]
    over = readiness.exceeding(losses, rpo)
    problems = [
        *readiness.hindrances(servers, seen),
        *readiness.launch_settings({s.id: calls.launch_disposition(drs, s.id) for s in servers}, servers),
        *readiness.live_instances(servers, blocking),
        *readiness.quota_problems(len(servers), calls.all_server_count(drs), jobs, limits),
    ]
    worst = max((loss.expected for loss in losses if loss.expected is not None), default=timedelta(0))
    return Findings(
        servers=len(servers),
        problems=tuple(problems),
        losses=tuple(over),
        loss_text=readiness.loss_text(over, rpo, seen) if over else "",
        worst_loss_seconds=round(worst.total_seconds()),
        loss_by_group=_by_group(resolved, losses),
    )


def _by_group(
    resolved: Mapping[str, Sequence[SourceServer]], losses: Sequence[readiness.Loss]
) -> dict[str, int | None]:
    """The worst of each group's servers, in seconds; None where it is not known of one."""
    by_server = {loss.server.id: loss.expected for loss in losses}

    def worst(servers: Sequence[SourceServer]) -> int | None:
        spans = [by_server[server.id] for server in servers]
        known = [span for span in spans if span is not None]
        return round(max(known, default=timedelta(0)).total_seconds()) if len(known) == len(spans) else None

    return {group: worst(servers) for group, servers in resolved.items()}


def _blocking(
    drs: DrsClient, ec2: EC2Client, servers: Sequence[SourceServer], jobs: Sequence[Job], predecessors: Sequence[str]
) -> list[RecoveryInstance]:
    found = calls.recovery_instances(drs, [server.id for server in servers])
    if not found:
        return []
    seen = machines(ec2, [instance.ec2_instance for instance in found])
    standing = [instance for instance in found if stands_in_the_way(instance, seen)]
    known = {job.id: job for job in jobs}
    named = sorted({i.job for i in standing if i.job is not None} - known.keys())
    known.update({job.id: job for job in calls.jobs_by_id(drs, named)})
    return [i for i in standing if not _of(predecessors, known.get(i.job or ""))]


def _of(runs: Sequence[str], job: Job | None) -> bool:
    return job is not None and job.tags.get(RUN) in runs

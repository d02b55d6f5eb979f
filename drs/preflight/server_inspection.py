"""Preflight of a runbook's servers: gather the data that `launch_checks` evaluates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leeward.drs.api import queries
from leeward.drs.api.models import Job, RecoveryInstance, SourceServer
from leeward.drs.api.states import ReplicationDirection
from leeward.drs.inventory import recovery_points
from leeward.drs.inventory.recovery_instances import describe_instances
from leeward.drs.inventory.recovery_jobs import RUN_TAG
from leeward.drs.inventory.server_groups import ServerGroup, resolve_groups
from leeward.drs.launch.launch_plan import LaunchQuotas
from leeward.drs.launch.server_status import blocks_launch
from leeward.drs.preflight import launch_checks
from leeward.drs.preflight.launch_settings import LaunchSettingsCheck

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient
    from mypy_boto3_ec2 import EC2Client

_JOB_HISTORY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class PreflightFindings:
    """The problems that block a recovery, the losses beyond the objective, and a text that describes these losses."""

    servers: int
    problems: tuple[str, ...]
    losses: tuple[launch_checks.ExpectedLoss, ...]
    loss_text: str
    worst_loss_seconds: int
    loss_by_group: Mapping[str, int | None]


def inspect_servers(
    drs: DrsClient,
    ec2: EC2Client,
    groups: Sequence[ServerGroup],
    region: str,
    rpo: timedelta,
    *,
    now: datetime,
    incident_at: datetime | None,
    point_in_time: datetime | None,
    predecessors: Sequence[str] = (),
    direction: ReplicationDirection | None = None,
    quotas: LaunchQuotas | None = None,
    settings: LaunchSettingsCheck | None = None,
) -> PreflightFindings | LaunchSettingsCheck:
    """Check every server of every group. Raises NotFound for an incomplete group.

    DRS returns the launch settings of one server per call. If the time of the call isn't enough for all, the settings
    that were read are returned. Pass them as `settings` to the next call.

    `predecessors` are the runs that this run took over from. Their recovery instances don't block a launch.
    """
    limits = quotas or LaunchQuotas()
    servers_by_group = {group.name: members for group, members in resolve_groups(drs, groups, region, direction)}
    servers = list({s.id: s for members in servers_by_group.values() for s in members}.values())
    settings = (settings or LaunchSettingsCheck()).advance(drs, servers)
    if settings.remaining:
        return settings
    snapshot_times = {}
    if point_in_time is not None:
        snapshots = recovery_points.find_snapshots(drs, servers, point_in_time)
        snapshot_times = {
            server: snapshot.taken_at for server, snapshot in snapshots.items() if snapshot.taken_at is not None
        }
    conditions = launch_checks.PreflightConditions(now, incident_at, point_in_time, snapshot_times)
    jobs = queries.list_jobs_since(drs, now - _JOB_HISTORY)
    blocking = _blocking_instances(drs, ec2, servers, jobs, predecessors)
    losses = [launch_checks.estimate_loss(server, conditions) for server in servers]
    over = launch_checks.losses_over_rpo(losses, rpo)
    problems = [
        *launch_checks.launch_obstacles(servers, conditions),
        *launch_checks.disposition_problems(settings.dispositions(servers), servers),
        *launch_checks.live_instance_problems(servers, blocking),
        *launch_checks.quota_problems(len(servers), queries.count_source_servers(drs), jobs, limits),
    ]
    worst = max((loss.expected for loss in losses if loss.expected is not None), default=timedelta(0))
    return PreflightFindings(
        servers=len(servers),
        problems=tuple(problems),
        losses=tuple(over),
        loss_text=launch_checks.describe_losses(over, rpo, conditions) if over else "",
        worst_loss_seconds=round(worst.total_seconds()),
        loss_by_group=_worst_loss_by_group(servers_by_group, losses),
    )


def _worst_loss_by_group(
    resolved: Mapping[str, Sequence[SourceServer]], losses: Sequence[launch_checks.ExpectedLoss]
) -> dict[str, int | None]:
    """Return the worst loss of each group in seconds, or None if the loss of one server is unknown."""
    by_server = {loss.server.id: loss.expected for loss in losses}

    def worst(servers: Sequence[SourceServer]) -> int | None:
        spans = [by_server[server.id] for server in servers]
        known = [span for span in spans if span is not None]
        return round(max(known, default=timedelta(0)).total_seconds()) if len(known) == len(spans) else None

    return {group: worst(servers) for group, servers in resolved.items()}


def _blocking_instances(
    drs: DrsClient, ec2: EC2Client, servers: Sequence[SourceServer], jobs: Sequence[Job], predecessors: Sequence[str]
) -> list[RecoveryInstance]:
    instances = queries.list_recovery_instances(drs, [server.id for server in servers])
    ec2_instances = describe_instances(ec2, [instance.ec2_instance for instance in instances])
    blocking = [instance for instance in instances if blocks_launch(instance, ec2_instances)]
    known = {job.id: job for job in jobs}
    unlisted = sorted({i.job for i in blocking if i.job is not None} - known.keys())
    known.update({job.id: job for job in queries.get_jobs(drs, unlisted)})
    return [i for i in blocking if not _is_job_of_runs(predecessors, known.get(i.job or ""))]


def _is_job_of_runs(runs: Sequence[str], job: Job | None) -> bool:
    return job is not None and job.tags.get(RUN_TAG) in runs

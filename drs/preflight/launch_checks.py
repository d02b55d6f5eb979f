"""Pure checks whether a recovery can succeed: replication, lag, launch settings, live instances, and quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leeward.base import durations
from leeward.drs.api.models import Job, RecoveryInstance, SourceServer
from leeward.drs.api.states import LaunchDisposition, ReplicationState
from leeward.drs.launch.launch_plan import LaunchQuotas, quota_headroom


@dataclass(frozen=True, slots=True)
class PreflightConditions:
    """The conditions of the checks. `snapshot_times` maps a server ID to its snapshot's time for `point_in_time`."""

    now: datetime
    incident_at: datetime | None
    point_in_time: datetime | None
    snapshot_times: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExpectedLoss:
    """The data loss that a recovery of one server would cause. `expected` is None if it is unknown."""

    server: SourceServer
    expected: timedelta | None


def estimate_loss(server: SourceServer, conditions: PreflightConditions) -> ExpectedLoss:
    """Return how much data, written up to the incident (or until now), the recovery point lacks.

    DRS measures the lag up to now. No data was written after the incident, so the time since the incident is subtracted
    when the run gives `incident_at`. CONTINUOUS without a lag counts as no lag.
    """
    reference = conditions.incident_at or conditions.now
    if conditions.point_in_time is not None:
        taken = conditions.snapshot_times.get(server.id)
        return ExpectedLoss(server, None if taken is None else max(timedelta(0), reference - taken))
    lag = server.replication.lag
    if lag is None:
        return ExpectedLoss(server, timedelta(0) if server.replication.state is ReplicationState.CONTINUOUS else None)
    return ExpectedLoss(server, max(timedelta(0), lag - (conditions.now - reference)))


def losses_over_rpo(losses: Sequence[ExpectedLoss], rpo: timedelta) -> list[ExpectedLoss]:
    """Return the losses that exceed the recovery point objective."""
    return [loss for loss in losses if loss.expected is not None and loss.expected > rpo]


def launch_obstacles(servers: Sequence[SourceServer], conditions: PreflightConditions) -> list[str]:
    """Return the problems of servers without a recovery point, or whose data loss is unknown."""
    problems = []
    for server in servers:
        if not server.replication.state.has_recovery_point:
            problems.append(
                f"{server.label}: replication is {server.replication.state.value}, so nothing can be launched"
            )
        elif conditions.point_in_time is not None and server.id not in conditions.snapshot_times:
            problems.append(
                f"{server.label}: no point in time at or before {conditions.point_in_time.isoformat()} exists"
            )
        elif estimate_loss(server, conditions).expected is None:
            state = server.replication.state.value
            problems.append(f"{server.label}: replication is {state} and reports no lag, so the data loss is not known")
    return problems


def disposition_problems(dispositions: Mapping[str, LaunchDisposition], servers: Sequence[SourceServer]) -> list[str]:
    """Return the problems of servers whose launch settings leave the recovered instance stopped."""
    return [
        f"{server.label}: its launch settings leave the instance STOPPED; set launchDisposition to STARTED"
        for server in servers
        if dispositions[server.id] is not LaunchDisposition.STARTED
    ]


def live_instance_problems(servers: Sequence[SourceServer], blocking: Sequence[RecoveryInstance]) -> list[str]:
    """Return the problems of servers with a live recovery instance that a launch would replace."""
    labels = {server.id: server.label for server in servers}
    return [
        f"{labels[i.server]}: it has a live recovery instance, {i.ec2_instance}, that a new launch would replace; "
        f'terminate it, or start with {{"take_over": "<the run that launched it>"}} to continue with it'
        for i in blocking
    ]


def quota_problems(launch_count: int, servers_in_region: int, jobs: Sequence[Job], quotas: LaunchQuotas) -> list[str]:
    """Return the DRS quotas that `launch_count` launches or the Region's servers exceed."""
    problems = []
    if servers_in_region > quotas.replicating_servers:
        problems.append(
            f"{servers_in_region} source servers, and DRS replicates {quotas.replicating_servers} per Region"
        )
    if launch_count > quotas.servers_in_jobs:
        problems.append(
            f"{launch_count} servers to launch, and DRS has at most {quotas.servers_in_jobs} in jobs at a time"
        )
    headroom = quota_headroom(jobs, quotas)
    if headroom.jobs == 0:
        problems.append(f"{quotas.jobs} jobs are already running, as many as DRS allows")
    return problems


def describe_losses(losses: Sequence[ExpectedLoss], rpo: timedelta, conditions: PreflightConditions) -> str:
    """Describe how the objective would be missed, and how to continue."""
    each = "; ".join(
        f"{loss.server.label} would lose {durations.format_duration(loss.expected or 0)}" for loss in losses
    )
    hint = "" if conditions.incident_at else ", or with incident_at if the incident began before now"
    return (
        f"the objective allows a data loss of {durations.format_duration(rpo)}: {each}. "
        f'Start with {{"accept_data_loss": true}} to continue anyway{hint}'
    )

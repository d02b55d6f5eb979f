"""Whether a recovery can succeed, before anything is touched: replication, lag, launch settings, quotas."""

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
    """What the servers are judged by. `points`: the times of the snapshots that a named point in time stands for."""

    now: datetime
    incident_at: datetime | None
    point_in_time: datetime | None
    snapshot_times: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExpectedLoss:
    """How much of one server's latest data a recovery would lose; None is not known."""

    server: SourceServer
    expected: timedelta | None


def estimate_loss(server: SourceServer, conditions: PreflightConditions) -> ExpectedLoss:
    """The data written up to the incident (or now) that the recovery point lacks.

    DRS counts the lag up to now. What came after the incident was never written by anyone, so it is no loss: it is
    taken off where the run names its incident. A state of CONTINUOUS without a lag is no lag.
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
    """Those that would lose more than the objective allows."""
    return [loss for loss in losses if loss.expected is not None and loss.expected > rpo]


def launch_obstacles(servers: Sequence[SourceServer], conditions: PreflightConditions) -> list[str]:
    """Servers that have nothing to be launched from, or of which the loss cannot be told."""
    found = []
    for server in servers:
        if not server.replication.state.has_recovery_point:
            found.append(f"{server.label}: replication is {server.replication.state.value}, so nothing can be launched")
        elif conditions.point_in_time is not None and server.id not in conditions.snapshot_times:
            found.append(
                f"{server.label}: no point in time at or before {conditions.point_in_time.isoformat()} is kept"
            )
        elif estimate_loss(server, conditions).expected is None:
            state = server.replication.state.value
            found.append(f"{server.label}: replication is {state} and tells no lag, so the data loss is not known")
    return found


def disposition_problems(dispositions: Mapping[str, LaunchDisposition], servers: Sequence[SourceServer]) -> list[str]:
    """Servers whose launch settings would leave the recovered instance stopped."""
    return [
        f"{server.label}: its launch settings leave the instance STOPPED; set launchDisposition to STARTED"
        for server in servers
        if dispositions[server.id] is not LaunchDisposition.STARTED
    ]


def live_instance_problems(servers: Sequence[SourceServer], blocking: Sequence[RecoveryInstance]) -> list[str]:
    """Servers with a live recovery instance that a launch would replace."""
    labels = {server.id: server.label for server in servers}
    return [
        f"{labels[i.server]}: it has a live recovery instance, {i.ec2_instance}, that a new launch would replace; "
        f'terminate it, or start with {{"take_over": "<the run that launched it>"}} to go on with it'
        for i in blocking
    ]


def quota_problems(launch_count: int, servers_in_region: int, jobs: Sequence[Job], quotas: LaunchQuotas) -> list[str]:
    """DRS quotas that `wanted` launches would exceed, or that the Region's servers exceed already."""
    found = []
    if servers_in_region > quotas.replicating_servers:
        found.append(f"{servers_in_region} source servers, and DRS replicates {quotas.replicating_servers} per Region")
    if launch_count > quotas.servers_in_jobs:
        found.append(
            f"{launch_count} servers to launch, and DRS has at most {quotas.servers_in_jobs} in jobs at a time"
        )
    left = quota_headroom(jobs, quotas)
    if left.jobs == 0:
        found.append(f"{quotas.jobs} jobs run already, as many as DRS allows")
    return found


def describe_losses(losses: Sequence[ExpectedLoss], rpo: timedelta, conditions: PreflightConditions) -> str:
    """Why the objective would be missed, and what a person can do about it."""
    each = "; ".join(
        f"{loss.server.label} would lose {durations.format_duration(loss.expected or 0)}" for loss in losses
    )
    hint = "" if conditions.incident_at else ", or with incident_at if the incident began before now"
    return (
        f"the objective allows a data loss of {durations.format_duration(rpo)}: {each}. "
        f'Start with {{"accept_data_loss": true}} to go on in spite of it{hint}'
    )

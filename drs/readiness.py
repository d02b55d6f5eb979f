"""Whether a recovery can succeed, before anything is touched: replication, lag, launch settings, quotas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leeward.common import durations
from leeward.drs.decision import Quotas, room
from leeward.drs.model import Job, RecoveryInstance, SourceServer
from leeward.drs.states import Disposition, ReplicationState


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the servers are judged by. `points`: the times of the snapshots that a named point in time stands for."""

    now: datetime
    incident_at: datetime | None
    point_in_time: datetime | None
    points: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loss:
    """How much of one server's latest data a recovery would lose; None is not known."""

    server: SourceServer
    expected: timedelta | None


def expected_loss(server: SourceServer, seen: Circumstances) -> Loss:
    """The data written up to the incident (or now) that the recovery point lacks.

    DRS counts the lag up to now. What came after the incident was never written by anyone, so it is no loss: it is
    taken off where the run names its incident. A state of CONTINUOUS without a lag is no lag.
    """
    reference = seen.incident_at or seen.now
    if seen.point_in_time is not None:
        taken = seen.points.get(server.id)
        return Loss(server, None if taken is None else max(timedelta(0), reference - taken))
    lag = server.replication.lag
    if lag is None:
        return Loss(server, timedelta(0) if server.replication.state is ReplicationState.CONTINUOUS else None)
    return Loss(server, max(timedelta(0), lag - (seen.now - reference)))


def exceeding(losses: Sequence[Loss], rpo: timedelta) -> list[Loss]:
    """Those that would lose more than the objective allows."""
    return [loss for loss in losses if loss.expected is not None and loss.expected > rpo]


def hindrances(servers: Sequence[SourceServer], seen: Circumstances) -> list[str]:
    """Servers that have nothing to be launched from, or of which the loss cannot be told."""
    found = []
    for server in servers:
        if not server.replication.state.has_recovery_point:
            found.append(f"{server.label}: replication is {server.replication.state.value}, so nothing can be launched")
        elif seen.point_in_time is not None and server.id not in seen.points:
            found.append(f"{server.label}: no point in time at or before {seen.point_in_time.isoformat()} is kept")
        elif expected_loss(server, seen).expected is None:
            state = server.replication.state.value
            found.append(f"{server.label}: replication is {state} and tells no lag, so the data loss is not known")
    return found


def launch_settings(dispositions: Mapping[str, Disposition], servers: Sequence[SourceServer]) -> list[str]:
    """Servers whose launch settings would leave the recovered instance stopped."""
    return [
        f"{server.label}: its launch settings leave the instance STOPPED; set launchDisposition to STARTED"
        for server in servers
        if dispositions[server.id] is not Disposition.STARTED
    ]


def live_instances(servers: Sequence[SourceServer], blocking: Sequence[RecoveryInstance]) -> list[str]:
    """Servers with a live recovery instance that a launch would replace."""
    labels = {server.id: server.label for server in servers}
    return [
        f"{labels[i.server]}: it has a live recovery instance, {i.ec2_instance}, that a new launch would replace; "
        f'terminate it, or start with {{"take_over": "<the run that launched it>"}} to go on with it'
        for i in blocking
    ]


def quota_problems(wanted: int, in_region: int, jobs: Sequence[Job], quotas: Quotas) -> list[str]:
    """DRS quotas that `wanted` launches would exceed, or that the Region's servers exceed already."""
    found = []
    if in_region > quotas.replicating_servers:
        found.append(f"{in_region} source servers, and DRS replicates {quotas.replicating_servers} per Region")
    if wanted > quotas.servers_in_jobs:
        found.append(f"{wanted} servers to launch, and DRS has at most {quotas.servers_in_jobs} in jobs at a time")
    left = room(jobs, quotas)
    if left.jobs == 0:
        found.append(f"{quotas.jobs} jobs run already, as many as DRS allows")
    return found


def loss_text(losses: Sequence[Loss], rpo: timedelta, seen: Circumstances) -> str:
    """Why the objective would be missed, and what a person can do about it."""
    each = "; ".join(f"{loss.server.label} would lose {durations.show(loss.expected or 0)}" for loss in losses)
    hint = "" if seen.incident_at else ", or with incident_at if the incident began before now"
    return (
        f"the objective allows a data loss of {durations.show(rpo)}: {each}. "
        f'Start with {{"accept_data_loss": true}} to go on in spite of it{hint}'
    )

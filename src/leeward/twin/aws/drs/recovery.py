"""StartRecovery: may it start (decided first), and the job that launches the servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.disks import RecoveryPoint
from leeward.twin.aws.drs.ec2 import Ec2, Ec2Refused
from leeward.twin.aws.drs.jobs import JobRun, new_job
from leeward.twin.aws.drs.launching import announce, forget, launch, remove
from leeward.twin.aws.drs.limits import total_gib
from leeward.twin.aws.drs.model import Job, LastLaunch, Participant, SourceServer
from leeward.twin.aws.drs.replication import Mode
from leeward.twin.aws.drs.reversal import in_failback
from leeward.twin.aws.drs.snapshots import snapshots
from leeward.twin.aws.drs.state import RegionState
from leeward.twin.aws.plugin import ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import InitiatedByType, LastLaunchTypeType, LaunchStatusType


def start_recovery(
    region: RegionState, wanted: Sequence[tuple[str, str | None]], *, is_drill: bool, tags: Mapping[str, str]
) -> Job:
    """Starts a job for `wanted`: (source server id, snapshot id or None for the latest data).

    Raises ConflictException, ServiceQuotaExceededException or ValidationException; then nothing has started.
    """
    require_room(region, len(wanted), per_job=region.shared.quotas.servers_per_job)
    ids = [server_id for server_id, _ in wanted]
    if len(set(ids)) != len(ids):
        raise ValidationException("a source server is listed more than once")
    pins = {s: require_recoverable(region, s, snapshot_id, is_drill=is_drill) for s, snapshot_id in wanted}
    initiated_by: InitiatedByType = "START_DRILL" if is_drill else "START_RECOVERY"
    job = new_job(region, "LAUNCH", initiated_by, [Participant(i) for i in ids], dict(tags))
    for server_id in ids:
        kind: LastLaunchTypeType = "DRILL" if is_drill else "RECOVERY"
        region.servers[server_id].last_launch = LastLaunch(job.job_id, job.created_at, kind)
    RecoveryRun(region, job, pins).start()
    return job


def require_recoverable(
    region: RegionState, server_id: str, snapshot_id: str | None, *, is_drill: bool
) -> RecoveryPoint | None:
    """The data of the pinned snapshot, None for the latest. Raises ConflictException when it cannot be recovered."""
    point = _recovery_point(region, server_id, snapshot_id)
    _require_launchable(region, region.servers[server_id], is_drill=is_drill)
    return point


def require_room(region: RegionState, servers: int, per_job: int) -> None:
    """The quotas of one more job with so many servers. Raises ServiceQuotaExceededException."""
    quotas = region.shared.quotas
    active = region.active_jobs()
    busy = sum(len(job.participants) for job in active)
    for value, quota, what in (
        (servers, per_job, "source servers in a single job"),
        (busy + servers, quotas.servers_in_active_jobs, "source servers in all active jobs"),
        (len(active) + 1, quotas.concurrent_jobs, "concurrent jobs in progress"),
    ):
        if value > quota:
            raise errors.ServiceQuotaExceededException(
                f"Quota exceeded: {what}: {value} of {quota}",
                code=errors.ServiceQuotaExceededException.code,
                resourceType="Job",
                serviceCode="drs",
            )


def _recovery_point(region: RegionState, server_id: str, snapshot_id: str | None) -> RecoveryPoint | None:
    """The pinned snapshot's data, None for an on-demand one. Raises ConflictException when there is nothing to use."""
    server = region.servers.get(server_id)
    if server is None:
        # The model lists no ResourceNotFoundException for StartRecovery.
        raise errors.conflict(f"Source server {server_id} does not exist", server_id)
    now = region.seam.now()
    if server.replication.mode is not Mode.RUNNING:
        raise errors.conflict(f"Source server {server_id} is {server.replication.mode}", server_id)
    if snapshot_id is None:
        if server.replication.data_time(now) is None:
            raise errors.conflict(f"Source server {server_id} has no consistent recovery point yet", server_id)
        return None
    kept = {s.snapshot_id: s.point for s in snapshots(server_id, server.replication, server.policy, now)}
    if snapshot_id not in kept:
        raise errors.conflict(f"Snapshot {snapshot_id} of {server_id} does not exist", snapshot_id, "RecoverySnapshot")
    return kept[snapshot_id]


def _require_launchable(region: RegionState, server: SourceServer, *, is_drill: bool) -> None:
    region.require_idle(server.server_id)
    previous = region.instance_of(server)
    if previous is None:
        return
    name = previous.recovery_instance_id
    if in_failback(region, previous):
        raise errors.conflict(f"Recovery instance {name} is failing back", name, "RecoveryInstance")
    state = Ec2(region.account_id, region.region_name).state(previous.ec2_instance_id)
    if is_drill and not previous.is_drill and state not in ("TERMINATED", "NOT_FOUND"):
        # A drill cleans up what was launched before: over a live recovery instance that would end a serving machine.
        raise errors.conflict(f"{server.server_id} has the live recovery instance {name}: no drill", server.server_id)


class RecoveryRun(JobRun):
    """Snapshot, conversion, launch: for each server on its own."""

    def __init__(self, region: RegionState, job: Job, pins: Mapping[str, RecoveryPoint | None]) -> None:
        super().__init__(region, job)
        self._pins = pins

    def begin(self, participant: Participant) -> None:
        """First whatever an earlier launch left is cleaned up."""
        server = self.region.servers[participant.server_id]
        self._mark(participant, server, "IN_PROGRESS")
        previous = self.region.instance_of(server)
        if previous is None:
            self._snapshot(participant, server)
            return
        if server.launch.launch_into_instance_id == previous.ec2_instance_id:
            forget(self.region, previous)
            self._snapshot(participant, server)
            return
        self.log("CLEANUP_START", server.server_id, instance_id=previous.ec2_instance_id)
        self._after(self.jittered(self.region.shared.timings.cleanup), partial(self._clean, participant, server))

    def _clean(self, participant: Participant, server: SourceServer) -> None:
        previous = self.region.instance_of(server)
        try:
            if previous:
                remove(self.region, previous)
        except Ec2Refused as refused:
            self.log("CLEANUP_FAIL", server.server_id, raw_error=str(refused))
            self._fail(participant, server)
            return
        self.log("CLEANUP_END", server.server_id)
        self._snapshot(participant, server)

    def _snapshot(self, participant: Participant, server: SourceServer) -> None:
        pinned = self._pins[server.server_id]
        if pinned:
            self.log("USING_PREVIOUS_SNAPSHOT", server.server_id)
            self._convert(participant, server, pinned)
            return
        self.log("SNAPSHOT_START", server.server_id)
        point = server.replication.latest_point(self.region.seam.now())
        seconds = self.region.shared.timings.snapshot_seconds(total_gib(server.disks_gib), self.region.seam)
        self._after(seconds, partial(self._snapshot_taken, participant, server, point))

    def _snapshot_taken(self, participant: Participant, server: SourceServer, point: RecoveryPoint | None) -> None:
        if point is None:
            self.log("SNAPSHOT_FAIL", server.server_id, raw_error="no consistent data to take a snapshot of")
            self._fail(participant, server)
            return
        self.log("SNAPSHOT_END", server.server_id)
        self._convert(participant, server, point)

    def _convert(self, participant: Participant, server: SourceServer, point: RecoveryPoint) -> None:
        self.log("CONVERSION_START", server.server_id)
        seconds = self.region.shared.timings.conversion_seconds(total_gib(server.disks_gib), self.region.seam)
        self._after(seconds, partial(self._launch, participant, server, point))

    def _launch(self, participant: Participant, server: SourceServer, point: RecoveryPoint) -> None:
        self.log("CONVERSION_END", server.server_id)
        self.log("LAUNCH_START", server.server_id)
        seconds = self.jittered(self.region.shared.timings.launch)
        self._after(seconds, partial(self._launched, participant, server, point))

    def _launched(self, participant: Participant, server: SourceServer, point: RecoveryPoint) -> None:
        try:
            recovered = launch(self.region, self.job, server, point)
        except Ec2Refused as refused:
            self.log("LAUNCH_FAILED", server.server_id, raw_error=str(refused))
            self._fail(participant, server)
            return
        participant.recovery_instance_id = recovered.recovery_instance_id
        self._mark(participant, server, "LAUNCHED")
        self.finish(participant, "LAUNCHED")
        self._emit(server, "SUCCEEDED")
        announce(self.region, self.job, server, recovered)

    def _fail(self, participant: Participant, server: SourceServer) -> None:
        self._mark(participant, server, "FAILED")
        self.finish(participant, "FAILED")
        self._emit(server, "FAILED")

    def _mark(self, participant: Participant, server: SourceServer, status: LaunchStatusType) -> None:
        participant.status = status
        if server.last_launch:
            server.last_launch.status = status

    def _emit(self, server: SourceServer, how: str) -> None:
        kind = "DRILL" if self.job.is_drill else "RECOVERY"
        self.region.emit(
            "DRS Source Server Launch Result", server.arn, state=f"{kind}_LAUNCH_{how}", job_id=self.job.job_id
        )

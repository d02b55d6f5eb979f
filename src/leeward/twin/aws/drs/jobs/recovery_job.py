"""StartRecovery: the checks before the start, and the job that launches the servers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.conventions.quotas_and_timings import total_gib
from leeward.twin.aws.drs.ec2.ec2_instances import Ec2CallRejected, Ec2Instances
from leeward.twin.aws.drs.ec2.instance_launch import (
    delete_recovery_record,
    launch_instance,
    notify_launched,
    terminate_recovery_instance,
)
from leeward.twin.aws.drs.jobs.job_runner import JobRunner, create_job
from leeward.twin.aws.drs.source_servers.replication_reversal import is_failing_back
from leeward.twin.aws.drs.state.drs_records import Job, LastLaunch, Participant, SourceServer
from leeward.twin.aws.drs.state.recovery_snapshots import list_snapshots
from leeward.twin.aws.drs.state.region_state import DrsRegionState
from leeward.twin.aws.drs.state.server_replication import ReplicationMode
from leeward.twin.aws.drs.state.simulated_disks import RecoveryPoint
from leeward.twin.aws.service_framework.service_plugin import ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import InitiatedByType, LastLaunchTypeType, LaunchStatusType


def start_recovery(
    region: DrsRegionState, wanted: Sequence[tuple[str, str | None]], *, is_drill: bool, tags: Mapping[str, str]
) -> Job:
    """Start a job that launches servers.

    `wanted` lists pairs of source server ID and snapshot ID, or None for the latest data.
    Raises ConflictException, ServiceQuotaExceededException, or ValidationException. In that case, nothing starts.
    """
    require_job_quota(region, len(wanted), per_job=region.shared.quotas.servers_per_job)
    ids = [server_id for server_id, _ in wanted]
    if len(set(ids)) != len(ids):
        raise ValidationException("a source server is listed more than once")
    pins = {s: require_recoverable(region, s, snapshot_id, is_drill=is_drill) for s, snapshot_id in wanted}
    initiated_by: InitiatedByType = "START_DRILL" if is_drill else "START_RECOVERY"
    job = create_job(region, "LAUNCH", initiated_by, [Participant(i) for i in ids], dict(tags))
    for server_id in ids:
        kind: LastLaunchTypeType = "DRILL" if is_drill else "RECOVERY"
        region.servers[server_id].last_launch = LastLaunch(job.job_id, job.created_at, kind)
    RecoveryJobRunner(region, job, pins).start()
    return job


def require_recoverable(
    region: DrsRegionState, server_id: str, snapshot_id: str | None, *, is_drill: bool
) -> RecoveryPoint | None:
    """Return the data of the given snapshot, or None for the latest data.

    Raises ConflictException when the server can't be recovered.
    """
    point = _recovery_point(region, server_id, snapshot_id)
    _require_launchable(region, region.servers[server_id], is_drill=is_drill)
    return point


def require_job_quota(region: DrsRegionState, servers: int, per_job: int) -> None:
    """Raise ServiceQuotaExceededException if another job with `servers` servers exceeds a quota."""
    quotas = region.shared.quotas
    active = region.list_active_jobs()
    busy = sum(len(job.participants) for job in active)
    for value, quota, what in (
        (servers, per_job, "source servers in a single job"),
        (busy + servers, quotas.servers_in_active_jobs, "source servers in all active jobs"),
        (len(active) + 1, quotas.concurrent_jobs, "concurrent jobs in progress"),
    ):
        if value > quota:
            raise drs_errors.ServiceQuotaExceededException(
                f"Quota exceeded: {what}: {value} of {quota}",
                code=drs_errors.ServiceQuotaExceededException.code,
                resourceType="Job",
                serviceCode="drs",
            )


def _recovery_point(region: DrsRegionState, server_id: str, snapshot_id: str | None) -> RecoveryPoint | None:
    """Return the data of the given snapshot, or None. Raises ConflictException when there is no usable data."""
    server = region.servers.get(server_id)
    if server is None:
        # The model has no ResourceNotFoundException for StartRecovery.
        raise drs_errors.conflict_error(f"Source server {server_id} does not exist", server_id)
    now = region.hooks.now()
    if server.replication.mode is not ReplicationMode.RUNNING:
        raise drs_errors.conflict_error(f"Source server {server_id} is {server.replication.mode}", server_id)
    if snapshot_id is None:
        if server.replication.data_time(now) is None:
            raise drs_errors.conflict_error(
                f"Source server {server_id} has no consistent recovery point yet", server_id
            )
        return None
    saved = {s.snapshot_id: s.recovery_point for s in list_snapshots(server_id, server.replication, server.policy, now)}
    if snapshot_id not in saved:
        raise drs_errors.conflict_error(
            f"Snapshot {snapshot_id} of {server_id} does not exist", snapshot_id, "RecoverySnapshot"
        )
    return saved[snapshot_id]


def _require_launchable(region: DrsRegionState, server: SourceServer, *, is_drill: bool) -> None:
    region.require_idle(server.server_id)
    previous = region.find_recovery_instance(server)
    if previous is None:
        return
    name = previous.recovery_instance_id
    if is_failing_back(region, previous):
        raise drs_errors.conflict_error(f"Recovery instance {name} is failing back", name, "RecoveryInstance")
    state = Ec2Instances(region.account_id, region.region_name).state(previous.ec2_instance_id)
    if is_drill and not previous.is_drill and state not in ("TERMINATED", "NOT_FOUND"):
        # A launch first terminates the previous instance. A drill must not terminate an instance that serves traffic.
        raise drs_errors.conflict_error(
            f"A drill of {server.server_id} would terminate its live recovery instance {name}", server.server_id
        )


class RecoveryJobRunner(JobRunner):
    """Runs a recovery job: snapshot, conversion, and launch, separately for each server."""

    def __init__(self, region: DrsRegionState, job: Job, pins: Mapping[str, RecoveryPoint | None]) -> None:
        super().__init__(region, job)
        self._pins = pins

    def begin_server(self, participant: Participant) -> None:
        """Clean up the instance of the previous launch, and then take a snapshot."""
        server = self.region.servers[participant.server_id]
        self._set_status(participant, server, "IN_PROGRESS")
        previous = self.region.find_recovery_instance(server)
        if previous is None:
            self._take_snapshot(participant, server)
            return
        if server.launch.launch_into_instance_id == previous.ec2_instance_id:
            delete_recovery_record(self.region, previous)
            self._take_snapshot(participant, server)
            return
        self.append_log("CLEANUP_START", server.server_id, instance_id=previous.ec2_instance_id)
        self._call_later(
            self.add_jitter(self.region.shared.timings.cleanup), partial(self._clean_up_previous, participant, server)
        )

    def _clean_up_previous(self, participant: Participant, server: SourceServer) -> None:
        previous = self.region.find_recovery_instance(server)
        try:
            if previous:
                terminate_recovery_instance(self.region, previous)
        except Ec2CallRejected as refused:
            self.append_log("CLEANUP_FAIL", server.server_id, raw_error=str(refused))
            self._fail_server(participant, server)
            return
        self.append_log("CLEANUP_END", server.server_id)
        self._take_snapshot(participant, server)

    def _take_snapshot(self, participant: Participant, server: SourceServer) -> None:
        pinned = self._pins[server.server_id]
        if pinned:
            self.append_log("USING_PREVIOUS_SNAPSHOT", server.server_id)
            self._convert(participant, server, pinned)
            return
        self.append_log("SNAPSHOT_START", server.server_id)
        point = server.replication.latest_point(self.region.hooks.now())
        seconds = self.region.shared.timings.snapshot_seconds(
            total_gib(server.disks_gib), server.measured_times, self.region.hooks
        )
        self._call_later(seconds, partial(self._finish_snapshot, participant, server, point))

    def _finish_snapshot(self, participant: Participant, server: SourceServer, point: RecoveryPoint | None) -> None:
        if point is None:
            self.append_log("SNAPSHOT_FAIL", server.server_id, raw_error="no consistent data to take a snapshot of")
            self._fail_server(participant, server)
            return
        self.append_log("SNAPSHOT_END", server.server_id)
        self._convert(participant, server, point)

    def _convert(self, participant: Participant, server: SourceServer, point: RecoveryPoint) -> None:
        self.append_log("CONVERSION_START", server.server_id)
        seconds = self.region.shared.timings.conversion_seconds(
            total_gib(server.disks_gib), server.measured_times, self.region.hooks
        )
        self._call_later(seconds, partial(self._start_launch, participant, server, point))

    def _start_launch(self, participant: Participant, server: SourceServer, point: RecoveryPoint) -> None:
        self.append_log("CONVERSION_END", server.server_id)
        self.append_log("LAUNCH_START", server.server_id)
        seconds = self.region.shared.timings.launch_seconds(server.measured_times, self.region.hooks)
        self._call_later(seconds, partial(self._finish_launch, participant, server, point))

    def _finish_launch(self, participant: Participant, server: SourceServer, point: RecoveryPoint) -> None:
        try:
            recovered = launch_instance(self.region, self.job, server, point)
        except Ec2CallRejected as refused:
            self.append_log("LAUNCH_FAILED", server.server_id, raw_error=str(refused))
            self._fail_server(participant, server)
            return
        participant.recovery_instance_id = recovered.recovery_instance_id
        self._set_status(participant, server, "LAUNCHED")
        self.finish_server(participant, "LAUNCHED")
        self._emit_launch_result(server, "SUCCEEDED")
        notify_launched(self.region, self.job, server, recovered)

    def _fail_server(self, participant: Participant, server: SourceServer) -> None:
        self._set_status(participant, server, "FAILED")
        self.finish_server(participant, "FAILED")
        self._emit_launch_result(server, "FAILED")

    def _set_status(self, participant: Participant, server: SourceServer, status: LaunchStatusType) -> None:
        participant.status = status
        if server.last_launch:
            server.last_launch.status = status

    def _emit_launch_result(self, server: SourceServer, result: str) -> None:
        kind = "DRILL" if self.job.is_drill else "RECOVERY"
        self.region.emit_event(
            "DRS Source Server Launch Result", server.arn, state=f"{kind}_LAUNCH_{result}", job_id=self.job.job_id
        )

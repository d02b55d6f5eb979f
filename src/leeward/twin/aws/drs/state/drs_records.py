"""Records of the simulated DRS: source servers, jobs, recovery instances, templates, and events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions.quotas_and_timings import MeasuredTimes
from leeward.twin.aws.drs.state.recovery_snapshots import DEFAULT_POLICY, SnapshotRule
from leeward.twin.aws.drs.state.server_replication import SimulatedReplication
from leeward.twin.aws.drs.state.simulated_disks import ReplicatedDisk, SimulatedDisk

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import (
        InitiatedByType,
        JobLogEventType,
        JobStatusType,
        JobTypeType,
        LastLaunchTypeType,
        LaunchDispositionType,
        LaunchStatusType,
        RecoveryModeType,
        ReplicationDirectionType,
        TargetInstanceTypeRightSizingMethodType,
    )


@dataclass(frozen=True, slots=True)
class LaunchSettings:
    """Initial launch settings of a source server: contents of its EC2 launch template, and main launch options."""

    instance_type: str = "t3.small"
    subnet_id: str | None = None
    security_group_ids: Sequence[str] = ()
    disposition: LaunchDispositionType = "STARTED"
    copy_tags: bool = True
    launch_into_instance_id: str | None = None


@dataclass(slots=True)
class LaunchConfiguration:
    """A server's launch configuration, which GetLaunchConfiguration returns and UpdateLaunchConfiguration changes."""

    name: str
    ec2_launch_template_id: str
    disposition: LaunchDispositionType = "STARTED"
    right_sizing: TargetInstanceTypeRightSizingMethodType = "NONE"
    copy_private_ip: bool = False
    copy_tags: bool = True
    os_byol: bool = False
    post_launch_enabled: bool = False
    recovery_mode: RecoveryModeType = "OPTIMAL"
    launch_into_instance_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ec2InstanceRef:
    """An EC2 instance, such as the instance that a source server replicates."""

    region: str
    instance_id: str

    @property
    def zone(self) -> str:
        """Return the Availability Zone. All simulated instances are in the first zone of their Region."""
        return self.region + "a"


@dataclass(slots=True)
class LastLaunch:
    """The latest launch of a source server."""

    job_id: str
    called_at: datetime
    kind: LastLaunchTypeType
    status: LaunchStatusType = "PENDING"


@dataclass(slots=True)
class SourceServer:
    """A source server that replicates to a Region.

    `replicated_disks` are the disks that it has replicated, oldest first. The last one is the disk of `origin`.
    `replication_settings` are replication options that have no effect in the simulation.
    """

    server_id: str
    arn: str
    name: str
    tags: dict[str, str]
    disks_gib: Sequence[int]
    origin: Ec2InstanceRef
    replicated_disks: list[ReplicatedDisk]
    replication: SimulatedReplication
    launch: LaunchConfiguration
    added_at: datetime
    measured_times: MeasuredTimes
    direction: ReplicationDirectionType = "FAILOVER"
    policy: Sequence[SnapshotRule] = DEFAULT_POLICY
    reversed_server_arn: str | None = None
    last_launch: LastLaunch | None = None
    recovery_instance_id: str | None = None
    replication_settings: dict[str, object] = field(default_factory=dict)

    def start_replicating(
        self, origin: Ec2InstanceRef, disk: SimulatedDisk, now: datetime, *, discard_history: bool
    ) -> None:
        """Replicate this disk of `origin` from now on. `discard_history` drops the data of earlier disks."""
        if discard_history:
            self.replicated_disks.clear()
        self.origin = origin
        self.replicated_disks.append(ReplicatedDisk(now, disk))


@dataclass(slots=True)
class Participant:
    """One server in a job, with its own status."""

    server_id: str
    status: LaunchStatusType = "PENDING"
    recovery_instance_id: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogItem:
    """One item of a job log."""

    at: datetime
    event: JobLogEventType
    server_id: str | None = None
    instance_id: str | None = None
    raw_error: str | None = None


@dataclass(slots=True)
class Job:
    """A launch or termination job. A job never fails: each participant has its own status."""

    job_id: str
    arn: str
    kind: JobTypeType
    initiated_by: InitiatedByType
    created_at: datetime
    participants: list[Participant]
    tags: dict[str, str]
    status: JobStatusType = "PENDING"
    ended_at: datetime | None = None
    log: list[LogItem] = field(default_factory=list)

    @property
    def is_active(self) -> bool:
        """Return whether the job counts against the quotas and blocks other jobs for its servers."""
        return self.status != "COMPLETED"

    @property
    def is_drill(self) -> bool:
        """Return whether the job launches drill instances."""
        return self.initiated_by == "START_DRILL"


@dataclass(slots=True)
class RecoveryInstance:
    """The DRS record of an EC2 instance that a recovery job launched.

    In the simulation, `recovery_instance_id` differs from the EC2 instance ID. The model has a member for each, so this
    detects callers that use the wrong one.
    """

    recovery_instance_id: str
    arn: str
    ec2_instance_id: str
    server_id: str
    job_id: str
    is_drill: bool
    data_time: datetime
    launched_at: datetime
    origin: Ec2InstanceRef
    tags: dict[str, str]
    reversed_server_arn: str | None = None
    reversed_at: datetime | None = None
    is_disconnected: bool = False
    failback_settings: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConfigurationTemplate:
    """A Region's defaults for new source servers. `settings` maps request member names to their values."""

    template_id: str
    arn: str
    tags: dict[str, str]
    settings: dict[str, object]


@dataclass(frozen=True, slots=True)
class LaunchedInstance:
    """A recovered instance that started in EC2, as passed to the `on_launched` callbacks."""

    region: str
    ec2_instance_id: str
    recovery_instance_id: str
    source_server_id: str
    name: str
    tags: Mapping[str, str]
    origin_region: str
    origin_instance_id: str
    data_time: datetime
    launched_at: datetime
    is_drill: bool
    job_id: str
    job_tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DrsEvent:
    """An event that DRS sends to EventBridge. Delivery is best effort."""

    at: datetime
    region: str
    detail_type: str
    resource: str
    detail: Mapping[str, str]

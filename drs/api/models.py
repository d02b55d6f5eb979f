"""Models of DRS responses, with the fields that Leeward uses (botocore's service model `drs` 2020-02-26).

Parsing raises SurprisingAnswer for an unknown enum value, because guessing the meaning of a state is unsafe.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BeforeValidator, Field

from leeward.base import durations
from leeward.common.aws.responses import AwsResponse
from leeward.common.errors import SurprisingAnswer
from leeward.drs.api.states import (
    Ec2State,
    JobStatus,
    LaunchDisposition,
    LaunchStatus,
    ReplicationDirection,
    ReplicationState,
)

EnumT = TypeVar("EnumT", bound=StrEnum)


def _parse_member(kind: type[EnumT], text: str, subject: str) -> EnumT:
    try:
        return kind(text)
    except ValueError:
        raise SurprisingAnswer(f"drs:DescribeJobs: {subject} is {text!r}, expected one of {', '.join(kind)}") from None


def _parse_lag(value: object) -> object:
    return durations.parse_iso_duration(value) if isinstance(value, str) else value


class ReplicationError(AwsResponse):
    """`dataReplicationError`. Parsed as text, so that an unknown kind of error is reported and not rejected."""

    error: str = ""
    raw: str = Field(default="", alias="rawError")


class DiskReplication(AwsResponse):
    """One of `replicatedDisks`. Sizes are in bytes."""

    total: int = Field(default=0, alias="totalStorageBytes")
    replicated: int = Field(default=0, alias="replicatedStorageBytes")


class DataReplicationInfo(AwsResponse):
    """`dataReplicationInfo`."""

    state: ReplicationState = Field(alias="dataReplicationState")
    lag: Annotated[timedelta | None, BeforeValidator(_parse_lag)] = Field(default=None, alias="lagDuration")
    eta: AwareDatetime | None = Field(default=None, alias="etaDateTime")
    error: ReplicationError | None = Field(default=None, alias="dataReplicationError")
    disks: tuple[DiskReplication, ...] = Field(default=(), alias="replicatedDisks")


class LaunchInitiation(AwsResponse):
    """`initiated`: the call that began a server's last launch."""

    at: AwareDatetime | None = Field(default=None, alias="apiCallDateTime")
    job_id: str | None = Field(default=None, alias="jobID")


class LastLaunch(AwsResponse):
    """`lifeCycle.lastLaunch`."""

    initiated: LaunchInitiation = Field(default_factory=LaunchInitiation)


class LifeCycle(AwsResponse):
    """`lifeCycle`."""

    last_launch: LastLaunch = Field(default_factory=LastLaunch, alias="lastLaunch")


class IdentificationHints(AwsResponse):
    """`identificationHints`: for a server from EC2, the ID of the instance that is currently replicated."""

    machine: str | None = Field(default=None, alias="awsInstanceID")


class SourceProperties(AwsResponse):
    """`sourceProperties`."""

    hints: IdentificationHints = Field(default_factory=IdentificationHints, alias="identificationHints")


class SourceCloud(AwsResponse):
    """`sourceCloudProperties`."""

    region: str | None = Field(default=None, alias="originRegion")


class ReplicationSource(AwsResponse):
    """The origin of a source server. For servers of other applications, only this is parsed."""

    source: SourceProperties = Field(default_factory=SourceProperties, alias="sourceProperties")
    cloud: SourceCloud = Field(default_factory=SourceCloud, alias="sourceCloudProperties")

    @property
    def machine(self) -> str | None:
        """Return the EC2 ID of the instance whose disks are replicated, or None if DRS doesn't report it."""
        return self.source.hints.machine


class SourceServer(ReplicationSource):
    """A DRS source server and its replication state."""

    id: str = Field(alias="sourceServerID")
    arn: str = ""
    direction: ReplicationDirection = Field(default=ReplicationDirection.FAILOVER, alias="replicationDirection")
    opposite: str | None = Field(default=None, alias="reversedDirectionSourceServerArn")
    tags: dict[str, str] = Field(default_factory=dict)
    replication: DataReplicationInfo = Field(alias="dataReplicationInfo")
    life_cycle: LifeCycle = Field(default_factory=LifeCycle, alias="lifeCycle")

    @property
    def label(self) -> str:
        """Return the ID and, if there is one, the Name tag, such as `s-1234 (web-1)`."""
        name = self.tags.get("Name")
        return f"{self.id} ({name})" if name else self.id


class Participant(AwsResponse):
    """A server that participates in a job."""

    server: str = Field(default="", alias="sourceServerID")
    recovery_instance: str | None = Field(default=None, alias="recoveryInstanceID")
    launch_status: str = Field(default="PENDING", alias="launchStatus")


class StartedJob(AwsResponse):
    """The job in a StartRecovery response. Only its ID is always present."""

    id: str = Field(alias="jobID")


class Job(AwsResponse):
    """A DRS job. `created` and `ended` are times of the service's clock.

    Enum fields are parsed as text, so that an unknown value in a job that Leeward didn't start can't stop a failover.
    For jobs that Leeward started, `status` and `outcome` are strict.
    """

    id: str = Field(alias="jobID")
    type: str
    initiated_by: str = Field(default="", alias="initiatedBy")
    raw_status: str = Field(alias="status")
    created: AwareDatetime = Field(alias="creationDateTime")
    ended: AwareDatetime | None = Field(default=None, alias="endDateTime")
    participants: tuple[Participant, ...] = Field(default=(), alias="participatingServers")
    tags: dict[str, str] = Field(default_factory=dict)

    @property
    def is_active(self) -> bool:
        """Return whether the job may still be working on its servers."""
        return self.raw_status != JobStatus.COMPLETED

    @property
    def status(self) -> JobStatus:
        """Return the job's status. Raises SurprisingAnswer for an unknown status."""
        return _parse_member(JobStatus, self.raw_status, f"the status of {self.id}")

    @property
    def is_drill(self) -> bool:
        return self.initiated_by == "START_DRILL"

    def participant(self, server: str) -> Participant | None:
        """Return the participant for this server, or None."""
        return next((participant for participant in self.participants if participant.server == server), None)

    def outcome(self, participant: Participant) -> LaunchStatus:
        """Return a participant's launch status. Raises SurprisingAnswer for an unknown status."""
        return _parse_member(
            LaunchStatus, participant.launch_status, f"the launch status of {participant.server} in {self.id}"
        )


class FailbackStatus(AwsResponse):
    """`failback`. Parsed as text, because only whether the failback has started matters."""

    state: str = "FAILBACK_NOT_STARTED"


class RecoveryInstance(AwsResponse):
    """A DRS recovery instance. `ec2_instance` isn't always new: DRS can launch into an existing instance."""

    id: str = Field(alias="recoveryInstanceID")
    server: str = Field(alias="sourceServerID")
    ec2_instance: str = Field(alias="ec2InstanceID")
    ec2_state: Ec2State = Field(alias="ec2InstanceState")
    job: str | None = Field(default=None, alias="jobID")
    is_drill: bool = Field(default=False, alias="isDrill")
    point_in_time: AwareDatetime | None = Field(default=None, alias="pointInTimeSnapshotDateTime")
    failback: FailbackStatus = Field(default_factory=FailbackStatus)

    @property
    def is_live(self) -> bool:
        """Return whether the instance exists, so that a new launch would replace it."""
        return self.ec2_state not in (Ec2State.TERMINATED, Ec2State.NOT_FOUND)


class Snapshot(AwsResponse):
    """A recovery snapshot of one server. It is unfinished if `taken_at` is None."""

    id: str = Field(alias="snapshotID")
    taken_at: AwareDatetime | None = Field(default=None, alias="timestamp")


class LaunchConfiguration(AwsResponse):
    """A server's launch settings."""

    disposition: LaunchDisposition = Field(alias="launchDisposition")


class LogEventData(AwsResponse):
    """`eventData` of a job log item."""

    server: str | None = Field(default=None, alias="sourceServerID")
    raw_error: str | None = Field(default=None, alias="rawError")


class LogItem(AwsResponse):
    """An entry of a job's log. `event` is parsed as text, so that an unknown event can't hide a failure's reason."""

    at: datetime | None = Field(default=None, alias="logDateTime")
    event: str
    data: LogEventData = Field(default_factory=LogEventData, alias="eventData")

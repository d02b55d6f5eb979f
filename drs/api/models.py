"""What DRS answers, as far as it is relied on (botocore's service model `drs` 2020-02-26).

An enumeration's unknown member makes the answer a SurprisingAnswer: a state that this code does not know is not
guessed at.
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
        raise SurprisingAnswer(
            f"drs:DescribeJobs: {subject} is {text!r}, which is none of {', '.join(kind)}: it is not guessed at"
        ) from None


def _parse_lag(value: object) -> object:
    return durations.parse_iso_duration(value) if isinstance(value, str) else value


class ReplicationError(AwsResponse):
    """`dataReplicationError`. Read as text: a new kind of error is told, not refused."""

    error: str = ""
    raw: str = Field(default="", alias="rawError")


class DiskReplication(AwsResponse):
    """One of `replicatedDisks`; bytes."""

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
    """The call that began a server's last launch."""

    at: AwareDatetime | None = Field(default=None, alias="apiCallDateTime")
    job_id: str | None = Field(default=None, alias="jobID")


class LastLaunch(AwsResponse):
    """`lifeCycle.lastLaunch`."""

    initiated: LaunchInitiation = Field(default_factory=LaunchInitiation)


class LifeCycle(AwsResponse):
    """`lifeCycle`."""

    last_launch: LastLaunch = Field(default_factory=LastLaunch, alias="lastLaunch")


class IdentificationHints(AwsResponse):
    """`identificationHints`: for a server that comes from EC2, the id of the instance that is replicated now."""

    machine: str | None = Field(default=None, alias="awsInstanceID")


class SourceProperties(AwsResponse):
    """`sourceProperties`."""

    hints: IdentificationHints = Field(default_factory=IdentificationHints, alias="identificationHints")


class SourceCloud(AwsResponse):
    """`sourceCloudProperties`."""

    region: str | None = Field(default=None, alias="originRegion")


class ReplicationSource(AwsResponse):
    """Where a source server comes from: all that is read of a server of another application."""

    source: SourceProperties = Field(default_factory=SourceProperties, alias="sourceProperties")
    cloud: SourceCloud = Field(default_factory=SourceCloud, alias="sourceCloudProperties")

    @property
    def machine(self) -> str | None:
        """The EC2 id of the instance whose disks are replicated, where DRS tells."""
        return self.source.hints.machine


class SourceServer(ReplicationSource):
    """One replicated server."""

    id: str = Field(alias="sourceServerID")
    arn: str = ""
    direction: ReplicationDirection = Field(default=ReplicationDirection.FAILOVER, alias="replicationDirection")
    opposite: str | None = Field(default=None, alias="reversedDirectionSourceServerArn")
    tags: dict[str, str] = Field(default_factory=dict)
    replication: DataReplicationInfo = Field(alias="dataReplicationInfo")
    life_cycle: LifeCycle = Field(default_factory=LifeCycle, alias="lifeCycle")

    @property
    def label(self) -> str:
        """`s-1234 (web-1)`: the id and the Name tag, where there is one."""
        name = self.tags.get("Name")
        return f"{self.id} ({name})" if name else self.id


class Participant(AwsResponse):
    """One server's part in a job."""

    server: str = Field(default="", alias="sourceServerID")
    recovery_instance: str | None = Field(default=None, alias="recoveryInstanceID")
    launch_status: str = Field(default="PENDING", alias="launchStatus")


class StartedJob(AwsResponse):
    """The job that a StartRecovery answers with: its id is the one member that is always there."""

    id: str = Field(alias="jobID")


class Job(AwsResponse):
    """One job, anyone's. `created` and `ended` are the service's own times.

    Its enumerations are read as text, since a stranger's job of a new kind is no reason to stop a failover; of a job of
    our own, `status` and `outcome` are strict.
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
        """Whether it still works on its servers, as far as is known."""
        return self.raw_status != JobStatus.COMPLETED

    @property
    def status(self) -> JobStatus:
        """Raises SurprisingAnswer for a status that is not known."""
        return _parse_member(JobStatus, self.raw_status, f"the status of {self.id}")

    @property
    def is_drill(self) -> bool:
        return self.initiated_by == "START_DRILL"

    def participant(self, server: str) -> Participant | None:
        """The server's part in this job, if it has one."""
        return next((p for p in self.participants if p.server == server), None)

    def outcome(self, part: Participant) -> LaunchStatus:
        """How far a server is in this job. Raises SurprisingAnswer for a status that is not known."""
        return _parse_member(LaunchStatus, part.launch_status, f"the launch status of {part.server} in {self.id}")


class FailbackStatus(AwsResponse):
    """`failback`. Read as text: all that matters is whether the way back was begun."""

    state: str = "FAILBACK_NOT_STARTED"


class RecoveryInstance(AwsResponse):
    """What a launch made. `ec2_instance` is not always a new instance: DRS can launch into an existing one."""

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
        """Whether there is still an instance that a new launch would replace."""
        return self.ec2_state not in (Ec2State.TERMINATED, Ec2State.NOT_FOUND)


class Snapshot(AwsResponse):
    """One point in time of one server. Without `taken_at` it is not finished."""

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
    """One line of a job's log. Its event is read as text: a new kind of line must not hide a failure's reason."""

    at: datetime | None = Field(default=None, alias="logDateTime")
    event: str
    data: LogEventData = Field(default_factory=LogEventData, alias="eventData")

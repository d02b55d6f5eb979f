"""The words in which DRS tells of states (botocore's service model `drs` 2020-02-26)."""

from __future__ import annotations

from enum import StrEnum


class ReplicationState(StrEnum):
    """`dataReplicationState` of a source server."""

    STOPPED = "STOPPED"
    INITIATING = "INITIATING"
    INITIAL_SYNC = "INITIAL_SYNC"
    BACKLOG = "BACKLOG"
    CREATING_SNAPSHOT = "CREATING_SNAPSHOT"
    CONTINUOUS = "CONTINUOUS"
    PAUSED = "PAUSED"
    RESCAN = "RESCAN"
    STALLED = "STALLED"
    DISCONNECTED = "DISCONNECTED"

    @property
    def is_replicating(self) -> bool:
        """Whether replication is set up at all, however badly it goes."""
        return self not in (ReplicationState.STOPPED, ReplicationState.DISCONNECTED)

    @property
    def is_halted(self) -> bool:
        """Whether waiting does not help."""
        return self in _HALTED

    @property
    def has_recovery_point(self) -> bool:
        """DRS launches a server that lags or has stalled, once its initial sync is done; not one of these."""
        return self not in _WITHOUT_RECOVERY_POINT


_WITHOUT_RECOVERY_POINT = frozenset(
    {
        ReplicationState.STOPPED,
        ReplicationState.INITIATING,
        ReplicationState.INITIAL_SYNC,
        ReplicationState.DISCONNECTED,
    }
)


_HALTED = frozenset(
    {
        ReplicationState.STOPPED,
        ReplicationState.PAUSED,
        ReplicationState.STALLED,
        ReplicationState.DISCONNECTED,
    }
)


class ReplicationDirection(StrEnum):
    """`replicationDirection` of a source server: away from where the machine was first, or back to there."""

    FAILOVER = "FAILOVER"
    FAILBACK = "FAILBACK"


class JobStatus(StrEnum):
    """There is no FAILED job: success is each server's own."""

    PENDING = "PENDING"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"


class LaunchStatus(StrEnum):
    """How far a server is in a job."""

    PENDING = "PENDING"
    IN_PROGRESS = "IN_PROGRESS"
    LAUNCHED = "LAUNCHED"
    FAILED = "FAILED"
    TERMINATED = "TERMINATED"


class Ec2State(StrEnum):
    """`ec2InstanceState` of a recovery instance."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    STOPPING = "STOPPING"
    STOPPED = "STOPPED"
    SHUTTING_DOWN = "SHUTTING-DOWN"
    TERMINATED = "TERMINATED"
    NOT_FOUND = "NOT_FOUND"


class LaunchDisposition(StrEnum):
    """Whether a launched instance is started."""

    STARTED = "STARTED"
    STOPPED = "STOPPED"

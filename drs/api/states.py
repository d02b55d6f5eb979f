"""State enums of the DRS API (botocore's service model `drs` 2020-02-26)."""

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
        """Return whether replication is set up, even if it lags or has stalled."""
        return self not in (ReplicationState.STOPPED, ReplicationState.DISCONNECTED)

    @property
    def is_halted(self) -> bool:
        """Return whether replication has halted, so that waiting doesn't help."""
        return self in _HALTED

    @property
    def has_recovery_point(self) -> bool:
        """Return whether DRS can launch the server.

        After the initial sync, DRS also launches a server that lags or has stalled.
        """
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
    """`replicationDirection` of a source server: away from the original Region, or back to it."""

    FAILOVER = "FAILOVER"
    FAILBACK = "FAILBACK"


class JobStatus(StrEnum):
    """`status` of a job. Jobs never fail as a whole: each server has its own launch status."""

    PENDING = "PENDING"
    STARTED = "STARTED"
    COMPLETED = "COMPLETED"


class LaunchStatus(StrEnum):
    """`launchStatus` of a server in a job."""

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
    """`launchDisposition`: whether DRS starts the instances that it launches."""

    STARTED = "STARTED"
    STOPPED = "STOPPED"

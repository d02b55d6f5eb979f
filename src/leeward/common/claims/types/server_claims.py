"""Claims about servers: launched, protected, replicating, terminated."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

from leeward.base import durations
from leeward.common.claims.types.claim import Claim


class LaunchedServer(BaseModel):
    """One server of a launch. `reason` says why it did not launch; empty for one that did. Times are ISO 8601."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    id: str
    name: str | None = None
    instance: str | None = None
    job: str | None = None
    recovery_point: str | None = None
    launched_at: str | None = None
    reason: str = ""


class Launched(Claim):
    """Servers were launched from their copies. `since` is the earliest launch. `notes` are exceptions for operators."""

    claim: Literal["launched"] = "launched"
    group: str
    region: str
    servers: tuple[LaunchedServer, ...]
    since: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def instances(self) -> dict[str, str]:
        """Return the EC2 instance of each source server that was launched."""
        return {server.id: server.instance for server in self.servers if server.instance is not None}

    @property
    def text(self) -> str:
        """Return how many of the servers were recovered."""
        return "; ".join((f"{self.group}: {len(self.instances)} of {len(self.servers)} recovered", *self.notes))


class Launching(Claim):
    """Jobs launch servers now. The end of the run reports a job that no journal entry mentions."""

    claim: Literal["launching"] = "launching"
    group: str
    jobs: tuple[str, ...]
    recovered: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Return the jobs."""
        return f"{self.group}: {', '.join(self.jobs)} under way"


class Protected(Claim):
    """Termination protection of instances was turned on or off. `missing` says which servers have no instance."""

    claim: Literal["protected"] = "protected"
    on: bool
    instances: tuple[str, ...]
    missing: str = ""

    @property
    def text(self) -> str:
        """Return the state of the protection."""
        instances = ", ".join(self.instances) or "no instance of this run"
        return f"termination protection is {'on' if self.on else 'off'}: {instances}{self.missing}"


class Reversed(Claim):
    """What serves in `region` is replicated to `to_region`. `machines` maps an EC2 instance to its source server."""

    claim: Literal["reversed"] = "reversed"
    region: str
    to_region: str
    machines: dict[str, str]
    missing: str = ""

    @property
    def text(self) -> str:
        """Return who replicates what."""
        pairs = ", ".join(f"{machine} by {server}" for machine, server in sorted(self.machines.items()))
        return f"{self.to_region} replicates from {self.region}: {pairs}{self.missing}"


class Deferred(Claim):
    """Replication is not reversed yet, because `region` does not respond. Until then, the instances have no copy."""

    claim: Literal["deferred"] = "deferred"
    region: str
    reason: str
    instances: tuple[str, ...]
    since: str | None = None

    @property
    def text(self) -> str:
        """Return why it is deferred, and since when which instances are unprotected."""
        unprotected = f"{', '.join(self.instances)} unprotected since {self.since or 'their launch'}"
        return f"deferred: {self.region} does not answer ({self.reason}); {unprotected}"


class Replicating(Claim):
    """The copies in `region` are current. `machines` maps an EC2 instance to the source server that has its copy."""

    claim: Literal["replicating"] = "replicating"
    region: str
    servers: int
    machines: dict[str, str]
    worst_lag_seconds: float

    @property
    def text(self) -> str:
        """Return how current the copies are."""
        lag = durations.format_duration(self.worst_lag_seconds)
        return f"{self.servers} of {self.servers} servers in {self.region} in step, at most {lag} behind"


class Terminated(Claim):
    """Servers or copies are gone. `what` says which; `ids` has those that the step removed, if it knows them."""

    claim: Literal["terminated"] = "terminated"
    what: Literal["replaced", "launched", "drill copies", "retired copies"]
    region: str
    ids: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    machines: int = 0

    @property
    def text(self) -> str:
        """Return what is gone, and what was kept."""
        match self.what:
            case "replaced":
                return f"terminated in {self.region}: {', '.join(self.ids) or 'none'}; kept: {', '.join(self.kept)}"
            case "launched":
                return "no instance that this run launched is left"
            case "drill copies":
                return f"nothing that a drill's reverse replication created is left in {self.region}"
            case "retired copies":
                return f"{self.machines} of {self.machines} machines have no copy left in {self.region}"

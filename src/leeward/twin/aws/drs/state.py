"""What one Region of one account knows (`RegionState`), and what all its Regions share (`Shared`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.disks import Disk
from leeward.twin.aws.drs.ids import derived
from leeward.twin.aws.drs.limits import Quotas, Timings
from leeward.twin.aws.drs.model import DrsEvent, Job, LaunchedInstance, Origin, RecoveryInstance, SourceServer, Template
from leeward.twin.aws.plugin import GLOBAL, Backend, Call
from leeward.twin.aws.seam import Seam


class Tagged(Protocol):
    """A record that carries tags under its ARN."""

    @property
    def arn(self) -> str: ...
    @property
    def tags(self) -> dict[str, str]: ...


@dataclass(slots=True)
class Failure:
    """A launch that is to fail, `times` more times (None: always)."""

    raw_error: str
    times: int | None = None


@dataclass(slots=True)
class Shared:
    """One per account: set when a world is built, forgotten when moto resets."""

    seam: Seam | None = None
    quotas: Quotas = field(default_factory=Quotas)
    timings: Timings = field(default_factory=Timings)
    lost_regions: set[str] = field(default_factory=set)
    disks: dict[Origin, Disk] = field(default_factory=dict)
    on_launched: list[Callable[[LaunchedInstance], None]] = field(default_factory=list)
    on_terminated: list[Callable[[str, str], None]] = field(default_factory=list)
    on_event: list[Callable[[DrsEvent], object]] = field(default_factory=list)
    # Before a copy and its points in time are given up: Region, server, operation.
    on_copy_ends: list[Callable[[str, SourceServer, str], None]] = field(default_factory=list)

    def disk(self, instance: Origin) -> Disk:
        """What an EC2 instance has on its disks; empty at first."""
        return self.disks.setdefault(instance, Disk())


class RegionState(Backend):
    """The records of one Region, and the look-ups that every operation needs."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.own_shared = Shared()
        self.initialised = False
        self.servers: dict[str, SourceServer] = {}
        self.jobs: dict[str, Job] = {}
        self.instances: dict[str, RecoveryInstance] = {}
        self.launch_templates: dict[str, Template] = {}
        self.replication_templates: dict[str, Template] = {}
        self.failures: dict[str, Failure] = {}
        self.throttles: dict[str, list[int]] = {}
        self.events: list[DrsEvent] = []
        self._made = 0

    def admit(self, call: Call) -> None:
        """Throttles on request, and refuses whatever needs an initialised Region."""
        waits = self.throttles.get(call.operation.name)
        if waits:
            seconds = waits.pop(0)
            raise errors.ThrottlingException("Rate exceeded", serviceCode="drs", retryAfterSeconds=str(seconds))
        code = errors.UninitializedAccountException.code
        if not self.initialised and call.may_answer(code):
            raise errors.UninitializedAccountException("Account not initialized", code=code)

    @property
    def shared(self) -> Shared:
        """What all Regions of the account have in common."""
        return self.peer(GLOBAL).own_shared

    @property
    def seam(self) -> Seam:
        """The world's clock and chance. Raises RuntimeError when no world was built on this account."""
        seam = self.shared.seam
        if seam is None:
            raise RuntimeError("the simulated DRS has no clock: build it with twin.aws.drs.Drs(seam, account_id) first")
        return seam

    def new_id(self, prefix: str) -> str:
        """An identifier that no other record of this Region has."""
        self._made += 1
        return derived(prefix, self.account_id, self.region_name, self._made)

    def arn(self, kind: str, resource_id: str) -> str:
        """`arn:aws:drs:<region>:<account>:<kind>/<id>`."""
        return f"arn:aws:drs:{self.region_name}:{self.account_id}:{kind}/{resource_id}"

    def tagged(self) -> Iterable[Tagged]:
        """Every record whose tags the tag operations read and change; a mixin with records of its own adds them."""
        templates = [*self.launch_templates.values(), *self.replication_templates.values()]
        return [*self.servers.values(), *self.jobs.values(), *self.instances.values(), *templates]

    def server(self, server_id: str) -> SourceServer:
        """Raises ResourceNotFoundException."""
        found = self.servers.get(server_id)
        if found is None:
            raise errors.no_such(server_id)
        return found

    def instance(self, recovery_instance_id: str) -> RecoveryInstance:
        """Raises ResourceNotFoundException."""
        found = self.instances.get(recovery_instance_id)
        if found is None:
            raise errors.no_such(recovery_instance_id, "RecoveryInstance")
        return found

    def instance_of(self, server: SourceServer) -> RecoveryInstance | None:
        """The recovery instance that was last launched for a server, if it still is on record."""
        return self.instances.get(server.recovery_instance_id or "")

    def active_jobs(self) -> list[Job]:
        """Those that have not ended."""
        return [job for job in self.jobs.values() if job.active]

    def require_idle(self, server_id: str) -> None:
        """Raises ConflictException while the server takes part in a job (one active job per server)."""
        for job in self.active_jobs():
            if any(p.server_id == server_id for p in job.participants):
                raise errors.conflict(f"{errors.IN_A_JOB}: {server_id} takes part in {job.job_id}", server_id)

    def emit(self, detail_type: str, resource: str, **detail: str) -> None:
        """Keeps an event for EventBridge. Member names with hyphens are written with underscores here."""
        fields = {key.replace("_", "-"): value for key, value in detail.items()}
        event = DrsEvent(self.seam.now(), self.region_name, detail_type, resource, fields)
        self.events.append(event)
        for callback in self.shared.on_event:
            callback(event)

    def by_arn(self, source_server_arn: str) -> tuple[RegionState, SourceServer] | None:
        """A source server of any Region of this account, with its Region; None when it is gone."""
        parts = source_server_arn.split(":")
        region = self.peer(parts[3])
        server = region.servers.get(parts[5].removeprefix("source-server/"))
        return (region, server) if server else None

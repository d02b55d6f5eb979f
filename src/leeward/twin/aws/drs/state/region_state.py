"""State of the simulated DRS: per Region (`DrsRegionState`), and shared by all Regions (`AccountState`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.conventions.identifiers import derive_id
from leeward.twin.aws.drs.conventions.quotas_and_timings import DrsQuotas, DrsTimings
from leeward.twin.aws.drs.state.drs_records import (
    ConfigurationTemplate,
    DrsEvent,
    Ec2InstanceRef,
    Job,
    LaunchedInstance,
    RecoveryInstance,
    SourceServer,
)
from leeward.twin.aws.drs.state.simulated_disks import SimulatedDisk
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
from leeward.twin.aws.service_framework.service_plugin import GLOBAL, OperationCall, ServiceBackend


class TaggedRecord(Protocol):
    """A record with an ARN and tags."""

    @property
    def arn(self) -> str: ...
    @property
    def tags(self) -> dict[str, str]: ...


@dataclass(slots=True)
class InjectedLaunchFailure:
    """A fault that makes the next `times` launches of a server fail, or all launches if None."""

    raw_error: str
    times: int | None = None


@dataclass(slots=True)
class AccountState:
    """State that all Regions of an account share. `DrsSimulator` sets it, and moto's reset clears it."""

    hooks: BackendHooks | None = None
    quotas: DrsQuotas = field(default_factory=DrsQuotas)
    timings: DrsTimings = field(default_factory=DrsTimings)
    lost_regions: set[str] = field(default_factory=set)
    disks: dict[Ec2InstanceRef, SimulatedDisk] = field(default_factory=dict)
    on_launched: list[Callable[[LaunchedInstance], None]] = field(default_factory=list)
    on_terminated: list[Callable[[str, str], None]] = field(default_factory=list)
    on_event: list[Callable[[DrsEvent], object]] = field(default_factory=list)
    # Called with Region, server, and operation before replicated data and its snapshots are discarded.
    on_copy_discarded: list[Callable[[str, SourceServer, str], None]] = field(default_factory=list)

    def disk_of(self, instance: Ec2InstanceRef) -> SimulatedDisk:
        """Return the disk of an EC2 instance, which is empty at first."""
        return self.disks.setdefault(instance, SimulatedDisk())


class DrsRegionState(ServiceBackend):
    """The records of one Region, and the lookups that all operations use."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.own_shared = AccountState()
        self.initialised = False
        self.servers: dict[str, SourceServer] = {}
        self.jobs: dict[str, Job] = {}
        self.recovery_instances: dict[str, RecoveryInstance] = {}
        self.launch_templates: dict[str, ConfigurationTemplate] = {}
        self.replication_templates: dict[str, ConfigurationTemplate] = {}
        self.launch_failures: dict[str, InjectedLaunchFailure] = {}
        self.throttles: dict[str, list[int]] = {}
        self.events: list[DrsEvent] = []
        self._id_count = 0

    def check_call(self, call: OperationCall) -> None:
        """Throttle calls as requested with `throttle_operation`, and reject calls in an uninitialized Region.

        Raises ThrottlingException or UninitializedAccountException.
        """
        waits = self.throttles.get(call.operation.name)
        if waits:
            seconds = waits.pop(0)
            raise drs_errors.ThrottlingException("Rate exceeded", serviceCode="drs", retryAfterSeconds=str(seconds))
        code = drs_errors.UninitializedAccountException.code
        if not self.initialised and call.can_raise(code):
            raise drs_errors.UninitializedAccountException("Account not initialized", code=code)

    @property
    def shared(self) -> AccountState:
        """Return the state that all Regions of the account share."""
        return self.peer(GLOBAL).own_shared

    @property
    def hooks(self) -> BackendHooks:
        """Return the clock and random numbers. Raises RuntimeError when the account has no DrsSimulator."""
        backend_hooks = self.shared.hooks
        if backend_hooks is None:
            raise RuntimeError("the simulated DRS has no clock: create DrsSimulator(hooks, account_id) first")
        return backend_hooks

    def new_id(self, prefix: str) -> str:
        """Return a new identifier that is unique in this Region."""
        self._id_count += 1
        return derive_id(prefix, self.account_id, self.region_name, self._id_count)

    def arn(self, kind: str, resource_id: str) -> str:
        """Return the ARN `arn:aws:drs:<region>:<account>:<kind>/<id>`."""
        return f"arn:aws:drs:{self.region_name}:{self.account_id}:{kind}/{resource_id}"

    def tagged_records(self) -> Iterable[TaggedRecord]:
        """Return all records that the tag operations work on. A mixin with its own records extends this method."""
        templates = [*self.launch_templates.values(), *self.replication_templates.values()]
        return [*self.servers.values(), *self.jobs.values(), *self.recovery_instances.values(), *templates]

    def get_server(self, server_id: str) -> SourceServer:
        """Return the source server. Raises ResourceNotFoundException when it doesn't exist."""
        server = self.servers.get(server_id)
        if server is None:
            raise drs_errors.not_found_error(server_id)
        return server

    def get_recovery_instance(self, recovery_instance_id: str) -> RecoveryInstance:
        """Return the recovery instance. Raises ResourceNotFoundException when it doesn't exist."""
        recovered = self.recovery_instances.get(recovery_instance_id)
        if recovered is None:
            raise drs_errors.not_found_error(recovery_instance_id, "RecoveryInstance")
        return recovered

    def find_recovery_instance(self, server: SourceServer) -> RecoveryInstance | None:
        """Return the recovery instance of the server's last launch, or None if it no longer exists."""
        return self.recovery_instances.get(server.recovery_instance_id or "")

    def list_active_jobs(self) -> list[Job]:
        """Return the jobs that haven't ended."""
        return [job for job in self.jobs.values() if job.is_active]

    def require_idle(self, server_id: str) -> None:
        """Raise ConflictException if the server takes part in an active job. DRS allows one per server."""
        for job in self.list_active_jobs():
            if any(p.server_id == server_id for p in job.participants):
                raise drs_errors.conflict_error(
                    f"{drs_errors.SERVER_IN_JOB_MESSAGE}: {server_id} takes part in {job.job_id}", server_id
                )

    def emit_event(self, detail_type: str, resource: str, **detail: str) -> None:
        """Store an EventBridge event and call the listeners. Underscores in `detail` names become hyphens."""
        fields = {key.replace("_", "-"): value for key, value in detail.items()}
        event = DrsEvent(self.hooks.now(), self.region_name, detail_type, resource, fields)
        self.events.append(event)
        for callback in self.shared.on_event:
            callback(event)

    def find_server_by_arn(self, source_server_arn: str) -> tuple[DrsRegionState, SourceServer] | None:
        """Return a source server in any Region of this account with its Region, or None if it doesn't exist."""
        parts = source_server_arn.split(":")
        region = self.peer(parts[3])
        server = region.servers.get(parts[5].removeprefix("source-server/"))
        return (region, server) if server else None

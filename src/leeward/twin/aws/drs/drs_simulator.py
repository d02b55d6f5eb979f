"""Controls the simulated DRS outside its API: adds servers, outages, faults, and callbacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.conventions.quotas_and_timings import DrsQuotas, DrsTimings, MeasuredTimes, total_gib
from leeward.twin.aws.drs.drs_backend import DRS, DrsBackend
from leeward.twin.aws.drs.ec2.billed_resources import BilledResources, count_billed_resources
from leeward.twin.aws.drs.ec2.ec2_instances import Ec2Instances
from leeward.twin.aws.drs.source_instances import track_source_instances
from leeward.twin.aws.drs.source_servers.agent_connectivity import (
    lose_agent_contact,
    regain_agent_contact,
    stall_replication,
)
from leeward.twin.aws.drs.source_servers.server_registration import register_server
from leeward.twin.aws.drs.state.drs_records import (
    DrsEvent,
    Ec2InstanceRef,
    Job,
    LaunchedInstance,
    LaunchSettings,
    RecoveryInstance,
    SourceServer,
)
from leeward.twin.aws.drs.state.region_state import InjectedLaunchFailure
from leeward.twin.aws.drs.state.server_replication import ContinuousSpan, ReplicationMode
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import DataReplicationErrorStringType

# Long enough that all daily snapshots of the default policy exist when the simulation starts.
_PROTECTED_FOR = timedelta(days=8)


class DrsSimulator:
    """The simulated DRS of one account. Create it inside `mock_aws`, once per simulation. moto's reset clears it."""

    def __init__(
        self,
        hooks: BackendHooks,
        account_id: str = "123456789012",
        quotas: DrsQuotas | None = None,
        timings: DrsTimings | None = None,
    ) -> None:
        self._account_id = account_id
        self._hooks = hooks
        self._shared = DRS.region(account_id, "us-east-1").shared
        self._shared.hooks = hooks
        self._shared.quotas = quotas or DrsQuotas()
        self._shared.timings = timings or DrsTimings()
        track_source_instances()

    # -- setup and callbacks -------------------------------------------------------------------------------------

    def initialise_region(self, region: str) -> None:
        """Initialize DRS in a Region, as InitializeService does. Before, calls raise UninitializedAccountException."""
        self.region_backend(region).initialised = True

    def add_source_server(
        self,
        region: str,
        name: str,
        origin_region: str,
        origin_instance_id: str,
        *,
        tags: Mapping[str, str] | None = None,
        disks_gib: Sequence[int] = (8,),
        steady_lag_seconds: float = 5,
        launch: LaunchSettings | None = None,
        measured_times: MeasuredTimes | None = None,
        synced: bool = True,
    ) -> SourceServer:
        """Add a source server that replicates to `region`, and initialize DRS there.

        A `synced` server has replicated for more than a week. Otherwise, its initial sync starts now.
        Raises ServiceQuotaExceededException when the Region already has the maximum of replicating servers (`quotas`).
        """
        backend, quota = self.region_backend(region), self._shared.quotas.replicating_servers
        backend.initialised = True
        running = sum(s.replication.mode is ReplicationMode.RUNNING for s in backend.servers.values())
        if running >= quota:
            raise drs_errors.ServiceQuotaExceededException(f"{running} of {quota} source servers replicate already")
        server = register_server(
            backend,
            name=name,
            origin=Ec2InstanceRef(origin_region, origin_instance_id),
            tags=tags or {},
            disks_gib=disks_gib,
            measured_times=measured_times or MeasuredTimes(),
            steady_lag=timedelta(seconds=steady_lag_seconds),
            settings=launch or LaunchSettings(),
        )
        now = self._hooks.now()
        if synced:
            server.added_at = now - _PROTECTED_FOR
            server.replication.spans.append(ContinuousSpan(server.added_at, None, server.replication.steady_lag))
        else:
            seconds = self._shared.timings.initial_sync_seconds(
                total_gib(disks_gib), server.measured_times, self._hooks
            )
            server.replication.start_sync(now, seconds, initial=True)
        if origin_region in self._shared.lost_regions:
            lose_agent_contact(backend, server, f"region {origin_region}")
        return server

    def on_launched(self, callback: Callable[[LaunchedInstance], None]) -> None:
        """Call `callback` when a recovered instance starts to run in EC2."""
        self._shared.on_launched.append(callback)

    def on_terminated(self, callback: Callable[[str, str], None]) -> None:
        """Call `callback` with the Region and EC2 instance ID after DRS terminates an instance."""
        self._shared.on_terminated.append(callback)

    def on_event(self, callback: Callable[[DrsEvent], object]) -> None:
        """Call `callback` with each event that DRS sends to EventBridge, in all Regions."""
        self._shared.on_event.append(callback)

    def on_copy_discarded(self, callback: Callable[[str, SourceServer, str], None]) -> None:
        """Call `callback` with Region, server, and operation before a call discards a copy and its snapshots."""
        self._shared.on_copy_discarded.append(callback)

    @property
    def quotas(self) -> DrsQuotas:
        """Return the service quotas of the simulated DRS."""
        return self._shared.quotas

    # -- faults and recovery from them ---------------------------------------------------------------------------

    def lose_origin_region(self, region: str) -> None:
        """Simulate an outage of `region`. Servers that replicate from it stop now, and are STALLED after 5 minutes."""
        self._shared.lost_regions.add(region)
        for backend, server in self._replicating_from(region):
            lose_agent_contact(backend, server, f"region {region}")

    def restore_origin_region(self, region: str) -> None:
        """End the outage of `region`. Its servers rescan, send their backlog, and become CONTINUOUS."""
        self._shared.lost_regions.discard(region)
        for backend, server in self._replicating_from(region):
            regain_agent_contact(backend, server, f"region {region}")

    def stall_replication(self, server_id: str, reason: DataReplicationErrorStringType = "AGENT_NOT_SEEN") -> None:
        """Stall the replication of one server. `reason` is a `dataReplicationError` of the service model."""
        backend, server = self._find_server(server_id)
        stall_replication(backend, server, "stall", reason)

    def resume_replication(self, server_id: str) -> None:
        """Resume replication after `stall_replication`."""
        backend, server = self._find_server(server_id)
        regain_agent_contact(backend, server, "stall")

    def set_lag(self, server_id: str, seconds: float) -> None:
        """Set the replication lag of a server, in seconds."""
        self._find_server(server_id)[1].replication.set_lag(timedelta(seconds=seconds), self._hooks.now())

    def fail_launch(self, server_id: str, raw_error: str, times: int | None = None) -> None:
        """Make the server's next `times` launches fail, or all launches if None. The job log shows `raw_error`."""
        self._find_server(server_id)[0].launch_failures[server_id] = InjectedLaunchFailure(raw_error, times)

    def throttle_operation(self, region: str, operation: str, times: int = 1, retry_after_seconds: int = 1) -> None:
        """Make the next `times` calls of `operation` (such as `StartRecovery`) return ThrottlingException."""
        self.region_backend(region).throttles.setdefault(operation, []).extend([retry_after_seconds] * times)

    # -- disk contents -------------------------------------------------------------------------------------------

    def write_marker(self, region: str, ec2_instance_id: str, key: str, value: str) -> None:
        """Write a marker to the disk of a running instance. It is replicated with the server's lag.

        A recovered instance has exactly the markers that were written until its `data_time`.
        Raises ValueError when the instance isn't running.
        """
        state = Ec2Instances(self._account_id, region).state(ec2_instance_id)
        if state != "RUNNING":
            raise ValueError(f"cannot write to the disk of {ec2_instance_id} in {region}: it is {state}, not RUNNING")
        self._shared.disk_of(Ec2InstanceRef(region, ec2_instance_id)).write(self._hooks.now(), key, value)

    def read_markers(self, region: str, ec2_instance_id: str) -> dict[str, str]:
        """Return the markers on an instance's disk, from `write_marker` and recovery. The instance can be stopped."""
        return self._shared.disk_of(Ec2InstanceRef(region, ec2_instance_id)).contents()

    # -- state ---------------------------------------------------------------------------------------------------

    def region_backend(self, region: str) -> DrsBackend:
        """Return the backend of one Region, with its records."""
        return DRS.region(self._account_id, region)

    def servers(self, region: str) -> list[SourceServer]:
        """Return the Region's source servers."""
        return list(self.region_backend(region).servers.values())

    def jobs(self, region: str) -> list[Job]:
        """Return the Region's jobs, oldest first."""
        return list(self.region_backend(region).jobs.values())

    def recovery_instances(self, region: str) -> list[RecoveryInstance]:
        """Return the Region's recovery instances."""
        return list(self.region_backend(region).recovery_instances.values())

    def count_billed_resources(self, region: str) -> BilledResources:
        """Return the counts and sizes of the Region's billed resources."""
        return count_billed_resources(self.region_backend(region))

    def list_events(self) -> list[DrsEvent]:
        """Return the events that all Regions sent to EventBridge, in order of time."""
        return sorted((e for b in DRS.used_backends(self._account_id) for e in b.events), key=lambda e: e.at)

    # -- helpers -------------------------------------------------------------------------------------------------

    def _replicating_from(self, region: str) -> Iterator[tuple[DrsBackend, SourceServer]]:
        for backend in DRS.used_backends(self._account_id):
            for server in backend.servers.values():
                if server.origin.region == region:
                    yield backend, server

    def _find_server(self, server_id: str) -> tuple[DrsBackend, SourceServer]:
        for backend in DRS.used_backends(self._account_id):
            if server_id in backend.servers:
                return backend, backend.servers[server_id]
        raise KeyError(f"source server {server_id} does not exist in any Region")

"""The simulated DRS from outside its API: servers, outages, faults, and callbacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.conventions.quotas_and_timings import DrsQuotas, DrsTimings, total_gib
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

# Long enough for every daily snapshot of the default policy to exist when a world begins.
_PROTECTED_FOR = timedelta(days=8)


class DrsSimulator:
    """The simulated DRS of one account. Make it inside `mock_aws`, once per world; moto's reset forgets it all."""

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

    # -- building a world ----------------------------------------------------------------------------------------

    def initialise_region(self, region: str) -> None:
        """As `InitializeService`: without it every call there answers UninitializedAccountException."""
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
        synced: bool = True,
    ) -> SourceServer:
        """A server that `region` protects (and is initialised for): replicated for more than a week, or just begun.

        Raises ServiceQuotaExceededException over 300 (configurable) servers.
        """
        here, quota = self.region_backend(region), self._shared.quotas.replicating_servers
        here.initialised = True
        running = sum(s.replication.mode is ReplicationMode.RUNNING for s in here.servers.values())
        if running >= quota:
            raise drs_errors.ServiceQuotaExceededException(f"{running} of {quota} source servers replicate already")
        server = register_server(
            here,
            name=name,
            origin=Ec2InstanceRef(origin_region, origin_instance_id),
            tags=tags or {},
            disks_gib=disks_gib,
            steady_lag=timedelta(seconds=steady_lag_seconds),
            settings=launch or LaunchSettings(),
        )
        now = self._hooks.now()
        if synced:
            server.added_at = now - _PROTECTED_FOR
            server.replication.spans.append(ContinuousSpan(server.added_at, None, server.replication.steady_lag))
        else:
            seconds = self._shared.timings.initial_sync_seconds(total_gib(disks_gib), self._hooks)
            server.replication.start_sync(now, seconds, initial=True)
        if origin_region in self._shared.lost_regions:
            lose_agent_contact(here, server, f"region {origin_region}")
        return server

    def on_launched(self, callback: Callable[[LaunchedInstance], None]) -> None:
        """Called at the moment a recovered machine runs in EC2."""
        self._shared.on_launched.append(callback)

    def on_terminated(self, callback: Callable[[str, str], None]) -> None:
        """Called with Region and EC2 instance id when DRS has terminated an instance."""
        self._shared.on_terminated.append(callback)

    def on_event(self, callback: Callable[[DrsEvent], object]) -> None:
        """Called with each event that DRS hands to EventBridge, in every Region."""
        self._shared.on_event.append(callback)

    def on_copy_discarded(self, callback: Callable[[str, SourceServer, str], None]) -> None:
        """Called with Region, server and operation before a call gives up a copy and its points in time."""
        self._shared.on_copy_discarded.append(callback)

    @property
    def quotas(self) -> DrsQuotas:
        """What the simulated DRS allows."""
        return self._shared.quotas

    # -- what goes wrong, and right again ------------------------------------------------------------------------

    def lose_origin_region(self, region: str) -> None:
        """`region` goes dark: every server that replicates from it freezes now and is STALLED after 5 minutes."""
        self._shared.lost_regions.add(region)
        for here, server in self._replicating_from(region):
            lose_agent_contact(here, server, f"region {region}")

    def restore_origin_region(self, region: str) -> None:
        """`region` is back: its servers rescan, send their backlog, and are CONTINUOUS again."""
        self._shared.lost_regions.discard(region)
        for here, server in self._replicating_from(region):
            regain_agent_contact(here, server, f"region {region}")

    def stall_replication(self, server_id: str, reason: DataReplicationErrorStringType = "AGENT_NOT_SEEN") -> None:
        """Replication of one server stalls at once; `reason` is a `dataReplicationError` of the service model."""
        here, server = self._find_server(server_id)
        stall_replication(here, server, "stall", reason)

    def resume_replication(self, server_id: str) -> None:
        """Ends `stall`."""
        here, server = self._find_server(server_id)
        regain_agent_contact(here, server, "stall")

    def set_lag(self, server_id: str, seconds: float) -> None:
        """From now on the server's copy trails so far behind."""
        self._find_server(server_id)[1].replication.set_lag(timedelta(seconds=seconds), self._hooks.now())

    def fail_launch(self, server_id: str, raw_error: str, times: int | None = None) -> None:
        """The server's next launches (`times` of them, or all) fail with `raw_error` in the job's log."""
        self._find_server(server_id)[0].launch_failures[server_id] = InjectedLaunchFailure(raw_error, times)

    def throttle_operation(self, region: str, operation: str, times: int = 1, retry_after_seconds: int = 1) -> None:
        """The next `times` calls of `operation` (`StartRecovery`) there answer ThrottlingException."""
        self.region_backend(region).throttles.setdefault(operation, []).extend([retry_after_seconds] * times)

    # -- what is on the disks ------------------------------------------------------------------------------------

    def write_marker(self, region: str, ec2_instance_id: str, key: str, value: str) -> None:
        """Something is written on a running machine's disk; it is replicated like all its data, with the lag.

        A machine that is recovered from it holds exactly what was written until its `data_time`.
        Raises ValueError for an instance that does not run.
        """
        state = Ec2Instances(self._account_id, region).state(ec2_instance_id)
        if state != "RUNNING":
            raise ValueError(f"nothing can be written in {region} on {ec2_instance_id}: it is {state}")
        self._shared.disk_of(Ec2InstanceRef(region, ec2_instance_id)).write(self._hooks.now(), key, value)

    def read_markers(self, region: str, ec2_instance_id: str) -> dict[str, str]:
        """What `write_marker` and recoveries have put on an instance's disk, running or not."""
        return self._shared.disk_of(Ec2InstanceRef(region, ec2_instance_id)).contents()

    # -- looking -------------------------------------------------------------------------------------------------

    def region_backend(self, region: str) -> DrsBackend:
        """The backend of one Region, with its records."""
        return DRS.region(self._account_id, region)

    def servers(self, region: str) -> list[SourceServer]:
        """The Region's source servers."""
        return list(self.region_backend(region).servers.values())

    def jobs(self, region: str) -> list[Job]:
        """The Region's jobs, oldest first."""
        return list(self.region_backend(region).jobs.values())

    def recovery_instances(self, region: str) -> list[RecoveryInstance]:
        """The Region's recovery instances."""
        return list(self.region_backend(region).recovery_instances.values())

    def count_billed_resources(self, region: str) -> BilledResources:
        """What is left there now, and billed."""
        return count_billed_resources(self.region_backend(region))

    def list_events(self) -> list[DrsEvent]:
        """What all Regions handed to EventBridge, in order of time."""
        return sorted((e for here in DRS.used_backends(self._account_id) for e in here.events), key=lambda e: e.at)

    # -- inside --------------------------------------------------------------------------------------------------

    def _replicating_from(self, region: str) -> Iterator[tuple[DrsBackend, SourceServer]]:
        for here in DRS.used_backends(self._account_id):
            for server in here.servers.values():
                if server.origin.region == region:
                    yield here, server

    def _find_server(self, server_id: str) -> tuple[DrsBackend, SourceServer]:
        for here in DRS.used_backends(self._account_id):
            if server_id in here.servers:
                return here, here.servers[server_id]
        raise KeyError(f"no Region has the source server {server_id}")

"""`Drs`: what a world does to the simulated DRS from outside its API: servers, outages, faults, callbacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.backend import DRS, DrsBackend
from leeward.twin.aws.drs.contact import lose, lose_agent, regain
from leeward.twin.aws.drs.ec2 import Ec2
from leeward.twin.aws.drs.enrolment import enrol
from leeward.twin.aws.drs.leftovers import Leftovers, leftovers
from leeward.twin.aws.drs.limits import Quotas, Timings, total_gib
from leeward.twin.aws.drs.model import (
    DrsEvent,
    Job,
    LaunchedInstance,
    LaunchSettings,
    Origin,
    RecoveryInstance,
    SourceServer,
)
from leeward.twin.aws.drs.origins import follow
from leeward.twin.aws.drs.replication import Mode, Span
from leeward.twin.aws.drs.state import Failure
from leeward.twin.aws.seam import Seam

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import DataReplicationErrorStringType

# Long enough for every daily snapshot of the default policy to exist when a world begins.
_PROTECTED_SINCE = timedelta(days=8)


class Drs:
    """The simulated DRS of one account. Make it inside `mock_aws`, once per world; moto's reset forgets it all."""

    def __init__(
        self, seam: Seam, account_id: str = "123456789012", quotas: Quotas | None = None, timings: Timings | None = None
    ) -> None:
        self._account_id = account_id
        self._seam = seam
        self._shared = DRS.region(account_id, "us-east-1").shared
        self._shared.seam = seam
        self._shared.quotas = quotas or Quotas()
        self._shared.timings = timings or Timings()
        follow()

    # -- building a world ----------------------------------------------------------------------------------------

    def initialise(self, region: str) -> None:
        """As `InitializeService`: without it every call there answers UninitializedAccountException."""
        self.region(region).initialised = True

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
        here, quota = self.region(region), self._shared.quotas.replicating_servers
        here.initialised = True
        running = sum(s.replication.mode is Mode.RUNNING for s in here.servers.values())
        if running >= quota:
            raise errors.ServiceQuotaExceededException(f"{running} of {quota} source servers replicate already")
        server = enrol(
            here,
            name=name,
            origin=Origin(origin_region, origin_instance_id),
            tags=tags or {},
            disks_gib=disks_gib,
            steady_lag=timedelta(seconds=steady_lag_seconds),
            settings=launch or LaunchSettings(),
        )
        now = self._seam.now()
        if synced:
            server.added_at = now - _PROTECTED_SINCE
            server.replication.spans.append(Span(server.added_at, None, server.replication.steady_lag))
        else:
            seconds = self._shared.timings.initial_sync_seconds(total_gib(disks_gib), self._seam)
            server.replication.begin(now, seconds, initial=True)
        if origin_region in self._shared.lost_regions:
            lose_agent(here, server, f"region {origin_region}")
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

    def on_copy_ends(self, callback: Callable[[str, SourceServer, str], None]) -> None:
        """Called with Region, server and operation before a call gives up a copy and its points in time."""
        self._shared.on_copy_ends.append(callback)

    @property
    def quotas(self) -> Quotas:
        """What the simulated DRS allows."""
        return self._shared.quotas

    # -- what goes wrong, and right again ------------------------------------------------------------------------

    def origin_lost(self, region: str) -> None:
        """`region` goes dark: every server that replicates from it freezes now and is STALLED after 5 minutes."""
        self._shared.lost_regions.add(region)
        for here, server in self._replicating_from(region):
            lose_agent(here, server, f"region {region}")

    def origin_returned(self, region: str) -> None:
        """`region` is back: its servers rescan, send their backlog, and are CONTINUOUS again."""
        self._shared.lost_regions.discard(region)
        for here, server in self._replicating_from(region):
            regain(here, server, f"region {region}")

    def stall(self, server_id: str, reason: DataReplicationErrorStringType = "AGENT_NOT_SEEN") -> None:
        """Replication of one server stalls at once; `reason` is a `dataReplicationError` of the service model."""
        here, server = self._find(server_id)
        lose(here, server, "stall", reason)

    def heal(self, server_id: str) -> None:
        """Ends `stall`."""
        here, server = self._find(server_id)
        regain(here, server, "stall")

    def set_lag(self, server_id: str, seconds: float) -> None:
        """From now on the server's copy trails so far behind."""
        self._find(server_id)[1].replication.set_lag(timedelta(seconds=seconds), self._seam.now())

    def fail_launch(self, server_id: str, raw_error: str, times: int | None = None) -> None:
        """The server's next launches (`times` of them, or all) fail with `raw_error` in the job's log."""
        self._find(server_id)[0].failures[server_id] = Failure(raw_error, times)

    def throttle(self, region: str, operation: str, times: int = 1, retry_after_seconds: int = 1) -> None:
        """The next `times` calls of `operation` (`StartRecovery`) there answer ThrottlingException."""
        self.region(region).throttles.setdefault(operation, []).extend([retry_after_seconds] * times)

    # -- what is on the disks ------------------------------------------------------------------------------------

    def write_marker(self, region: str, ec2_instance_id: str, key: str, value: str) -> None:
        """Something is written on a running machine's disk; it is replicated like all its data, with the lag.

        A machine that is recovered from it holds exactly what was written until its `data_time`.
        Raises ValueError for an instance that does not run.
        """
        state = Ec2(self._account_id, region).state(ec2_instance_id)
        if state != "RUNNING":
            raise ValueError(f"nothing can be written in {region} on {ec2_instance_id}: it is {state}")
        self._shared.disk(Origin(region, ec2_instance_id)).write(self._seam.now(), key, value)

    def markers(self, region: str, ec2_instance_id: str) -> dict[str, str]:
        """What `write_marker` and recoveries have put on an instance's disk, running or not."""
        return self._shared.disk(Origin(region, ec2_instance_id)).contents()

    # -- looking -------------------------------------------------------------------------------------------------

    def region(self, region: str) -> DrsBackend:
        """The backend of one Region, with its records."""
        return DRS.region(self._account_id, region)

    def servers(self, region: str) -> list[SourceServer]:
        """The Region's source servers."""
        return list(self.region(region).servers.values())

    def jobs(self, region: str) -> list[Job]:
        """The Region's jobs, oldest first."""
        return list(self.region(region).jobs.values())

    def recovery_instances(self, region: str) -> list[RecoveryInstance]:
        """The Region's recovery instances."""
        return list(self.region(region).instances.values())

    def leftovers(self, region: str) -> Leftovers:
        """What is left there now, and billed."""
        return leftovers(self.region(region))

    def events(self) -> list[DrsEvent]:
        """What all Regions handed to EventBridge, in order of time."""
        return sorted((e for here in DRS.in_use(self._account_id) for e in here.events), key=lambda e: e.at)

    # -- inside --------------------------------------------------------------------------------------------------

    def _replicating_from(self, region: str) -> Iterator[tuple[DrsBackend, SourceServer]]:
        for here in DRS.in_use(self._account_id):
            for server in here.servers.values():
                if server.origin.region == region:
                    yield here, server

    def _find(self, server_id: str) -> tuple[DrsBackend, SourceServer]:
        for here in DRS.in_use(self._account_id):
            if server_id in here.servers:
                return here, here.servers[server_id]
        raise KeyError(f"no Region has the source server {server_id}")

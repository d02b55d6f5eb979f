"""`Drs`: what a world does to the simulated DRS from outside its API: servers, outages, faults, callbacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from twin.aws.drs import errors
from twin.aws.drs.backend import DRS, DrsBackend
from twin.aws.drs.enrolment import enrol
from twin.aws.drs.limits import Quotas, Timings, total_gib
from twin.aws.drs.model import DrsEvent, Job, LaunchedInstance, LaunchSettings, Origin, RecoveryInstance, SourceServer
from twin.aws.drs.replication import Loss, Mode, Span
from twin.aws.drs.state import Failure
from twin.aws.seam import Seam

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import DataReplicationErrorStringType

# Long enough for every daily snapshot of the default policy to exist when a world begins.
_PROTECTED_SINCE = timedelta(days=8)
_STALLED_EVENT = "DRS Source Server Data Replication Stalled Change"


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
            self._lose(here, server, f"region {origin_region}", "AGENT_NOT_SEEN", shown_after=self._stalled_after)
        return server

    def on_launched(self, callback: Callable[[LaunchedInstance], None]) -> None:
        """Called at the moment a recovered machine runs in EC2."""
        self._shared.on_launched.append(callback)

    def on_terminated(self, callback: Callable[[str, str], None]) -> None:
        """Called with Region and EC2 instance id when DRS has terminated an instance."""
        self._shared.on_terminated.append(callback)

    # -- what goes wrong, and right again ------------------------------------------------------------------------

    def origin_lost(self, region: str) -> None:
        """`region` goes dark: every server that replicates from it freezes now and is STALLED after 5 minutes."""
        self._shared.lost_regions.add(region)
        for here, server in self._replicating_from(region):
            self._lose(here, server, f"region {region}", "AGENT_NOT_SEEN", shown_after=self._stalled_after)

    def origin_returned(self, region: str) -> None:
        """`region` is back: its servers rescan, send their backlog, and are CONTINUOUS again."""
        self._shared.lost_regions.discard(region)
        for here, server in self._replicating_from(region):
            self._regain(here, server, f"region {region}")

    def stall(self, server_id: str, reason: DataReplicationErrorStringType = "AGENT_NOT_SEEN") -> None:
        """Replication of one server stalls at once; `reason` is a `dataReplicationError` of the service model."""
        here, server = self._find(server_id)
        self._lose(here, server, "stall", reason, shown_after=timedelta(0))

    def heal(self, server_id: str) -> None:
        """Ends `stall`."""
        here, server = self._find(server_id)
        self._regain(here, server, "stall")

    def set_lag(self, server_id: str, seconds: float) -> None:
        """From now on the server's copy trails so far behind."""
        self._find(server_id)[1].replication.set_lag(timedelta(seconds=seconds), self._seam.now())

    def fail_launch(self, server_id: str, raw_error: str, times: int | None = None) -> None:
        """The server's next launches (`times` of them, or all) fail with `raw_error` in the job's log."""
        self._find(server_id)[0].failures[server_id] = Failure(raw_error, times)

    def throttle(self, region: str, operation: str, times: int = 1, retry_after_seconds: int = 1) -> None:
        """The next `times` calls of `operation` (`StartRecovery`) there answer ThrottlingException."""
        self.region(region).throttles.setdefault(operation, []).extend([retry_after_seconds] * times)

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

    def events(self) -> list[DrsEvent]:
        """What all Regions handed to EventBridge, in order of time."""
        return sorted((e for here in DRS.in_use(self._account_id) for e in here.events), key=lambda e: e.at)

    # -- inside --------------------------------------------------------------------------------------------------

    @property
    def _stalled_after(self) -> timedelta:
        return timedelta(seconds=self._shared.timings.stalled_after)

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

    def _lose(
        self,
        here: DrsBackend,
        server: SourceServer,
        reason: str,
        error: DataReplicationErrorStringType,
        shown_after: timedelta,
    ) -> None:
        now = self._seam.now()
        loss = Loss(now, now + shown_after, error)
        server.replication.lose(reason, loss)

        def tell() -> None:
            if server.replication.losses.get(reason) is loss and server.replication.mode is Mode.RUNNING:
                here.emit(_STALLED_EVENT, server.arn, state="STALLED")

        if shown_after:
            self._seam.later(shown_after.total_seconds(), tell, f"drs {server.server_id}")
        else:
            tell()

    def _regain(self, here: DrsBackend, server: SourceServer, reason: str) -> None:
        if reason not in server.replication.losses:
            return
        now = self._seam.now()
        outage = (now - server.replication.last_seen(now)).total_seconds()
        was_stalled = server.replication.error(now) is not None
        seconds = self._shared.timings.rescan_seconds(total_gib(server.disks_gib), outage, self._seam)
        if server.replication.regain(reason, now, seconds) and was_stalled:
            here.emit(_STALLED_EVENT, server.arn, state="NOT_STALLED")

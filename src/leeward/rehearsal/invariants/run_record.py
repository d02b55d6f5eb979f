"""Contains the records that invariants read: the calls, launches, client requests, and outages of one rehearsal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.results.result_models import ExecutionOutcome, LostWriteReport, RunStepStatus
from leeward.twin.aws.drs import DrsQuotas
from leeward.twin.interception import AwsCall


@dataclass(frozen=True, slots=True)
class LaunchRecord:
    """The launch of one server in `region`, successful or not.

    `server` is the server's name. `job` is the DRS job, or the EC2 instance that another call launched for the server.
    `run` is the job's tag. `terminated_at` is when its termination was requested, or None.
    """

    server: str
    region: str
    job: str
    run: str | None
    launched_at: datetime
    succeeded: bool
    terminated_at: datetime | None = None


class RoutingCause(StrEnum):
    """What changed: the state of a routing control, a DNS record, or only the status of a health check."""

    CONTROLS = "routing controls"
    RECORDS = "records"
    HEALTH = "health checks"


@dataclass(frozen=True, slots=True)
class RoutingChange:
    """A change that DNS answers follow, from `previous_regions` to `regions`. Both can be equal.

    The Regions in `serving` pass their checks at that time.
    """

    at: datetime
    regions: frozenset[str]
    serving: frozenset[str]
    previous_regions: frozenset[str] = frozenset()
    cause: RoutingCause = RoutingCause.CONTROLS

    @property
    def is_forced(self) -> bool:
        """Return whether health checks left only Regions that no longer served. Then no run moved the clients."""
        left = self.previous_regions - self.regions
        return self.cause is RoutingCause.HEALTH and not left & self.serving


@dataclass(frozen=True, slots=True)
class FencedInterval:
    """A period in which the API of `region` may acknowledge no write. `until` is None while it lasts."""

    region: str
    since: datetime
    until: datetime | None = None

    def covers(self, at: datetime) -> bool:
        """Return whether the fence is closed at this time."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class AcknowledgedWrite:
    """A client's write: when it was sent, and the Region that acknowledged it."""

    at: datetime
    region: str


@dataclass(frozen=True, slots=True)
class ExpectedLaunch:
    """A server, by name, that the runbook launches in `region`."""

    server: str
    region: str


@dataclass(frozen=True, slots=True)
class TimedPart:
    """A step, a state, or a question of the run: how long it took, and how long it may take. Seconds."""

    name: str
    seconds: float
    limit_seconds: float


@dataclass(frozen=True, slots=True)
class UnprotectedMachine:
    """A machine that served while no other Region held a copy of it to recover from.

    `until` is None while the machine is unprotected. `reported` is true if a run's journal reports the machine.
    """

    machine: str
    region: str
    since: datetime
    until: datetime | None
    reported: bool


@dataclass(frozen=True, slots=True)
class RecoveryJobSpan:
    """The start and end of a DRS job. `ended_at` is None while the job runs."""

    id: str
    region: str
    began_at: datetime
    ended_at: datetime | None
    servers: int
    of_run: bool = True  # whether the run started it


@dataclass(frozen=True, slots=True)
class DestroyedCopy:
    """A call that deleted a copy of a machine and its point-in-time snapshots.

    `replaced` is true if another source server held a copy of the serving machine at that time.
    """

    at: datetime
    operation: str
    machine: str
    region: str
    replaced: bool


@dataclass(frozen=True, slots=True)
class CreatedResource:
    """A recovery instance or source server that the run created and that still exists.

    `in_use` is true if it serves clients or protects a serving machine. `listed` is true if the run's journal names it.
    """

    kind: str
    id: str
    server: str
    region: str
    in_use: bool
    listed: bool


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """One claim of a step, as text, and what is wrong with it, or None."""

    step: str
    text: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class ObservedStep:
    """The final status of a runbook step, according to the execution history."""

    name: str
    status: RunStepStatus


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything that was observed of one run, from `trouble_started_at` on.

    `serving_region_at_start` is the Region that served clients when the run began. `region_outages` lists each Region
    outage: the Region, the start, and the end, which is None until the outage ends.
    """

    origin: str
    target: str
    serving_region_at_start: str
    trouble_started_at: datetime
    started_at: datetime
    ended_at: datetime
    declared_seconds: float  # how long the run may take according to its document, apart from open questions
    moves_users: bool
    outcome: ExecutionOutcome
    cause: str | None
    requests: Sequence[ClientRequest]
    calls: Sequence[AwsCall]
    launches: Sequence[LaunchRecord]
    routing_changes: Sequence[RoutingChange]
    region_outages: Sequence[tuple[str, datetime, datetime | None]]
    expected_launches: frozenset[ExpectedLaunch]  # the servers that the runbook launches
    unprotected_machines: Sequence[UnprotectedMachine]
    unprotected_seconds: int | None  # the objective: the longest time that a machine may serve without a copy
    reported_outcome: str | None  # the outcome in the evidence, which the report and the board show
    is_drill: bool = False  # according to its document
    questions_seconds: float = 0.0  # how long the run waited for answers of operators
    interrupted_seconds: float = 0.0  # how long the run had ended before it was redriven
    timed_parts: Sequence[TimedPart] = ()  # the path taken, and the limit of each part
    longest_seconds: int | None = None  # the longest path through the machine, without operator retries
    operator_retries: int = 0  # how often an operator chose to retry a step
    steps: Sequence[ObservedStep] = ()
    admitted_failures: frozenset[ExpectedLaunch] = frozenset()  # launches that a failure in the journal names
    launches_taken_over: Sequence[LaunchRecord] = ()  # by the runs that this run took over from
    reported_steps: frozenset[str] = frozenset()  # the steps that were reached, according to the evidence
    began_recorded: bool = True  # the journal contains the start of the run
    lock_held_by: str | None = None  # the run that holds the lock at the end, read from the standby Region's table
    took_lock: bool = False
    run_id: str = ""
    jobs: Sequence[RecoveryJobSpan] = ()
    quotas: DrsQuotas = field(default_factory=DrsQuotas)
    destroyed_copies: Sequence[DestroyedCopy] = ()
    created_resources: Sequence[CreatedResource] = ()  # those that still exist
    created: int = 0  # how many resources the run created, removed ones included
    active_active: bool = False  # both Regions accept writes
    expected_serving_regions: frozenset[str] | None = None  # the Regions that may serve clients after success
    lost_writes: Sequence[LostWriteReport] | None = None  # lost acknowledged writes; None if writes are not audited
    regions_at_end: frozenset[str] = frozenset()  # where DNS leads clients at the end
    settled_regions: frozenset[str] = frozenset()  # the same after the last run that succeeded, or at the start
    serving_at_end: frozenset[str] = frozenset()
    acknowledged_writes: int = 0  # how many writes were acknowledged, if writes are audited
    acknowledgements: Sequence[AcknowledgedWrite] = ()  # the writes that were sent and acknowledged during the run
    fenced_intervals: Sequence[FencedInterval] = ()
    watched_machines: frozenset[str] = frozenset()  # the machines that served clients during the run
    lag_seconds: float = 0.0  # the slowest replication of a write to the other Region
    denied_calls: Sequence[str] = ()  # the calls that the role of their task did not allow
    claims: Sequence[CheckedClaim] = ()  # what the steps claim, compared with the world
    planned: bool = False  # the run responds to no incident, as a failback or a drill does
    # where and when a service failed that the application itself calls to answer its clients; None: for good
    application_outages: Sequence[tuple[str, datetime, datetime | None]] = ()
    lost_server_data_seconds: float | None = None  # data that the servers of a planned move lack; None if not measured

    @property
    def is_planned_move(self) -> bool:
        """Return whether the run moves users although nothing failed before. It can wait, so it may lose nothing."""
        return self.planned and self.moves_users

    @property
    def servers(self) -> frozenset[str]:
        """Return the names of the servers that the runbook launches."""
        return frozenset(launch.server for launch in self.expected_launches)

    @property
    def present_servers(self) -> frozenset[ExpectedLaunch]:
        """Return the servers that the run, or the run that it took over from, launched."""
        return frozenset(
            ExpectedLaunch(launch.server, launch.region)
            for launch in (*self.launches, *self.launches_taken_over)
            if launch.succeeded
        )

    def failed_during_run(self, region: str) -> bool:
        """Return whether an outage of `region`, or of what the application needs there, began during the run.

        The run could not know of it before.
        """
        outages = (*self.region_outages, *self.application_outages)
        return any(name == region and since >= self.started_at for name, since, _ in outages)

    @property
    def regions_to_serve(self) -> frozenset[str]:
        """Return the Regions that should serve every client after the run has succeeded."""
        return self.expected_serving_regions or frozenset(
            {self.target if self.moves_users else self.serving_region_at_start}
        )

"""Contains the records that invariants read: the calls, launches, client requests, and outages of one rehearsal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.results.result_models import ExecutionOutcome, LostWriteReport, RunStepStatus
from leeward.twin.aws.drs import DrsQuotas
from leeward.twin.interception import AwsCall


@dataclass(frozen=True, slots=True)
class LaunchRecord:
    """The launch of one server in `region` by one recovery job, successful or not.

    `server` is the server's name. `terminated_at` is when its termination was requested, or None.
    """

    server: str
    region: str
    job: str
    run: str | None
    launched_at: datetime
    succeeded: bool
    terminated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoutingChange:
    """A change of the Regions that DNS routes clients to: from `previous_regions` to `regions`.

    The Regions in `serving` pass their checks at that time.
    """

    at: datetime
    regions: frozenset[str]
    serving: frozenset[str]
    previous_regions: frozenset[str] = frozenset()


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
    timeout_seconds: int
    moves_users: bool
    outcome: ExecutionOutcome
    journal_text: str  # the details of all journal entries, the summary included
    cause: str | None
    requests: Sequence[ClientRequest]
    calls: Sequence[AwsCall]
    launches: Sequence[LaunchRecord]
    routing_changes: Sequence[RoutingChange]
    region_outages: Sequence[tuple[str, datetime, datetime | None]]
    servers: frozenset[str]  # the names of the servers that the runbook launches
    unprotected_machines: Sequence[UnprotectedMachine]
    unprotected_seconds: int | None  # the objective: the longest time that a machine may serve without a copy
    reported_outcome: str | None  # the outcome in the evidence, which the report and the board show
    longest_seconds: int | None = None  # the longest path through the machine, without operator retries
    operator_retries: int = 0  # how often an operator chose to retry a step
    steps: Sequence[ObservedStep] = ()
    reported_steps: frozenset[str] = frozenset()  # the steps that were reached, according to the evidence
    began_recorded: bool = True  # the journal contains the start of the run
    lock_held_by: str | None = None  # the run that holds the lock at the end, read from the standby Region's table
    took_lock: bool = False
    run_id: str = ""
    jobs: Sequence[RecoveryJobSpan] = ()
    quotas: DrsQuotas = field(default_factory=DrsQuotas)
    destroyed_copies: Sequence[DestroyedCopy] = ()
    created_resources: Sequence[CreatedResource] = ()
    active_active: bool = False  # both Regions accept writes
    expected_serving_regions: frozenset[str] | None = None  # the Regions that may serve clients after success
    lost_writes: Sequence[LostWriteReport] | None = None  # lost acknowledged writes; None if writes are not audited
    acknowledged_writes: int = 0  # how many writes were acknowledged, if writes are audited
    watched_machines: frozenset[str] = frozenset()  # the machines that served clients during the run
    lag_seconds: float = 0.0  # the slowest replication of a write to the other Region
    denied_calls: Sequence[str] = ()  # the calls that the role of their task did not allow
    claims: Sequence[CheckedClaim] = ()  # what the steps claim, compared with the world
    planned: bool = False  # the run responds to no incident, as a failback or a drill does
    lost_server_data_seconds: float | None = None  # data that the servers of a planned move lack; None if not measured

    @property
    def is_planned_move(self) -> bool:
        """Return whether the run moves users although nothing failed before. It can wait, so it may lose nothing."""
        return self.planned and self.moves_users

    @property
    def regions_to_serve(self) -> frozenset[str]:
        """Return the Regions that should serve every client after the run has succeeded."""
        return self.expected_serving_regions or frozenset(
            {self.target if self.moves_users else self.serving_region_at_start}
        )

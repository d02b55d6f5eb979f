"""What an invariant may look at: everything that was observed in one rehearsal."""

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
    """One server, by name, that one recovery job launched in `region`, or did not. `ended_at` is when its termination
    was asked for, None where it was not."""

    server: str
    region: str
    job: str
    run: str | None
    launched_at: datetime
    succeeded: bool
    terminated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RoutingChange:
    """A change of where DNS sends the users: to `regions`, and `before` it to those; `serving` pass their checks."""

    at: datetime
    regions: frozenset[str]
    serving: frozenset[str]
    previous_regions: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class UnprotectedMachine:
    """A machine that served while no other Region held a copy of it to recover from; `told` when the run's journal
    says since when. `until` is None while it lasts."""

    machine: str
    region: str
    since: datetime
    until: datetime | None
    reported: bool


@dataclass(frozen=True, slots=True)
class RecoveryJobSpan:
    """A job of DRS, from its beginning to its end (None: it has not ended)."""

    id: str
    region: str
    began_at: datetime
    ended_at: datetime | None
    servers: int


@dataclass(frozen=True, slots=True)
class DestroyedCopy:
    """A call that gave up a copy of a machine, with its points in time; `replaced` when at that instant another source
    server held a copy of the machine of that name which served."""

    at: datetime
    operation: str
    machine: str
    region: str
    replaced: bool


@dataclass(frozen=True, slots=True)
class CreatedResource:
    """Something that the run made and that is still there: a recovery instance, a source server. `in_use`: it serves,
    or protects what serves; `listed`: the run's journal names it."""

    kind: str
    id: str
    server: str
    region: str
    in_use: bool
    listed: bool


@dataclass(frozen=True, slots=True)
class ObservedStep:
    """Where a step of the runbook stood at the end, by the execution's history."""

    name: str
    status: RunStepStatus


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run, as observed from `since` on.

    `home` is the Region that served users when it began. `dark` lists each dark Region with its first and last moment.
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
    journal_text: str  # what the run itself says, its journal's end included
    cause: str | None
    requests: Sequence[ClientRequest]
    calls: Sequence[AwsCall]
    launches: Sequence[LaunchRecord]
    routing_changes: Sequence[RoutingChange]
    region_outages: Sequence[tuple[str, datetime, datetime | None]]
    servers: frozenset[str]  # the names of those that the runbook launches
    unprotected_machines: Sequence[UnprotectedMachine]
    unprotected_seconds: int | None  # the objective: how long a machine may serve without a copy
    reported_outcome: str | None  # the outcome by the evidence made of the journal: what the report and the board show
    # The longest that a run can take by itself, computed from the machine; and how often a person asked for more.
    longest_seconds: int | None = None
    operator_retries: int = 0
    steps: Sequence[ObservedStep] = ()
    reported_steps: frozenset[str] = frozenset()  # the steps that the evidence says were reached
    began_recorded: bool = True  # the journal holds the run's beginning
    lock_held_by: str | None = None  # in the end, at the lock's home
    took_lock: bool = False
    run_id: str = ""
    jobs: Sequence[RecoveryJobSpan] = ()
    quotas: DrsQuotas = field(default_factory=DrsQuotas)
    destroyed_copies: Sequence[DestroyedCopy] = ()
    created_resources: Sequence[CreatedResource] = ()
    active_active: bool = False  # both Regions may write
    expected_serving_regions: frozenset[str] | None = None  # the Regions in which users may be when a run has succeeded
    lost_writes: Sequence[LostWriteReport] | None = (
        None  # acknowledged writes that are gone; None where none are counted
    )
    lag_seconds: float = 0.0  # how long a write is on its way to the other Region

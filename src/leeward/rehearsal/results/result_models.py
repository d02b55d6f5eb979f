"""The result of a rehearsal: one document, the same for the screen, for `--json` and for a test."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class ExecutionOutcome(StrEnum):
    """How a run ended, in Step Functions' own words."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    ABORTED = "aborted"


class RunStepStatus(StrEnum):
    """Where a step stands."""

    NOT_REACHED = "not reached"
    RUNNING = "running"
    ASKING = "asking"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class _ResultModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RehearsalObjective(_ResultModel):
    """An objective held against what was measured, both in seconds; `measured_seconds` is None when there is nothing
    to measure (no user was ever served by the target, no server was recovered), and then it is not met."""

    objective_seconds: int
    measured_seconds: float | None
    met: bool

    @classmethod
    def from_measurement(cls, objective_seconds: int, measured_seconds: float | None) -> RehearsalObjective:
        met = measured_seconds is not None and measured_seconds <= objective_seconds
        return cls(objective_seconds=objective_seconds, measured_seconds=measured_seconds, met=met)


class StepPartReport(_ResultModel):
    """One group of servers inside a step that acts on several side by side."""

    name: str
    status: RunStepStatus
    started_at: datetime | None
    ended_at: datetime | None
    detail: str


class StepReport(_ResultModel):
    """One step of the run."""

    name: str
    kind: str
    status: RunStepStatus
    attempts: int
    started_at: datetime | None
    ended_at: datetime | None
    detail: str
    parts: list[StepPartReport] = []


class ClientsReport(_ResultModel):
    """What the users saw. Downtime is the time in which at least one user's latest request had failed."""

    requests: int
    failed: int
    downtime_seconds: float


class LostWriteReport(_ResultModel):
    """An acknowledged write that no Region which can be reached holds. `before_incident_seconds` is how long before the
    incident it was acknowledged, in `region`."""

    number: int
    region: str
    acknowledged_at: datetime
    before_incident_seconds: float


class WritesReport(_ResultModel):
    """The users' numbered writes, counted exactly. `duplicated` are those that became two things, `diverged` those that
    the replicas, all of them reachable, do not hold alike; `overwritten` counts items that one Region's write replaced
    without having seen the other's; `unseen_reads` are reads that came before the write had been replicated."""

    sent: int
    acknowledged: int
    acknowledged_by: dict[str, int]
    lost: list[LostWriteReport]
    duplicated: list[int]
    diverged: list[int]
    overwritten: int
    unseen_reads: int


class MeasuredUsage(_ResultModel):
    """What the run would have used on AWS."""

    state_transitions: int
    lambda_invocations: int
    api_calls: dict[str, int]


class InvariantReport(_ResultModel):
    """A promise, whether it held over the whole rehearsal, and what was seen."""

    name: str
    held: bool
    detail: str


class TriggerEvent(_ResultModel):
    """One thing that happened between the trouble and the run's start, in plain words."""

    at: datetime
    what: str


class TriggerReport(_ResultModel):
    """How the run was started: `console`, `alarm` or `schedule`, through what the templates deploy."""

    kind: str
    path: list[TriggerEvent]


class RehearsalResult(_ResultModel):
    """One rehearsal, whole. Times are UTC on the virtual clock."""

    application: str
    runbook: str
    scenario: str
    seed: int
    run: str
    outcome: ExecutionOutcome
    error: str | None
    cause: str | None
    incident_at: datetime
    started_at: datetime
    ended_at: datetime
    rto: RehearsalObjective
    rpo: RehearsalObjective
    steps: list[StepReport]
    clients: ClientsReport
    usage: MeasuredUsage
    invariants: list[InvariantReport]
    history: str
    evidence: str = ""
    routing: str | None = None
    writes: WritesReport | None = None
    trigger: TriggerReport | None = None

    @property
    def passed(self) -> bool:
        """Success, every objective met, every invariant held."""
        objectives_met = self.rto.met and self.rpo.met
        return self.outcome is ExecutionOutcome.SUCCEEDED and objectives_met and all(i.held for i in self.invariants)


class LiveViewFrame(_ResultModel):
    """One instant of a rehearsal under way, for a live view. `users` counts the users by the Region that served their
    latest request; the key `nobody` counts those whose latest request failed."""

    application: str
    runbook: str
    origin: str
    target: str
    at: datetime
    incident_at: datetime
    started_at: datetime | None
    rto_seconds: int
    steps: list[StepReport]
    users: dict[str, int]
    note: str
    where: str = "rehearsal on the twin"


class RoundReport(_ResultModel):
    """One failover and the way back. `differences` are the fields in which the world then is not what it was before
    the first round; `dollars_a_month` is what each Region costs as it was left."""

    number: int
    runs: list[RehearsalResult]
    differences: list[str]
    dollars_a_month: dict[str, float]

    @property
    def passed(self) -> bool:
        """Both runs passed, and all is as it was."""
        return all(run.passed for run in self.runs) and not self.differences


class RoundsResult(_ResultModel):
    """Several rounds in one world."""

    application: str
    scenario: str
    seed: int
    asked: int
    rounds: list[RoundReport]

    @property
    def passed(self) -> bool:
        """Every round that was asked for passed."""
        return len(self.rounds) == self.asked and all(each.passed for each in self.rounds)

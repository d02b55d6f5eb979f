"""Models of a rehearsal's result, which the terminal output, `--json`, and the tests share."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class ExecutionOutcome(StrEnum):
    """How an execution ended: the statuses of Step Functions in lowercase."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    ABORTED = "aborted"


class RunStepStatus(StrEnum):
    """The status of a step or of a part of a step."""

    NOT_REACHED = "not reached"
    RUNNING = "running"
    ASKING = "asking"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


class _ResultModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RehearsalObjective(_ResultModel):
    """An objective (RTO or RPO) and the measured value, both in seconds.

    `measured_seconds` is None if there is nothing to measure: the target never served a user, or no server was
    recovered. The objective is not met then.
    """

    objective_seconds: int
    measured_seconds: float | None
    met: bool

    @classmethod
    def from_measurement(cls, objective_seconds: int, measured_seconds: float | None) -> RehearsalObjective:
        """Return the objective, which is met if the measured value exists and doesn't exceed it."""
        met = measured_seconds is not None and measured_seconds <= objective_seconds
        return cls(objective_seconds=objective_seconds, measured_seconds=measured_seconds, met=met)


class StepPartReport(_ResultModel):
    """One server group of a step that acts on several groups in parallel."""

    name: str
    status: RunStepStatus
    started_at: datetime | None
    ended_at: datetime | None
    detail: str


class StepReport(_ResultModel):
    """One step of a run."""

    name: str
    kind: str
    status: RunStepStatus
    attempts: int
    started_at: datetime | None
    ended_at: datetime | None
    detail: str
    parts: list[StepPartReport] = []


class LaunchTimeReport(_ResultModel):
    """How long the slowest launch of a server group took, in seconds, and the size of that server's disks.

    `assumed` says that the duration rests on assumptions about disk sizes, not on the times in `world.yaml`.
    """

    group: str
    seconds: float
    disks_gib: int
    assumed: bool


class ClientsReport(_ResultModel):
    """The users' requests. Downtime is the time in which the latest request of at least one user had failed."""

    requests: int
    failed: int
    downtime_seconds: float


class LostWriteReport(_ResultModel):
    """An acknowledged write that no reachable Region has.

    `region` acknowledged the write `before_incident_seconds` before the incident.
    """

    number: int
    region: str
    acknowledged_at: datetime
    before_incident_seconds: float


class WritesReport(_ResultModel):
    """The exact counts of the users' numbered writes.

    - `duplicated`: writes that created two items.
    - `diverged`: writes that differ between the replicas while all replicas are reachable.
    - `overwritten`: how many items a Region replaced without having seen the other Region's write.
    - `unseen_reads`: how many reads came before the write had been replicated.
    """

    sent: int
    acknowledged: int
    acknowledged_by: dict[str, int]
    lost: list[LostWriteReport]
    duplicated: list[int]
    diverged: list[int]
    overwritten: int
    unseen_reads: int


class MeasuredUsage(_ResultModel):
    """The AWS usage that the run would have had."""

    state_transitions: int
    lambda_invocations: int
    api_calls: dict[str, int]


class InvariantReport(_ResultModel):
    """An invariant, whether it held throughout the rehearsal, and the observed detail."""

    name: str
    held: bool
    detail: str


class TriggerEvent(_ResultModel):
    """One event between the incident and the start of the run, as text."""

    at: datetime
    what: str


class TriggerReport(_ResultModel):
    """How the run was started (`console`, `alarm`, or `schedule`), and the events that led to it."""

    kind: str
    path: list[TriggerEvent]


class RehearsalResult(_ResultModel):
    """The complete result of one rehearsal. Times are UTC on the virtual clock."""

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
    launch_times: list[LaunchTimeReport] = []

    @property
    def passed(self) -> bool:
        """Return whether the run succeeded, both objectives are met, and all invariants held."""
        objectives_met = self.rto.met and self.rpo.met
        return self.outcome is ExecutionOutcome.SUCCEEDED and objectives_met and all(i.held for i in self.invariants)


class LiveViewFrame(_ResultModel):
    """One instant of a running rehearsal, for the live view.

    `users` counts the users by the Region that served their latest request. The key `nobody` counts the users whose
    latest request failed.
    """

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
    """One failover and the failback that follows it.

    `differences` lists the fields that differ from the world before the first round. `dollars_a_month` is the monthly
    cost of the remaining resources in each Region.
    """

    number: int
    runs: list[RehearsalResult]
    differences: list[str]
    dollars_a_month: dict[str, float]

    @property
    def passed(self) -> bool:
        """Return whether both runs passed and the world has its initial state."""
        return all(run.passed for run in self.runs) and not self.differences


class RoundsResult(_ResultModel):
    """The result of several rounds in one world. `asked` is the requested number of rounds."""

    application: str
    scenario: str
    seed: int
    asked: int
    rounds: list[RoundReport]

    @property
    def passed(self) -> bool:
        """Return whether all requested rounds ran and passed."""
        return len(self.rounds) == self.asked and all(each.passed for each in self.rounds)

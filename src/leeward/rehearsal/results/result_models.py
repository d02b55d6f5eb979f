"""Models of a rehearsal's result, which the terminal output, `--json`, and the tests share."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from leeward.rehearsal.results.objectives import RehearsalObjective
from leeward.rehearsal.results.reports.invariant_report import InvariantReports
from leeward.rehearsal.results.reports.prerequisite_report import PrerequisiteReport
from leeward.rehearsal.results.reports.usage_report import MeasuredUsage


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
    """What the users saw, from the incident or the start of the run until the end of the rehearsal.

    - `downtime_seconds`: how long at least one user was without service, from a failed request to that user's next
      successful response. None if no user sent a request.
    - `clients`: how many users the application has.
    - `moved`: how many of them the expected Regions serve at the end. None if the run moves no users.
    - `served_since`: since when the expected Regions have served every user, or None if they don't.
    """

    requests: int
    failed: int
    downtime_seconds: float | None
    clients: int | None = None
    moved: int | None = None
    served_since: datetime | None = None


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


class TriggerEvent(_ResultModel):
    """One event between the incident and the start of the run, as text."""

    at: datetime
    what: str


class TriggerReport(_ResultModel):
    """How the run was started (`console`, `alarm`, or `schedule`), and the events that led to it."""

    kind: str
    path: list[TriggerEvent]


class RehearsalResult(_ResultModel):
    """The complete result of one rehearsal. Times are UTC on the virtual clock.

    `incident_at` is None if the run responds to no incident, as a drill or a planned move does. `prerequisites` are the
    runs that were played before this one. The rehearsal passes only if they pass too.
    """

    application: str
    runbook: str
    scenario: str
    seed: int
    run: str
    outcome: ExecutionOutcome
    error: str | None
    cause: str | None
    incident_at: datetime | None
    started_at: datetime
    ended_at: datetime
    rto: RehearsalObjective
    rpo: RehearsalObjective
    steps: list[StepReport]
    clients: ClientsReport
    usage: MeasuredUsage
    invariants: InvariantReports
    history: str
    evidence: str = ""
    routing: str | None = None
    writes: WritesReport | None = None
    trigger: TriggerReport | None = None
    launch_times: list[LaunchTimeReport] = []
    prerequisites: list[PrerequisiteReport] = []

    @property
    def failed_step(self) -> StepReport | None:
        """Return the step at which the run ended: the last failed step, or else the running step."""
        for wanted in ((RunStepStatus.FAILED,), (RunStepStatus.RUNNING, RunStepStatus.ASKING)):
            steps = [step for step in self.steps if step.status in wanted]
            if steps:
                return steps[-1]
        return None

    @property
    def unmet_steps(self) -> list[StepReport]:
        """Return the steps that failed or were skipped, although the run went on. A successful run can have some."""
        return [step for step in self.steps if step.status in (RunStepStatus.FAILED, RunStepStatus.SKIPPED)]

    @property
    def passed(self) -> bool:
        """Return whether the run and those before it succeeded, and no objective, invariant, or step shows a problem.

        An objective that could not be measured and an invariant that doesn't apply show no problem. A step that failed
        or was skipped does, because the rehearsal doesn't prove what the step would have done.
        """
        return (
            self.outcome is ExecutionOutcome.SUCCEEDED
            and not (self.rto.missed or self.rpo.missed)
            and not any(invariant.violated for invariant in self.invariants)
            and not self.unmet_steps
            and all(earlier.passed for earlier in self.prerequisites)
        )


class LiveViewFrame(_ResultModel):
    """One instant of a running rehearsal, for the live view.

    `users` counts the users by the Region that served their latest request. The key `nobody` counts the users whose
    latest request failed. `incident` is false if the scenario breaks no service: `incident_at` is then the start.
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
    incident: bool = True
    where: str = "rehearsal on the twin"


class RoundReport(_ResultModel):
    """One failover and the failback that follows it.

    `differences` lists the fields that differ from the world before the first round. `dollars_a_month` is the monthly
    cost of the remaining resources in each Region. `stopped` says why the failback was not played, if it wasn't.
    """

    number: int
    runs: list[RehearsalResult]
    differences: list[str]
    dollars_a_month: dict[str, float]
    stopped: str = ""

    @property
    def passed(self) -> bool:
        """Return whether both runs passed and the world has its initial state."""
        return all(run.passed for run in self.runs) and not self.differences and not self.stopped


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

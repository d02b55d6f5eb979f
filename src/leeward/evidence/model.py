"""The data model of the evidence. Times are UTC, durations are in seconds, and unknown values are None, never 0."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leeward.control.journal.hash_chain import ChainedEntry
from leeward.control.notifications.unsent_messages import UnsentMessage


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class EvidenceStepStatus(StrEnum):
    """How a step, or a part of one, ended."""

    DONE = "done"
    FAILED = "failed"
    PASSED_OVER = "passed over"
    UNDONE = "undone"
    UNFINISHED = "begun, not finished"
    NOT_REACHED = "not reached"


class MeasurementStatus(StrEnum):
    """Whether there is a measured value, and if not, whether that means that the objective is missed."""

    MEASURED = "measured"
    NOT_MEASURED = "not measured"
    """There was nothing to measure, which says nothing about the objective."""
    NEVER_REACHED = "never reached"
    """What the objective demands did not happen in the observed time, so the objective is missed."""


class MeasuredObjective(_Model):
    """An objective and the measured value.

    `basis` describes what was measured. `reason` says why there is no measured value, or explains the value.
    Evidence written by version 0.1 has no `status`: without a measured value, it doesn't say why.
    """

    objective_seconds: int
    measured_seconds: float | None
    met: bool
    basis: str
    status: MeasurementStatus | None = None
    reason: str = ""

    @property
    def missed(self) -> bool:
        """Return whether the objective is known to be missed."""
        return is_objective_missed(self.status, self.measured_seconds, met=self.met)


def is_objective_missed(status: MeasurementStatus | None, measured_seconds: float | None, *, met: bool) -> bool:
    """Return whether an objective is missed: its value is too high, or what it demands never happened."""
    if status is MeasurementStatus.NEVER_REACHED:
        return True
    return measured_seconds is not None and not met


class EvidencePart(_Model):
    """One of the groups that a step acts on in parallel. `wave` starts at 1.

    `critical` marks the part that ended last in its wave.
    """

    name: str
    status: EvidenceStepStatus
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    detail: str
    wave: int = 1
    critical: bool = False


class EvidenceStep(_Model):
    """One step of the runbook."""

    id: str
    name: str
    kind: str
    status: EvidenceStepStatus
    attempts: int
    started_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    detail: str
    parts: list[EvidencePart] = []


class WaitSpan(_Model):
    """A span of the time that users waited, and what happened in it."""

    text: str
    started_at: AwareDatetime
    ended_at: AwareDatetime

    @property
    def seconds(self) -> float:
        """Return the length of the span in seconds."""
        return (self.ended_at - self.started_at).total_seconds()


class RecordedDecision(_Model):
    """A decision. `by` is an operator's identity, or names the document, input, or default that decided.

    `seq` is the sequence number of the journal entry.
    """

    at: AwareDatetime
    by: str
    what: str
    reason: str
    step: str | None
    seq: int


class ServerRecovery(_Model):
    """A server that the run tried to recover."""

    id: str
    name: str | None
    group: str
    outcome: Literal["recovered", "failed"]
    instance: str | None = None
    job: str | None = None
    recovery_point: AwareDatetime | None = None
    launched_at: AwareDatetime | None = None
    launch_seconds: float | None = None
    reason: str = ""


class UserTrafficPoint(_Model):
    """The users' requests in one interval. `served` counts requests by the Region that served them."""

    at: AwareDatetime
    requests: int
    failed: int
    served: dict[str, int]


class UserTraffic(_Model):
    """The users' requests, in intervals of `every_seconds`.

    `downtime_seconds` is how long at least one user was without service: from a failed request to that user's next
    successful response. It is None if no user sent a request during the run.
    """

    every_seconds: int
    points: list[UserTrafficPoint]
    requests: int
    failed: int
    downtime_seconds: float | None


class WriteCounts(_Model):
    """Exact counts of the users' writes. `lost` writes were acknowledged, but no reachable Region has them."""

    sent: int
    acknowledged: int
    lost: int
    duplicated: int
    diverged: int


class TimelineMark(_Model):
    """A point in time that a chart marks."""

    at: AwareDatetime
    kind: Literal["incident", "start", "stop", "resume", "shift", "served", "end"]
    text: str


class StateNode(_Model):
    """A state of the state machine. `order` is its position in the path, from 1, or None if it was not entered."""

    name: str
    type: str
    order: int | None = None
    branches: int = 0


class StateEdge(_Model):
    """A transition between two states. `taken` is true if the run took it."""

    start: str
    end: str
    taken: bool


class ExecutionGraph(_Model):
    """The top-level states of a state machine, without the states inside branches."""

    nodes: list[StateNode]
    edges: list[StateEdge]


class EvidenceUsage(_Model):
    """The resources that the run used. `dollars` is an estimate at list prices, without the servers."""

    state_transitions: int | None = None
    lambda_invocations: int | None = None
    api_calls: dict[str, int] = {}
    dollars: float | None = None


class InvariantResult(_Model):
    """An invariant, whether it held, and what was observed.

    An invariant that isn't `applicable` had nothing to check, so it neither held nor was violated. `detail` says why.
    `checked` is the number of things that were checked, where that can be counted.
    """

    name: str
    held: bool
    detail: str
    applicable: bool = True
    checked: int | None = None

    @property
    def violated(self) -> bool:
        """Return whether the invariant had something to check and did not hold."""
        return self.applicable and not self.held


class SourceDocument(_Model):
    """A file that defined the run: its path in the project and its SHA-256."""

    path: str
    sha256: str


class SourceVersions(_Model):
    """The versions of the documents that defined a run.

    `commit` is None outside git. `changed` are the paths with uncommitted changes.
    """

    commit: str | None = None
    changed: list[str] = []
    documents: list[SourceDocument] = []


class Evidence(_Model):
    """The evidence of one run.

    `went` is the time breakdown, `stood` are the idle spans, `promises` are the invariants, and `marks` are the points
    in time for charts.
    """

    format: Literal["leeward-evidence/1"] = "leeward-evidence/1"
    source: Literal["rehearsal", "aws"]
    application: str
    runbook: str
    run: str
    origin: str
    target: str
    scenario: str | None = None
    scenario_text: str = ""
    seed: int | None = None
    outcome: str
    error: str | None
    cause: str | None
    passed: bool
    incident_at: AwareDatetime | None
    started_at: AwareDatetime
    ended_at: AwareDatetime | None
    rto: MeasuredObjective
    rpo: MeasuredObjective
    steps: list[EvidenceStep]
    went: list[WaitSpan]
    stood: list[WaitSpan] = []
    decisions: list[RecordedDecision]
    unsent_messages: list[UnsentMessage] = []
    servers: list[ServerRecovery]
    marks: list[TimelineMark]
    faults: list[str] = []
    traffic: UserTraffic | None = None
    writes: WriteCounts | None = None
    started_by: list[str] = []
    graph: ExecutionGraph | None = None
    usage: EvidenceUsage = Field(default_factory=EvidenceUsage)
    promises: list[InvariantResult] = []
    versions: SourceVersions = Field(default_factory=SourceVersions)
    journal: list[ChainedEntry]

    @property
    def unmet_steps(self) -> list[EvidenceStep]:
        """Return the steps that failed or were passed over, although the run went on."""
        return list_unmet_steps(self.steps)


def list_unmet_steps(steps: Sequence[EvidenceStep]) -> list[EvidenceStep]:
    """Return the steps that failed or were passed over. A successful run can have some."""
    return [step for step in steps if step.status in (EvidenceStepStatus.FAILED, EvidenceStepStatus.PASSED_OVER)]

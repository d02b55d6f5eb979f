"""The shape of the evidence. Times are UTC; spans are seconds. A figure that is not known is None, never 0."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from leeward.control.journal.hash_chain import ChainedEntry


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class EvidenceStepStatus(StrEnum):
    """How a step, or a part of one, ended."""

    DONE = "done"
    FAILED = "failed"
    PASSED_OVER = "passed over"
    UNDONE = "undone"
    UNFINISHED = "begun, not finished"
    NOT_REACHED = "not reached"


class MeasuredObjective(_Model):
    """An objective and what was measured; `basis` says in words from where to where."""

    objective_seconds: int
    measured_seconds: float | None
    met: bool
    basis: str


class EvidencePart(_Model):
    """One of the things that a step acts on side by side; `wave` counts from 1."""

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
    """A stretch of the time that the users waited, and what it went on."""

    text: str
    started_at: AwareDatetime
    ended_at: AwareDatetime

    @property
    def seconds(self) -> float:
        return (self.ended_at - self.started_at).total_seconds()


class RecordedDecision(_Model):
    """Who decided what. `by` is a person's name, or says that a document or silence decided."""

    at: AwareDatetime
    by: str
    what: str
    reason: str
    step: str | None
    seq: int


class ServerRecovery(_Model):
    """One server that the run was to recover."""

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
    """What the users saw in one interval. `served` counts requests by the Region that served them."""

    at: AwareDatetime
    requests: int
    failed: int
    served: dict[str, int]


class UserTraffic(_Model):
    """What the users saw, in intervals of `every_seconds`."""

    every_seconds: int
    points: list[UserTrafficPoint]
    requests: int
    failed: int
    downtime_seconds: float


class WriteCounts(_Model):
    """The users' writes, counted exactly. `lost` were acknowledged, and no Region that can be reached holds them."""

    sent: int
    acknowledged: int
    lost: int
    duplicated: int
    diverged: int


class TimelineMark(_Model):
    """A moment that a chart names."""

    at: AwareDatetime
    kind: Literal["incident", "start", "stop", "resume", "shift", "served", "end"]
    text: str


class StateNode(_Model):
    """A state of the machine. `order` is its place in the path taken, from 1; None when the run did not enter it."""

    name: str
    type: str
    order: int | None = None
    branches: int = 0


class StateEdge(_Model):
    """A way from one state to another."""

    start: str
    end: str
    taken: bool


class ExecutionGraph(_Model):
    """The state machine's own states, without what lies inside their branches."""

    nodes: list[StateNode]
    edges: list[StateEdge]


class EvidenceUsage(_Model):
    """What the run used. `dollars` is an estimate at list prices, without the servers themselves."""

    state_transitions: int | None = None
    lambda_invocations: int | None = None
    api_calls: dict[str, int] = {}
    dollars: float | None = None


class InvariantResult(_Model):
    """An invariant, whether it held, and what was seen."""

    name: str
    held: bool
    detail: str


class SourceDocument(_Model):
    """A file that decided what was done: its path in the project and its SHA-256."""

    path: str
    sha256: str


class SourceVersions(_Model):
    """Which documents a run was made of. `commit` is None outside git; `changed` are paths not as committed."""

    commit: str | None = None
    changed: list[str] = []
    documents: list[SourceDocument] = []


class Evidence(_Model):
    """Everything known of one run."""

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
    servers: list[ServerRecovery]
    marks: list[TimelineMark]
    faults: list[str] = []
    traffic: UserTraffic | None = None
    writes: WriteCounts | None = None
    started_by: list[str] = []
    graph: ExecutionGraph | None = None
    usage: EvidenceUsage = EvidenceUsage()
    promises: list[InvariantResult] = []
    versions: SourceVersions = SourceVersions()
    journal: list[ChainedEntry]

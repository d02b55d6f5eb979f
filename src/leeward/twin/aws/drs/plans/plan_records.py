"""The records of Recovery Plans: plans with their steps, executions with theirs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.state.drs_records import Job, Participant

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import (
        RecoveryPlanExecutionModeType,
        RecoveryPlanExecutionStatusType,
        RecoveryPlanExecutionStepStatusType,
        RecoveryPlanServerImpactLevelType,
    )

ACTIVE_STATUSES: tuple[RecoveryPlanExecutionStatusType, ...] = ("CREATED", "IN_PROGRESS", "CANCELLING")


@dataclass(frozen=True, slots=True)
class PlanServer:
    """A source server in a step."""

    arn: str
    impact: RecoveryPlanServerImpactLevelType

    @property
    def server_id(self) -> str:
        """`s-...`."""
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class ServerStep:
    """Servers that are recovered side by side."""

    servers: tuple[PlanServer, ...]


@dataclass(frozen=True, slots=True)
class WaitStep:
    """A pause."""

    minutes: int


StepConfiguration = ServerStep | WaitStep


@dataclass(slots=True)
class PlanStep:
    """A step as the plan has it. Its order is its place in the plan."""

    arn: str
    name: str
    configuration: StepConfiguration
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class RecoveryPlan:
    """A plan, with its steps in order."""

    arn: str
    name: str
    description: str | None
    tags: dict[str, str]
    created_at: datetime
    updated_at: datetime
    steps: list[PlanStep] = field(default_factory=list)

    @property
    def server_ids(self) -> list[str]:
        """Of all its steps."""
        configurations = [step.configuration for step in self.steps]
        return [s.server_id for c in configurations if isinstance(c, ServerStep) for s in c.servers]


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """Why a step or an execution failed."""

    code: str
    message: str


@dataclass(slots=True)
class ExecutionStep:
    """A step as one execution runs it: a copy, so that it can be changed on its own. `jobs` is by source server id."""

    arn: str
    index: int
    name: str
    configuration: StepConfiguration
    created_at: datetime
    updated_at: datetime
    status: RecoveryPlanExecutionStepStatusType = "NOT_STARTED"
    attempt: int = 1
    error: ErrorDetail | None = None
    jobs: dict[str, Job] = field(default_factory=dict)

    def find_participant(self, server: PlanServer) -> Participant | None:
        """The server's part in its newest job; None before one was started."""
        job = self.jobs.get(server.server_id)
        return next((p for p in job.participants if p.server_id == server.server_id), None) if job else None

    def has_launched(self, server: PlanServer) -> bool:
        """Whether this step has launched the server already."""
        participant = self.find_participant(server)
        return participant is not None and participant.status == "LAUNCHED"


@dataclass(slots=True)
class SimulatedPlanExecution:
    """One run of a plan. `pins` are snapshot ids by source server id.

    `turn` counts what was begun: whatever was planned in an earlier turn no longer happens.
    """

    arn: str
    plan_arn: str
    mode: RecoveryPlanExecutionModeType
    pins: dict[str, str]
    tags: dict[str, str]
    started_at: datetime
    steps: list[ExecutionStep]
    status: RecoveryPlanExecutionStatusType = "CREATED"
    completed_at: datetime | None = None
    error: ErrorDetail | None = None
    generation: int = 0

    @property
    def is_active(self) -> bool:
        """Whether it is in a status that is not the last: a plan has at most one such execution."""
        return self.status in ACTIVE_STATUSES

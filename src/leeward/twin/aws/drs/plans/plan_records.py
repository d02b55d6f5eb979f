"""Records of Recovery Plans and their executions, with steps."""

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
    """A source server in a step, with its impact level."""

    arn: str
    impact: RecoveryPlanServerImpactLevelType

    @property
    def server_id(self) -> str:
        """Return the source server ID (`s-...`)."""
        return self.arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class ServerStep:
    """The configuration of a step that recovers servers in parallel."""

    servers: tuple[PlanServer, ...]


@dataclass(frozen=True, slots=True)
class WaitStep:
    """The configuration of a step that waits."""

    minutes: int


StepConfiguration = ServerStep | WaitStep


@dataclass(slots=True)
class PlanStep:
    """A step of a plan. Its order is its position in the plan."""

    arn: str
    name: str
    configuration: StepConfiguration
    created_at: datetime
    updated_at: datetime


@dataclass(slots=True)
class RecoveryPlan:
    """A Recovery Plan, with its steps in order."""

    arn: str
    name: str
    description: str | None
    tags: dict[str, str]
    created_at: datetime
    updated_at: datetime
    steps: list[PlanStep] = field(default_factory=list)

    @property
    def server_ids(self) -> list[str]:
        """Return the source server IDs of all steps."""
        configurations = [step.configuration for step in self.steps]
        return [s.server_id for c in configurations if isinstance(c, ServerStep) for s in c.servers]


@dataclass(frozen=True, slots=True)
class ErrorDetail:
    """Why a step or an execution failed."""

    code: str
    message: str


@dataclass(slots=True)
class ExecutionStep:
    """A step of one execution.

    It is a copy of the plan's step, so it can change without changing the plan. `jobs` maps source server IDs to jobs.
    """

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
        """Return the server's participant record in its latest job, or None without a job."""
        job = self.jobs.get(server.server_id)
        return next((p for p in job.participants if p.server_id == server.server_id), None) if job else None

    def has_launched(self, server: PlanServer) -> bool:
        """Return whether this step has launched the server."""
        participant = self.find_participant(server)
        return participant is not None and participant.status == "LAUNCHED"


@dataclass(slots=True)
class SimulatedPlanExecution:
    """One execution of a plan. `pins` maps source server IDs to snapshot IDs.

    `generation` increases with each scheduled action or failed step. Actions of an earlier generation don't run.
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
        """Return whether the execution hasn't ended. A plan has at most one active execution."""
        return self.status in ACTIVE_STATUSES

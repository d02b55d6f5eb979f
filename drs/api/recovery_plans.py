"""What DRS answers of Recovery Plans, and the calls that read them (botocore's service model `drs` 2020-02-26)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pydantic import AwareDatetime, Field

from leeward.common.aws.clients import translate_errors
from leeward.common.aws.responses import AwsResponse, parse_response
from leeward.common.errors import NotFound

if TYPE_CHECKING:
    from mypy_boto3_drs import DrsClient


class PlanExecutionStatus(StrEnum):
    """`status` of an execution."""

    CREATED = "CREATED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"


class PlanStepStatus(StrEnum):
    """`status` of a step of an execution."""

    NOT_STARTED = "NOT_STARTED"
    EXECUTING = "EXECUTING"
    WAITING = "WAITING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    SKIPPED = "SKIPPED"


class PlanErrorDetail(AwsResponse):
    """Why something failed."""

    code: str = ""
    message: str = ""


class PlanExecution(AwsResponse):
    """One execution of a plan."""

    arn: str = Field(alias="recoveryPlanExecutionArn")
    status: PlanExecutionStatus
    started_at: AwareDatetime = Field(alias="startedAt")
    error: PlanErrorDetail | None = Field(default=None, alias="errorDetail")
    tags: dict[str, str] = Field(default_factory=dict)


class PlanStepServer(AwsResponse):
    """A source server in a step, and the job that launches it once there is one."""

    arn: str = Field(alias="serverArn")
    impact: str = Field(default="CRITICAL", alias="impactLevel")
    job: str | None = Field(default=None, alias="jobID")

    @property
    def id(self) -> str:
        """`s-...`."""
        return self.arn.rpartition("/")[2]


class _Servers(AwsResponse):
    servers: tuple[PlanStepServer, ...] = ()


class _ExecutionConfiguration(AwsResponse):
    servers: _Servers = Field(default_factory=_Servers, alias="executionServerStepConfiguration")


class _PlanConfiguration(AwsResponse):
    servers: _Servers = Field(default_factory=_Servers, alias="serverStepConfiguration")


class PlanExecutionStep(AwsResponse):
    """A step of an execution. `attempt` is told only when it is asked for alone."""

    arn: str = Field(alias="recoveryPlanExecutionStepArn")
    name: str = Field(alias="stepName")
    index: int = Field(alias="stepIndex")
    status: PlanStepStatus
    configuration: _ExecutionConfiguration = Field(default_factory=_ExecutionConfiguration)
    error: PlanErrorDetail | None = Field(default=None, alias="errorDetail")
    attempt: int = 1

    @property
    def servers(self) -> tuple[PlanStepServer, ...]:
        return self.configuration.servers.servers

    @property
    def has_failed(self) -> bool:
        """Whether the plan stopped at it."""
        return self.status in (PlanStepStatus.FAILED, PlanStepStatus.TIMED_OUT)


class _PlanStep(AwsResponse):
    configuration: _PlanConfiguration = Field(default_factory=_PlanConfiguration)


def resolve_plan_arn(client: DrsClient, plan: str) -> str:
    """The ARN of a plan by its id (`rplan-...`), or itself. Raises NotFound."""
    if plan.startswith("arn:"):
        return plan
    with translate_errors("drs:ListRecoveryPlans"):
        pages = client.get_paginator("list_recovery_plans").paginate()
        arns = [item["recoveryPlanArn"] for page in pages for item in page["recoveryPlans"]]
    for arn in arns:
        if arn.rpartition("/")[2] == plan:
            return arn
    raise NotFound(f"there is no Recovery Plan {plan}; there are {', '.join(arns) or 'none'}")


def list_plan_servers(client: DrsClient, plan: str) -> list[str]:
    """The ids of the source servers that a plan recovers."""
    call = "drs:ListRecoveryPlanSteps"
    with translate_errors(call):
        pages = client.get_paginator("list_recovery_plan_steps").paginate(recoveryPlanArn=plan)
        steps = [parse_response(_PlanStep, item, call) for page in pages for item in page["recoveryPlanSteps"]]
    return [server.id for step in steps for server in step.configuration.servers.servers]


def get_execution(client: DrsClient, arn: str) -> PlanExecution:
    """One execution, with its tags."""
    call = "drs:GetRecoveryPlanExecution"
    with translate_errors(call):
        answer = client.get_recovery_plan_execution(recoveryPlanExecutionArn=arn)
        return parse_response(PlanExecution, answer["recoveryPlanExecution"], call)


def list_executions_since(client: DrsClient, plan: str, since: datetime) -> list[PlanExecution]:
    """The plan's executions that began since then, oldest first. A list tells no tags: each is asked for."""
    call = "drs:ListRecoveryPlanExecutions"
    with translate_errors(call):
        pages = client.get_paginator("list_recovery_plan_executions").paginate(recoveryPlanArn=plan)
        listed = [
            parse_response(PlanExecution, item, call) for page in pages for item in page["recoveryPlanExecutions"]
        ]
    found = [get_execution(client, item.arn) for item in listed if item.started_at >= since]
    return sorted(found, key=lambda one: (one.started_at, one.arn))


def list_steps(client: DrsClient, arn: str) -> Sequence[PlanExecutionStep]:
    """An execution's steps, in their order."""
    call = "drs:ListRecoveryPlanExecutionSteps"
    with translate_errors(call):
        pages = client.get_paginator("list_recovery_plan_execution_steps").paginate(recoveryPlanExecutionArn=arn)
        found = [
            parse_response(PlanExecutionStep, item, call)
            for page in pages
            for item in page["recoveryPlanExecutionSteps"]
        ]
    return sorted(found, key=lambda step: step.index)


def get_step(client: DrsClient, arn: str) -> PlanExecutionStep:
    """One step of an execution, with its attempt."""
    call = "drs:GetRecoveryPlanExecutionStep"
    with translate_errors(call):
        answer = client.get_recovery_plan_execution_step(recoveryPlanExecutionStepArn=arn)
        return parse_response(PlanExecutionStep, answer["recoveryPlanExecutionStep"], call)

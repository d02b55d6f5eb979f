"""Models of DRS Recovery Plans, and the calls that read them (botocore's service model `drs` 2020-02-26)."""

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
    """`status` of a Recovery Plan execution."""

    CREATED = "CREATED"
    IN_PROGRESS = "IN_PROGRESS"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"


class PlanStepStatus(StrEnum):
    """`status` of a Recovery Plan execution step."""

    NOT_STARTED = "NOT_STARTED"
    EXECUTING = "EXECUTING"
    WAITING = "WAITING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    TIMED_OUT = "TIMED_OUT"
    SKIPPED = "SKIPPED"


class PlanErrorDetail(AwsResponse):
    """`errorDetail`: the reason for a failure."""

    code: str = ""
    message: str = ""


class PlanExecution(AwsResponse):
    """One execution of a Recovery Plan."""

    arn: str = Field(alias="recoveryPlanExecutionArn")
    status: PlanExecutionStatus
    started_at: AwareDatetime = Field(alias="startedAt")
    error: PlanErrorDetail | None = Field(default=None, alias="errorDetail")
    tags: dict[str, str] = Field(default_factory=dict)


class PlanStepServer(AwsResponse):
    """A source server in a step. `job` is the job that launches it, or None before the launch."""

    arn: str = Field(alias="serverArn")
    impact: str = Field(default="CRITICAL", alias="impactLevel")
    job: str | None = Field(default=None, alias="jobID")

    @property
    def id(self) -> str:
        """Return the source server ID (`s-...`)."""
        return self.arn.rpartition("/")[2]


class _Servers(AwsResponse):
    servers: tuple[PlanStepServer, ...] = ()


class _ExecutionConfiguration(AwsResponse):
    servers: _Servers = Field(default_factory=_Servers, alias="executionServerStepConfiguration")


class _PlanConfiguration(AwsResponse):
    servers: _Servers = Field(default_factory=_Servers, alias="serverStepConfiguration")


class PlanExecutionStep(AwsResponse):
    """A step of an execution. DRS returns `attempt` only from GetRecoveryPlanExecutionStep."""

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
        """Return whether the plan stopped at this step."""
        return self.status in (PlanStepStatus.FAILED, PlanStepStatus.TIMED_OUT)


class _PlanStep(AwsResponse):
    configuration: _PlanConfiguration = Field(default_factory=_PlanConfiguration)


def resolve_plan_arn(client: DrsClient, plan: str) -> str:
    """Return the ARN of a plan, given by ID (`rplan-...`) or ARN. Raises NotFound for an unknown ID."""
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
    """Return the IDs of the source servers that a plan recovers."""
    call = "drs:ListRecoveryPlanSteps"
    with translate_errors(call):
        pages = client.get_paginator("list_recovery_plan_steps").paginate(recoveryPlanArn=plan)
        steps = [parse_response(_PlanStep, item, call) for page in pages for item in page["recoveryPlanSteps"]]
    return [server.id for step in steps for server in step.configuration.servers.servers]


def get_execution(client: DrsClient, arn: str) -> PlanExecution:
    """Return one execution, with its tags."""
    call = "drs:GetRecoveryPlanExecution"
    with translate_errors(call):
        answer = client.get_recovery_plan_execution(recoveryPlanExecutionArn=arn)
        return parse_response(PlanExecution, answer["recoveryPlanExecution"], call)


def list_executions_since(client: DrsClient, plan: str, since: datetime) -> list[PlanExecution]:
    """Return the plan's executions that began at or after `since`, oldest first.

    ListRecoveryPlanExecutions returns no tags, so each execution is read individually.
    """
    call = "drs:ListRecoveryPlanExecutions"
    with translate_errors(call):
        pages = client.get_paginator("list_recovery_plan_executions").paginate(recoveryPlanArn=plan)
        summaries = [
            parse_response(PlanExecution, item, call) for page in pages for item in page["recoveryPlanExecutions"]
        ]
    executions = [get_execution(client, item.arn) for item in summaries if item.started_at >= since]
    return sorted(executions, key=lambda execution: (execution.started_at, execution.arn))


def list_steps(client: DrsClient, arn: str) -> Sequence[PlanExecutionStep]:
    """Return an execution's steps in order."""
    call = "drs:ListRecoveryPlanExecutionSteps"
    with translate_errors(call):
        pages = client.get_paginator("list_recovery_plan_execution_steps").paginate(recoveryPlanExecutionArn=arn)
        steps = [
            parse_response(PlanExecutionStep, item, call)
            for page in pages
            for item in page["recoveryPlanExecutionSteps"]
        ]
    return sorted(steps, key=lambda step: step.index)


def get_step(client: DrsClient, arn: str) -> PlanExecutionStep:
    """Return one step of an execution, with its attempt."""
    call = "drs:GetRecoveryPlanExecutionStep"
    with translate_errors(call):
        answer = client.get_recovery_plan_execution_step(recoveryPlanExecutionStepArn=arn)
        return parse_response(PlanExecutionStep, answer["recoveryPlanExecutionStep"], call)

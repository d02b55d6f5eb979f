"""Recovery Plans, their steps and executions, as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.plans.configuration import written
from leeward.twin.aws.drs.plans.model import (
    ErrorDetail,
    Execution,
    ExecutionStep,
    PlanServer,
    PlanStep,
    RecoveryPlan,
    WaitStep,
)
from leeward.twin.aws.drs.times import iso

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import RecoveryPlanStatusType
    from mypy_boto3_drs.type_defs import (
        ErrorDetailTypeDef,
        RecoveryPlanExecutionServerTypeDef,
        RecoveryPlanExecutionStepConfigurationTypeDef,
        RecoveryPlanExecutionStepSummaryTypeDef,
        RecoveryPlanExecutionStepTypeDef,
        RecoveryPlanExecutionSummaryTypeDef,
        RecoveryPlanExecutionTypeDef,
        RecoveryPlanStepTypeDef,
        RecoveryPlanSummaryTypeDef,
        RecoveryPlanTypeDef,
    )


def plan_summary(plan: RecoveryPlan, status: RecoveryPlanStatusType) -> RecoveryPlanSummaryTypeDef:
    """As in ListRecoveryPlans."""
    return {
        "recoveryPlanArn": plan.arn,
        "name": plan.name,
        "status": status,
        "createdAt": iso(plan.created_at),
        "updatedAt": iso(plan.updated_at),
    }


def plan_view(plan: RecoveryPlan, status: RecoveryPlanStatusType) -> RecoveryPlanTypeDef:
    """As in GetRecoveryPlan."""
    view: RecoveryPlanTypeDef = {
        "recoveryPlanArn": plan.arn,
        "name": plan.name,
        "status": status,
        "createdAt": iso(plan.created_at),
        "updatedAt": iso(plan.updated_at),
        "tags": dict(plan.tags),
    }
    if plan.description is not None:
        view["description"] = plan.description
    return view


def step_view(plan: RecoveryPlan, step: PlanStep) -> RecoveryPlanStepTypeDef:
    """As in GetRecoveryPlanStep."""
    return {
        "recoveryPlanStepArn": step.arn,
        "stepOrder": plan.steps.index(step) + 1,
        "stepName": step.name,
        "configuration": written(step.configuration),
        "createdAt": iso(step.created_at),
        "updatedAt": iso(step.updated_at),
    }


def execution_summary(execution: Execution) -> RecoveryPlanExecutionSummaryTypeDef:
    """As in ListRecoveryPlanExecutions."""
    view: RecoveryPlanExecutionSummaryTypeDef = {
        "recoveryPlanExecutionArn": execution.arn,
        "recoveryPlanArn": execution.plan_arn,
        "mode": execution.mode,
        "status": execution.status,
        "startedAt": iso(execution.started_at),
    }
    if execution.error:
        view["errorDetail"] = _error(execution.error)
    return view


def execution_view(execution: Execution) -> RecoveryPlanExecutionTypeDef:
    """As in GetRecoveryPlanExecution."""
    view: RecoveryPlanExecutionTypeDef = {
        "recoveryPlanExecutionArn": execution.arn,
        "recoveryPlanArn": execution.plan_arn,
        "mode": execution.mode,
        "status": execution.status,
        "startedAt": iso(execution.started_at),
        "tags": dict(execution.tags),
    }
    if execution.error:
        view["errorDetail"] = _error(execution.error)
    if execution.completed_at:
        view["completedAt"] = iso(execution.completed_at)
    return view


def execution_step_summary(step: ExecutionStep) -> RecoveryPlanExecutionStepSummaryTypeDef:
    """As in ListRecoveryPlanExecutionSteps."""
    view: RecoveryPlanExecutionStepSummaryTypeDef = {
        "recoveryPlanExecutionStepArn": step.arn,
        "stepName": step.name,
        "stepIndex": step.index,
        "status": step.status,
        "configuration": _configuration(step),
    }
    if step.error:
        view["errorDetail"] = _error(step.error)
    return view


def execution_step_view(step: ExecutionStep) -> RecoveryPlanExecutionStepTypeDef:
    """As in GetRecoveryPlanExecutionStep."""
    return {
        **execution_step_summary(step),
        "attempt": step.attempt,
        "createdAt": iso(step.created_at),
        "updatedAt": iso(step.updated_at),
    }


def _configuration(step: ExecutionStep) -> RecoveryPlanExecutionStepConfigurationTypeDef:
    if isinstance(step.configuration, WaitStep):
        return {"waitStepConfiguration": {"waitDurationMinutes": step.configuration.minutes}}
    servers = [_server(step, server) for server in step.configuration.servers]
    return {"executionServerStepConfiguration": {"servers": servers}}


def _server(step: ExecutionStep, server: PlanServer) -> RecoveryPlanExecutionServerTypeDef:
    view: RecoveryPlanExecutionServerTypeDef = {"serverArn": server.arn, "impactLevel": server.impact}
    job = step.jobs.get(server.server_id)
    if job:
        view["jobID"] = job.job_id
    return view


def _error(error: ErrorDetail) -> ErrorDetailTypeDef:
    return {"code": error.code, "message": error.message}

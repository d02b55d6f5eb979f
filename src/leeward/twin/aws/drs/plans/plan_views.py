"""Converts Recovery Plans, steps, and executions to DRS API responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions.timestamps import format_timestamp
from leeward.twin.aws.drs.plans.plan_records import (
    ErrorDetail,
    ExecutionStep,
    PlanServer,
    PlanStep,
    RecoveryPlan,
    SimulatedPlanExecution,
    WaitStep,
)
from leeward.twin.aws.drs.plans.step_configuration import configuration_view

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
    """Return an item of ListRecoveryPlans."""
    return {
        "recoveryPlanArn": plan.arn,
        "name": plan.name,
        "status": status,
        "createdAt": format_timestamp(plan.created_at),
        "updatedAt": format_timestamp(plan.updated_at),
    }


def plan_view(plan: RecoveryPlan, status: RecoveryPlanStatusType) -> RecoveryPlanTypeDef:
    """Return the resource in the response of GetRecoveryPlan."""
    view: RecoveryPlanTypeDef = {
        "recoveryPlanArn": plan.arn,
        "name": plan.name,
        "status": status,
        "createdAt": format_timestamp(plan.created_at),
        "updatedAt": format_timestamp(plan.updated_at),
        "tags": dict(plan.tags),
    }
    if plan.description is not None:
        view["description"] = plan.description
    return view


def step_view(plan: RecoveryPlan, step: PlanStep) -> RecoveryPlanStepTypeDef:
    """Return the resource in the response of GetRecoveryPlanStep."""
    return {
        "recoveryPlanStepArn": step.arn,
        "stepOrder": plan.steps.index(step) + 1,
        "stepName": step.name,
        "configuration": configuration_view(step.configuration),
        "createdAt": format_timestamp(step.created_at),
        "updatedAt": format_timestamp(step.updated_at),
    }


def execution_summary(execution: SimulatedPlanExecution) -> RecoveryPlanExecutionSummaryTypeDef:
    """Return an item of ListRecoveryPlanExecutions."""
    view: RecoveryPlanExecutionSummaryTypeDef = {
        "recoveryPlanExecutionArn": execution.arn,
        "recoveryPlanArn": execution.plan_arn,
        "mode": execution.mode,
        "status": execution.status,
        "startedAt": format_timestamp(execution.started_at),
    }
    if execution.error:
        view["errorDetail"] = _error_view(execution.error)
    return view


def execution_view(execution: SimulatedPlanExecution) -> RecoveryPlanExecutionTypeDef:
    """Return the resource in the response of GetRecoveryPlanExecution."""
    view: RecoveryPlanExecutionTypeDef = {
        "recoveryPlanExecutionArn": execution.arn,
        "recoveryPlanArn": execution.plan_arn,
        "mode": execution.mode,
        "status": execution.status,
        "startedAt": format_timestamp(execution.started_at),
        "tags": dict(execution.tags),
    }
    if execution.error:
        view["errorDetail"] = _error_view(execution.error)
    if execution.completed_at:
        view["completedAt"] = format_timestamp(execution.completed_at)
    return view


def execution_step_summary(step: ExecutionStep) -> RecoveryPlanExecutionStepSummaryTypeDef:
    """Return an item of ListRecoveryPlanExecutionSteps."""
    view: RecoveryPlanExecutionStepSummaryTypeDef = {
        "recoveryPlanExecutionStepArn": step.arn,
        "stepName": step.name,
        "stepIndex": step.index,
        "status": step.status,
        "configuration": _configuration_view(step),
    }
    if step.error:
        view["errorDetail"] = _error_view(step.error)
    return view


def execution_step_view(step: ExecutionStep) -> RecoveryPlanExecutionStepTypeDef:
    """Return the resource in the response of GetRecoveryPlanExecutionStep."""
    return {
        **execution_step_summary(step),
        "attempt": step.attempt,
        "createdAt": format_timestamp(step.created_at),
        "updatedAt": format_timestamp(step.updated_at),
    }


def _configuration_view(step: ExecutionStep) -> RecoveryPlanExecutionStepConfigurationTypeDef:
    if isinstance(step.configuration, WaitStep):
        return {"waitStepConfiguration": {"waitDurationMinutes": step.configuration.minutes}}
    servers = [_server_view(step, server) for server in step.configuration.servers]
    return {"executionServerStepConfiguration": {"servers": servers}}


def _server_view(step: ExecutionStep, server: PlanServer) -> RecoveryPlanExecutionServerTypeDef:
    view: RecoveryPlanExecutionServerTypeDef = {"serverArn": server.arn, "impactLevel": server.impact}
    job = step.jobs.get(server.server_id)
    if job:
        view["jobID"] = job.job_id
    return view


def _error_view(error: ErrorDetail) -> ErrorDetailTypeDef:
    return {"code": error.code, "message": error.message}

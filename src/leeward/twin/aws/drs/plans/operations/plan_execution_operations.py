"""API operations on the executions of a Recovery Plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.plans.execution_runner import PlanExecutionRunner
from leeward.twin.aws.drs.plans.plan_records import ExecutionStep, RecoveryPlan, SimulatedPlanExecution
from leeward.twin.aws.drs.plans.plan_state import PlanState
from leeward.twin.aws.drs.plans.plan_views import execution_summary, execution_view
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import OperationResult, ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        CancelRecoveryPlanExecutionRequestTypeDef,
        DeleteRecoveryPlanExecutionRequestTypeDef,
        GetRecoveryPlanExecutionRequestTypeDef,
        ListRecoveryPlanExecutionsRequestTypeDef,
        StartRecoveryPlanExecutionRequestTypeDef,
    )

_OPERATION = "StartRecoveryPlanExecution"


class PlanExecutionOperations(PlanState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def start_recovery_plan_execution(self, params: StartRecoveryPlanExecutionRequestTypeDef) -> OperationResult:
        """Implement StartRecoveryPlanExecution. A plan has at most one active execution."""
        execution = self.executions.get(self.find_earlier_request(_OPERATION, params) or "")
        if execution is None:
            plan = self.get_plan(params["recoveryPlanArn"])
            self.require_no_active_execution(plan)
            execution = self._create_execution(plan, params)
            self.remember_request(_OPERATION, params, execution.arn)
            PlanExecutionRunner(self, execution).start()
        return {"recoveryPlanExecution": execution_view(execution)}

    def get_recovery_plan_execution(self, params: GetRecoveryPlanExecutionRequestTypeDef) -> OperationResult:
        """Implement GetRecoveryPlanExecution."""
        return {"recoveryPlanExecution": execution_view(self.get_execution(params["recoveryPlanExecutionArn"]))}

    def list_recovery_plan_executions(self, params: ListRecoveryPlanExecutionsRequestTypeDef) -> OperationResult:
        """Implement ListRecoveryPlanExecutions. Newest first. Returns an empty list for an unknown plan."""
        plan, status = params.get("recoveryPlanArn"), params.get("status")
        executions = [
            e
            for e in reversed(self.executions.values())
            if (not plan or e.plan_arn == plan) and (not status or e.status == status)
        ]
        page, token = paginate(executions, lambda e: e.arn, params.get("nextToken"), params.get("maxResults"))
        items = [execution_summary(execution) for execution in page]
        return {"recoveryPlanExecutions": items, "nextToken": token} if token else {"recoveryPlanExecutions": items}

    def cancel_recovery_plan_execution(self, params: CancelRecoveryPlanExecutionRequestTypeDef) -> OperationResult:
        """Implement CancelRecoveryPlanExecution, which skips the remaining steps."""
        execution = self.get_execution(params["recoveryPlanExecutionArn"])
        if execution.status not in ("CREATED", "IN_PROGRESS"):
            raise _wrong_status_error(execution)
        PlanExecutionRunner(self, execution).cancel()
        return {"recoveryPlanExecution": execution_view(execution)}

    def delete_recovery_plan_execution(self, params: DeleteRecoveryPlanExecutionRequestTypeDef) -> OperationResult:
        """Implement DeleteRecoveryPlanExecution for an ended execution. Its launched instances remain."""
        execution = self.get_execution(params["recoveryPlanExecutionArn"])
        if execution.is_active:
            raise _wrong_status_error(execution)
        del self.executions[execution.arn]
        return {"recoveryPlanExecutionArn": execution.arn}

    def _create_execution(
        self, plan: RecoveryPlan, params: StartRecoveryPlanExecutionRequestTypeDef
    ) -> SimulatedPlanExecution:
        if not plan.steps:
            raise ValidationException(f"Recovery Plan {plan.name} has no steps")
        if self.plan_status(plan) == "INVALID":
            raise drs_errors.conflict_error(f"Recovery Plan {plan.name} is INVALID", plan.arn, "RecoveryPlan")
        pins = {s["sourceServerID"]: s["recoverySnapshotID"] for s in params.get("sourceServers", [])}
        unknown = sorted(pins.keys() - set(plan.server_ids))
        if unknown:
            raise ValidationException(f"not in the Recovery Plan: {', '.join(unknown)}")
        now = self.hooks.now()
        arn = self.arn("recovery-plan-execution", self.new_id("rpe"))
        steps = [
            ExecutionStep(f"{arn}/step/{index}", index, step.name, step.configuration, now, now)
            for index, step in enumerate(plan.steps, 1)
        ]
        execution = SimulatedPlanExecution(
            arn, plan.arn, params["mode"], pins, dict(params.get("tags", {})), now, steps
        )
        self.executions[arn] = execution
        return execution


def _wrong_status_error(execution: SimulatedPlanExecution) -> drs_errors.ConflictException:
    return drs_errors.conflict_error(f"{execution.arn} is {execution.status}", execution.arn, "RecoveryPlanExecution")

"""API operations on the steps of a Recovery Plan execution: get, list, update, skip, and retry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.plans.execution_runner import PlanExecutionRunner
from leeward.twin.aws.drs.plans.plan_records import (
    ExecutionStep,
    ServerStep,
    SimulatedPlanExecution,
    StepConfiguration,
    WaitStep,
)
from leeward.twin.aws.drs.plans.plan_state import PlanState
from leeward.twin.aws.drs.plans.plan_views import execution_step_summary, execution_step_view
from leeward.twin.aws.drs.plans.step_configuration import read_servers, require_valid_steps_or_reject
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import OperationResult, ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import RecoveryPlanExecutionStepStatusType
    from mypy_boto3_drs.type_defs import (
        GetRecoveryPlanExecutionStepRequestTypeDef,
        ListRecoveryPlanExecutionStepsRequestTypeDef,
        RetryRecoveryPlanExecutionStepRequestTypeDef,
        UpdateRecoveryPlanExecutionStepRequestTypeDef,
    )

_UPDATABLE_MEMBERS = ("status", "servers", "waitDurationMinutes")


class PlanExecutionStepOperations(PlanState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def get_recovery_plan_execution_step(self, params: GetRecoveryPlanExecutionStepRequestTypeDef) -> OperationResult:
        """Implement GetRecoveryPlanExecutionStep."""
        _, step = self.get_execution_step(params["recoveryPlanExecutionStepArn"])
        return {"recoveryPlanExecutionStep": execution_step_view(step)}

    def list_recovery_plan_execution_steps(
        self, params: ListRecoveryPlanExecutionStepsRequestTypeDef
    ) -> OperationResult:
        """Implement ListRecoveryPlanExecutionSteps, in step order."""
        execution = self.get_execution(params["recoveryPlanExecutionArn"])
        status = params.get("filter", {}).get("status")
        steps = [step for step in execution.steps if not status or step.status == status]
        page, token = paginate(steps, lambda s: s.arn, params.get("nextToken"), params.get("maxResults"))
        items = [execution_step_summary(step) for step in page]
        name = "recoveryPlanExecutionSteps"
        return {name: items, "nextToken": token} if token else {name: items}

    def update_recovery_plan_execution_step(
        self, params: UpdateRecoveryPlanExecutionStepRequestTypeDef
    ) -> OperationResult:
        """Implement UpdateRecoveryPlanExecutionStep, which skips a step or changes a step that hasn't started."""
        execution, step = self.get_execution_step(params["recoveryPlanExecutionStepArn"])
        if sum(name in params for name in _UPDATABLE_MEMBERS) != 1:
            raise ValidationException(f"exactly one of {', '.join(_UPDATABLE_MEMBERS)} must be set")
        if "status" in params:
            if params["status"] != "SKIPPED":
                raise ValidationException(f"a step can be set to SKIPPED only, not to {params['status']}")
            _require_status(step, "NOT_STARTED", "FAILED")
            self._require_resumable(execution)
            PlanExecutionRunner(self, execution).skip(step)
        else:
            step.configuration = self._read_changed_configuration(execution, step, params)
            step.updated_at = self.hooks.now()
        return {"recoveryPlanExecutionStep": execution_step_view(step)}

    def retry_recovery_plan_execution_step(
        self, params: RetryRecoveryPlanExecutionStepRequestTypeDef
    ) -> OperationResult:
        """Implement RetryRecoveryPlanExecutionStep for a failed SERVER step. A timed-out step is an assumption."""
        execution, step = self.get_execution_step(params["recoveryPlanExecutionStepArn"])
        if not isinstance(step.configuration, ServerStep):
            raise ValidationException(f"{step.name} is not a step of type SERVER")
        _require_status(step, "FAILED", "TIMED_OUT")
        self._require_resumable(execution)
        PlanExecutionRunner(self, execution).retry(step)
        return {"recoveryPlanExecutionStep": execution_step_view(step)}

    def _read_changed_configuration(
        self,
        execution: SimulatedPlanExecution,
        step: ExecutionStep,
        params: UpdateRecoveryPlanExecutionStepRequestTypeDef,
    ) -> StepConfiguration:
        """Return the changed configuration, which has the same type."""
        if ("servers" in params) != isinstance(step.configuration, ServerStep):
            raise ValidationException(f"the request does not match the type of the step {step.name}")
        _require_status(step, "NOT_STARTED")
        if "waitDurationMinutes" in params:
            return WaitStep(params["waitDurationMinutes"])
        changed = ServerStep(read_servers(self, params["servers"]))
        others = [s.configuration for s in execution.steps if s is not step]
        require_valid_steps_or_reject(self, [*others, changed])
        return changed

    def _require_resumable(self, execution: SimulatedPlanExecution) -> None:
        """Raise ConflictException if the execution is complete or canceled, or if another one is active."""
        if execution.status in ("CANCELLING", "CANCELLED", "COMPLETED"):
            raise drs_errors.conflict_error(
                f"{execution.arn} is {execution.status}", execution.arn, "RecoveryPlanExecution"
            )
        if execution.status == "FAILED":
            self.require_no_active_execution(self.get_plan(execution.plan_arn))


def _require_status(step: ExecutionStep, *allowed: RecoveryPlanExecutionStepStatusType) -> None:
    if step.status not in allowed:
        raise drs_errors.conflict_error(
            f"Step {step.index} ({step.name}) is {step.status}, not {' or '.join(allowed)}",
            step.arn,
            "RecoveryPlanExecutionStep",
        )

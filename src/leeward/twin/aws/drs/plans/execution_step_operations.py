"""Operations on the steps of an execution: look, change, skip, retry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.plans.configuration import read_servers, require_fitting_unlisted
from leeward.twin.aws.drs.plans.model import Execution, ExecutionStep, ServerStep, StepConfiguration, WaitStep
from leeward.twin.aws.drs.plans.running import PlanRun
from leeward.twin.aws.drs.plans.state import PlanState
from leeward.twin.aws.drs.plans.views import execution_step_summary, execution_step_view
from leeward.twin.aws.paging import page
from leeward.twin.aws.plugin import Answer, ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import RecoveryPlanExecutionStepStatusType
    from mypy_boto3_drs.type_defs import (
        GetRecoveryPlanExecutionStepRequestTypeDef,
        ListRecoveryPlanExecutionStepsRequestTypeDef,
        RetryRecoveryPlanExecutionStepRequestTypeDef,
        UpdateRecoveryPlanExecutionStepRequestTypeDef,
    )

_ACTIONS = ("status", "servers", "waitDurationMinutes")


class ExecutionStepOperations(PlanState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def get_recovery_plan_execution_step(self, params: GetRecoveryPlanExecutionStepRequestTypeDef) -> Answer:
        """GetRecoveryPlanExecutionStep."""
        _, step = self.execution_step(params["recoveryPlanExecutionStepArn"])
        return {"recoveryPlanExecutionStep": execution_step_view(step)}

    def list_recovery_plan_execution_steps(self, params: ListRecoveryPlanExecutionStepsRequestTypeDef) -> Answer:
        """ListRecoveryPlanExecutionSteps, in order."""
        execution = self.execution(params["recoveryPlanExecutionArn"])
        status = params.get("filter", {}).get("status")
        found = [step for step in execution.steps if not status or step.status == status]
        part, token = page(found, lambda s: s.arn, params.get("nextToken"), params.get("maxResults"))
        items = [execution_step_summary(step) for step in part]
        name = "recoveryPlanExecutionSteps"
        return {name: items, "nextToken": token} if token else {name: items}

    def update_recovery_plan_execution_step(self, params: UpdateRecoveryPlanExecutionStepRequestTypeDef) -> Answer:
        """UpdateRecoveryPlanExecutionStep: skips a step, or changes one that has not started; not both."""
        execution, step = self.execution_step(params["recoveryPlanExecutionStepArn"])
        if sum(name in params for name in _ACTIONS) != 1:
            raise ValidationException(f"exactly one of {', '.join(_ACTIONS)} must be set")
        if "status" in params:
            if params["status"] != "SKIPPED":
                raise ValidationException(f"a step can be set to SKIPPED only, not to {params['status']}")
            _require(step, "NOT_STARTED", "FAILED")
            self._require_resumable(execution)
            PlanRun(self, execution).skip(step)
        else:
            step.configuration = self._changed(execution, step, params)
            step.updated_at = self.seam.now()
        return {"recoveryPlanExecutionStep": execution_step_view(step)}

    def retry_recovery_plan_execution_step(self, params: RetryRecoveryPlanExecutionStepRequestTypeDef) -> Answer:
        """RetryRecoveryPlanExecutionStep: a SERVER step that failed (or timed out: an assumption)."""
        execution, step = self.execution_step(params["recoveryPlanExecutionStepArn"])
        if not isinstance(step.configuration, ServerStep):
            raise ValidationException(f"{step.name} is not a step of type SERVER")
        _require(step, "FAILED", "TIMED_OUT")
        self._require_resumable(execution)
        PlanRun(self, execution).retry(step)
        return {"recoveryPlanExecutionStep": execution_step_view(step)}

    def _changed(
        self, execution: Execution, step: ExecutionStep, params: UpdateRecoveryPlanExecutionStepRequestTypeDef
    ) -> StepConfiguration:
        """Its new configuration, of the same type."""
        if ("servers" in params) != isinstance(step.configuration, ServerStep):
            raise ValidationException(f"{step.name} is a step of the other type")
        _require(step, "NOT_STARTED")
        if "waitDurationMinutes" in params:
            return WaitStep(params["waitDurationMinutes"])
        changed = ServerStep(read_servers(self, params["servers"]))
        others = [s.configuration for s in execution.steps if s is not step]
        require_fitting_unlisted(self, [*others, changed])
        return changed

    def _require_resumable(self, execution: Execution) -> None:
        """An execution that a step has stopped goes on only if none was cancelled and none other runs meanwhile."""
        if execution.status in ("CANCELLING", "CANCELLED", "COMPLETED"):
            raise errors.conflict(f"{execution.arn} is {execution.status}", execution.arn, "RecoveryPlanExecution")
        if execution.status == "FAILED":
            self.require_quiet(self.plan(execution.plan_arn))


def _require(step: ExecutionStep, *allowed: RecoveryPlanExecutionStepStatusType) -> None:
    if step.status not in allowed:
        raise errors.conflict(
            f"Step {step.index} ({step.name}) is {step.status}, not {' or '.join(allowed)}",
            step.arn,
            "RecoveryPlanExecutionStep",
        )

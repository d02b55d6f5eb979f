"""API operations on the steps of a Recovery Plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.plans.plan_records import PlanStep, RecoveryPlan
from leeward.twin.aws.drs.plans.plan_state import PlanState
from leeward.twin.aws.drs.plans.plan_views import step_view
from leeward.twin.aws.drs.plans.step_configuration import (
    read_configuration,
    require_plan_quota,
    require_valid_steps,
    require_valid_steps_or_reject,
)
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import OperationResult, ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        CreateRecoveryPlanStepRequestTypeDef,
        DeleteRecoveryPlanStepRequestTypeDef,
        GetRecoveryPlanStepRequestTypeDef,
        ListRecoveryPlanStepsRequestTypeDef,
        ReorderRecoveryPlanStepsRequestTypeDef,
        UpdateRecoveryPlanStepRequestTypeDef,
    )


class PlanStepOperations(PlanState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def create_recovery_plan_step(self, params: CreateRecoveryPlanStepRequestTypeDef) -> OperationResult:
        """Implement CreateRecoveryPlanStep. The new step is the last one, or has the position `stepOrder`.

        The steps from that position on move back by one (an assumption).
        """
        earlier_arn = self.find_earlier_request("CreateRecoveryPlanStep", params)
        plan = self.get_plan(params["recoveryPlanArn"])
        step = next((s for s in plan.steps if s.arn == earlier_arn), None)
        if step is None:
            self.require_no_active_execution(plan)
            step = self._create_step(plan, params)
            self.remember_request("CreateRecoveryPlanStep", params, step.arn)
        return {"recoveryPlanStep": step_view(plan, step)}

    def get_recovery_plan_step(self, params: GetRecoveryPlanStepRequestTypeDef) -> OperationResult:
        """Implement GetRecoveryPlanStep."""
        return {"recoveryPlanStep": step_view(*self.get_plan_step(params["recoveryPlanStepArn"]))}

    def list_recovery_plan_steps(self, params: ListRecoveryPlanStepsRequestTypeDef) -> OperationResult:
        """Implement ListRecoveryPlanSteps, in step order."""
        plan = self.get_plan(params["recoveryPlanArn"])
        page, token = paginate(plan.steps, lambda s: s.arn, params.get("nextToken"), params.get("maxResults"))
        items = [step_view(plan, step) for step in page]
        return {"recoveryPlanSteps": items, "nextToken": token} if token else {"recoveryPlanSteps": items}

    def update_recovery_plan_step(self, params: UpdateRecoveryPlanStepRequestTypeDef) -> OperationResult:
        """Implement UpdateRecoveryPlanStep, which changes the name and the configuration, but not the type."""
        plan, step = self.get_plan_step(params["recoveryPlanStepArn"])
        self.require_no_active_execution(plan)
        configuration = step.configuration
        if "configuration" in params:
            configuration = read_configuration(self, params["configuration"])
            if type(configuration) is not type(step.configuration):
                raise ValidationException(f"The type of the step {step.name} cannot be changed")
            others = [s.configuration for s in plan.steps if s is not step]
            require_valid_steps_or_reject(self, [*others, configuration])
        step.configuration, step.name = configuration, params.get("stepName", step.name)
        self._mark_updated(plan, step)
        return {"recoveryPlanStep": step_view(plan, step)}

    def delete_recovery_plan_step(self, params: DeleteRecoveryPlanStepRequestTypeDef) -> OperationResult:
        """Implement DeleteRecoveryPlanStep. Later steps move up."""
        plan, step = self.get_plan_step(params["recoveryPlanStepArn"])
        self.require_no_active_execution(plan)
        plan.steps.remove(step)
        plan.updated_at = self.hooks.now()
        return {"recoveryPlanStepArn": step.arn}

    def reorder_recovery_plan_steps(self, params: ReorderRecoveryPlanStepsRequestTypeDef) -> OperationResult:
        """Implement ReorderRecoveryPlanSteps. The request lists each step of the plan exactly once."""
        plan = self.get_plan(params["recoveryPlanArn"])
        self.require_no_active_execution(plan)
        wanted = list(params["orderedStepArns"])
        steps = {step.arn: step for step in plan.steps}
        if sorted(wanted) != sorted(steps):
            raise ValidationException("orderedStepArns must list every step of the Recovery Plan exactly once")
        plan.steps = [steps[arn] for arn in wanted]
        self._mark_updated(plan, *plan.steps)
        return {"recoveryPlanSteps": [step_view(plan, step) for step in plan.steps]}

    def _create_step(self, plan: RecoveryPlan, params: CreateRecoveryPlanStepRequestTypeDef) -> PlanStep:
        configuration = read_configuration(self, params["configuration"])
        position = params.get("stepOrder", len(plan.steps) + 1)
        require_plan_quota(len(plan.steps) + 1, self.shared.quotas.steps_per_plan, "steps in a Recovery Plan")
        require_valid_steps(self, [*(s.configuration for s in plan.steps), configuration])
        if position > len(plan.steps) + 1:
            raise ValidationException(f"stepOrder {position} would leave a gap after {len(plan.steps)} step(s)")
        now = self.hooks.now()
        step = PlanStep(f"{plan.arn}/step/{self.new_id('rps')}", params["stepName"], configuration, now, now)
        plan.steps.insert(position - 1, step)
        self._mark_updated(plan)
        return step

    def _mark_updated(self, plan: RecoveryPlan, *steps: PlanStep) -> None:
        plan.updated_at = self.hooks.now()
        for step in steps:
            step.updated_at = plan.updated_at

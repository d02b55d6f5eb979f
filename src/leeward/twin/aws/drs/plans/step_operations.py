"""Operations on the steps of a Recovery Plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.plans.configuration import read, require_fitting, require_fitting_unlisted, require_room
from leeward.twin.aws.drs.plans.model import PlanStep, RecoveryPlan
from leeward.twin.aws.drs.plans.state import PlanState
from leeward.twin.aws.drs.plans.views import step_view
from leeward.twin.aws.paging import page
from leeward.twin.aws.plugin import Answer, ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        CreateRecoveryPlanStepRequestTypeDef,
        DeleteRecoveryPlanStepRequestTypeDef,
        GetRecoveryPlanStepRequestTypeDef,
        ListRecoveryPlanStepsRequestTypeDef,
        ReorderRecoveryPlanStepsRequestTypeDef,
        UpdateRecoveryPlanStepRequestTypeDef,
    )


class StepOperations(PlanState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def create_recovery_plan_step(self, params: CreateRecoveryPlanStepRequestTypeDef) -> Answer:
        """CreateRecoveryPlanStep: last, or at `stepOrder`; those from there on move back by one (an assumption)."""
        before = self.made_before("CreateRecoveryPlanStep", params)
        plan = self.plan(params["recoveryPlanArn"])
        step = next((s for s in plan.steps if s.arn == before), None)
        if step is None:
            self.require_quiet(plan)
            step = self._new_step(plan, params)
            self.remember("CreateRecoveryPlanStep", params, step.arn)
        return {"recoveryPlanStep": step_view(plan, step)}

    def get_recovery_plan_step(self, params: GetRecoveryPlanStepRequestTypeDef) -> Answer:
        """GetRecoveryPlanStep."""
        return {"recoveryPlanStep": step_view(*self.plan_step(params["recoveryPlanStepArn"]))}

    def list_recovery_plan_steps(self, params: ListRecoveryPlanStepsRequestTypeDef) -> Answer:
        """ListRecoveryPlanSteps, in order."""
        plan = self.plan(params["recoveryPlanArn"])
        part, token = page(plan.steps, lambda s: s.arn, params.get("nextToken"), params.get("maxResults"))
        items = [step_view(plan, step) for step in part]
        return {"recoveryPlanSteps": items, "nextToken": token} if token else {"recoveryPlanSteps": items}

    def update_recovery_plan_step(self, params: UpdateRecoveryPlanStepRequestTypeDef) -> Answer:
        """UpdateRecoveryPlanStep: its name and configuration; its type cannot be changed."""
        plan, step = self.plan_step(params["recoveryPlanStepArn"])
        self.require_quiet(plan)
        configuration = step.configuration
        if "configuration" in params:
            configuration = read(self, params["configuration"])
            if type(configuration) is not type(step.configuration):
                raise ValidationException(f"The type of the step {step.name} cannot be changed")
            others = [s.configuration for s in plan.steps if s is not step]
            require_fitting_unlisted(self, [*others, configuration])
        step.configuration, step.name = configuration, params.get("stepName", step.name)
        self._touched(plan, step)
        return {"recoveryPlanStep": step_view(plan, step)}

    def delete_recovery_plan_step(self, params: DeleteRecoveryPlanStepRequestTypeDef) -> Answer:
        """DeleteRecoveryPlanStep: those after it move up."""
        plan, step = self.plan_step(params["recoveryPlanStepArn"])
        self.require_quiet(plan)
        plan.steps.remove(step)
        plan.updated_at = self.seam.now()
        return {"recoveryPlanStepArn": step.arn}

    def reorder_recovery_plan_steps(self, params: ReorderRecoveryPlanStepsRequestTypeDef) -> Answer:
        """ReorderRecoveryPlanSteps: takes every step of the plan, once."""
        plan = self.plan(params["recoveryPlanArn"])
        self.require_quiet(plan)
        wanted = list(params["orderedStepArns"])
        steps = {step.arn: step for step in plan.steps}
        if sorted(wanted) != sorted(steps):
            raise ValidationException("orderedStepArns must list every step of the Recovery Plan exactly once")
        plan.steps = [steps[arn] for arn in wanted]
        self._touched(plan, *plan.steps)
        return {"recoveryPlanSteps": [step_view(plan, step) for step in plan.steps]}

    def _new_step(self, plan: RecoveryPlan, params: CreateRecoveryPlanStepRequestTypeDef) -> PlanStep:
        configuration = read(self, params["configuration"])
        place = params.get("stepOrder", len(plan.steps) + 1)
        require_room(len(plan.steps) + 1, self.shared.quotas.steps_per_plan, "steps in a Recovery Plan")
        require_fitting(self, [*(s.configuration for s in plan.steps), configuration])
        if place > len(plan.steps) + 1:
            raise ValidationException(f"stepOrder {place} would leave a gap after {len(plan.steps)} step(s)")
        now = self.seam.now()
        step = PlanStep(f"{plan.arn}/step/{self.new_id('rps')}", params["stepName"], configuration, now, now)
        plan.steps.insert(place - 1, step)
        self._touched(plan)
        return step

    def _touched(self, plan: RecoveryPlan, *steps: PlanStep) -> None:
        plan.updated_at = self.seam.now()
        for step in steps:
            step.updated_at = plan.updated_at

"""Operations on Recovery Plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.plans.model import RecoveryPlan
from leeward.twin.aws.drs.plans.state import PlanState
from leeward.twin.aws.drs.plans.views import plan_summary, plan_view
from leeward.twin.aws.paging import page
from leeward.twin.aws.plugin import Answer

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        CreateRecoveryPlanRequestTypeDef,
        DeleteRecoveryPlanRequestTypeDef,
        GetRecoveryPlanRequestTypeDef,
        ListRecoveryPlansRequestTypeDef,
        UpdateRecoveryPlanRequestTypeDef,
    )


class PlanOperations(PlanState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def create_recovery_plan(self, params: CreateRecoveryPlanRequestTypeDef) -> Answer:
        """CreateRecoveryPlan, without steps yet."""
        plan = self.plans.get(self.made_before("CreateRecoveryPlan", params) or "")
        if plan is None:
            self._require_free(params["name"])
            now = self.seam.now()
            arn = self.arn("recovery-plan", self.new_id("rp"))
            plan = RecoveryPlan(
                arn,
                params["name"],
                params.get("description"),
                dict(params.get("tags", {})),
                created_at=now,
                updated_at=now,
            )
            self.plans[arn] = plan
            self.remember("CreateRecoveryPlan", params, arn)
        return {"recoveryPlan": plan_view(plan, self.plan_status(plan))}

    def get_recovery_plan(self, params: GetRecoveryPlanRequestTypeDef) -> Answer:
        """GetRecoveryPlan."""
        plan = self.plan(params["recoveryPlanArn"])
        return {"recoveryPlan": plan_view(plan, self.plan_status(plan))}

    def list_recovery_plans(self, params: ListRecoveryPlansRequestTypeDef) -> Answer:
        """ListRecoveryPlans."""
        plans = list(self.plans.values())
        part, token = page(plans, lambda p: p.arn, params.get("nextToken"), params.get("maxResults"))
        items = [plan_summary(plan, self.plan_status(plan)) for plan in part]
        return {"recoveryPlans": items, "nextToken": token} if token else {"recoveryPlans": items}

    def update_recovery_plan(self, params: UpdateRecoveryPlanRequestTypeDef) -> Answer:
        """UpdateRecoveryPlan: its name and description."""
        plan = self.plan(params["recoveryPlanArn"])
        self.require_quiet(plan)
        name = params.get("name", plan.name)
        if name != plan.name:
            self._require_free(name)
        plan.name, plan.description = name, params.get("description", plan.description)
        plan.updated_at = self.seam.now()
        return {"recoveryPlan": plan_view(plan, self.plan_status(plan))}

    def delete_recovery_plan(self, params: DeleteRecoveryPlanRequestTypeDef) -> Answer:
        """DeleteRecoveryPlan: not while it is executed. The records of its executions stay."""
        plan = self.plan(params["recoveryPlanArn"])
        self.require_quiet(plan)
        del self.plans[plan.arn]
        return {"recoveryPlanArn": plan.arn}

    def _require_free(self, name: str) -> None:
        for plan in self.plans.values():
            if plan.name == name:
                raise errors.conflict(f"A Recovery Plan {name!r} exists already", plan.arn, "RecoveryPlan")

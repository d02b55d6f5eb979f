"""API operations on Recovery Plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.plans.plan_records import RecoveryPlan
from leeward.twin.aws.drs.plans.plan_state import PlanState
from leeward.twin.aws.drs.plans.plan_views import plan_summary, plan_view
from leeward.twin.aws.service_framework.pagination import paginate
from leeward.twin.aws.service_framework.service_plugin import OperationResult

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        CreateRecoveryPlanRequestTypeDef,
        DeleteRecoveryPlanRequestTypeDef,
        GetRecoveryPlanRequestTypeDef,
        ListRecoveryPlansRequestTypeDef,
        UpdateRecoveryPlanRequestTypeDef,
    )


class PlanOperations(PlanState):
    """Mixin for the backend. Each method implements one operation and raises the errors in its model."""

    def create_recovery_plan(self, params: CreateRecoveryPlanRequestTypeDef) -> OperationResult:
        """Implement CreateRecoveryPlan. A new plan has no steps."""
        plan = self.plans.get(self.find_earlier_request("CreateRecoveryPlan", params) or "")
        if plan is None:
            self._require_unused_name(params["name"])
            now = self.hooks.now()
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
            self.remember_request("CreateRecoveryPlan", params, arn)
        return {"recoveryPlan": plan_view(plan, self.plan_status(plan))}

    def get_recovery_plan(self, params: GetRecoveryPlanRequestTypeDef) -> OperationResult:
        """Implement GetRecoveryPlan."""
        plan = self.get_plan(params["recoveryPlanArn"])
        return {"recoveryPlan": plan_view(plan, self.plan_status(plan))}

    def list_recovery_plans(self, params: ListRecoveryPlansRequestTypeDef) -> OperationResult:
        """Implement ListRecoveryPlans."""
        plans = list(self.plans.values())
        page, token = paginate(plans, lambda p: p.arn, params.get("nextToken"), params.get("maxResults"))
        items = [plan_summary(plan, self.plan_status(plan)) for plan in page]
        return {"recoveryPlans": items, "nextToken": token} if token else {"recoveryPlans": items}

    def update_recovery_plan(self, params: UpdateRecoveryPlanRequestTypeDef) -> OperationResult:
        """Implement UpdateRecoveryPlan, which changes the name and the description."""
        plan = self.get_plan(params["recoveryPlanArn"])
        self.require_no_active_execution(plan)
        name = params.get("name", plan.name)
        if name != plan.name:
            self._require_unused_name(name)
        plan.name, plan.description = name, params.get("description", plan.description)
        plan.updated_at = self.hooks.now()
        return {"recoveryPlan": plan_view(plan, self.plan_status(plan))}

    def delete_recovery_plan(self, params: DeleteRecoveryPlanRequestTypeDef) -> OperationResult:
        """Implement DeleteRecoveryPlan. Rejected during an execution. Keeps the records of past executions."""
        plan = self.get_plan(params["recoveryPlanArn"])
        self.require_no_active_execution(plan)
        del self.plans[plan.arn]
        return {"recoveryPlanArn": plan.arn}

    def _require_unused_name(self, name: str) -> None:
        for plan in self.plans.values():
            if plan.name == name:
                raise drs_errors.conflict_error(f"A Recovery Plan {name!r} exists already", plan.arn, "RecoveryPlan")

"""Operations on executions of a Recovery Plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.plans.model import Execution, ExecutionStep, RecoveryPlan
from leeward.twin.aws.drs.plans.running import PlanRun
from leeward.twin.aws.drs.plans.state import PlanState
from leeward.twin.aws.drs.plans.views import execution_summary, execution_view
from leeward.twin.aws.paging import page
from leeward.twin.aws.plugin import Answer, ValidationException

if TYPE_CHECKING:
    from mypy_boto3_drs.type_defs import (
        CancelRecoveryPlanExecutionRequestTypeDef,
        DeleteRecoveryPlanExecutionRequestTypeDef,
        GetRecoveryPlanExecutionRequestTypeDef,
        ListRecoveryPlanExecutionsRequestTypeDef,
        StartRecoveryPlanExecutionRequestTypeDef,
    )

_OPERATION = "StartRecoveryPlanExecution"


class ExecutionOperations(PlanState):
    """Mixed into the backend. Methods are named after the operations and raise what their models list."""

    def start_recovery_plan_execution(self, params: StartRecoveryPlanExecutionRequestTypeDef) -> Answer:
        """StartRecoveryPlanExecution: a plan has at most one at a time."""
        execution = self.executions.get(self.made_before(_OPERATION, params) or "")
        if execution is None:
            plan = self.plan(params["recoveryPlanArn"])
            self.require_quiet(plan)
            execution = self._new_execution(plan, params)
            self.remember(_OPERATION, params, execution.arn)
            PlanRun(self, execution).start()
        return {"recoveryPlanExecution": execution_view(execution)}

    def get_recovery_plan_execution(self, params: GetRecoveryPlanExecutionRequestTypeDef) -> Answer:
        """GetRecoveryPlanExecution."""
        return {"recoveryPlanExecution": execution_view(self.execution(params["recoveryPlanExecutionArn"]))}

    def list_recovery_plan_executions(self, params: ListRecoveryPlanExecutionsRequestTypeDef) -> Answer:
        """ListRecoveryPlanExecutions. Newest first. A plan that does not exist has none."""
        plan, status = params.get("recoveryPlanArn"), params.get("status")
        found = [
            e
            for e in reversed(self.executions.values())
            if (not plan or e.plan_arn == plan) and (not status or e.status == status)
        ]
        part, token = page(found, lambda e: e.arn, params.get("nextToken"), params.get("maxResults"))
        items = [execution_summary(execution) for execution in part]
        return {"recoveryPlanExecutions": items, "nextToken": token} if token else {"recoveryPlanExecutions": items}

    def cancel_recovery_plan_execution(self, params: CancelRecoveryPlanExecutionRequestTypeDef) -> Answer:
        """CancelRecoveryPlanExecution: the remaining steps are skipped."""
        execution = self.execution(params["recoveryPlanExecutionArn"])
        if execution.status not in ("CREATED", "IN_PROGRESS"):
            raise _wrong_status(execution)
        PlanRun(self, execution).cancel()
        return {"recoveryPlanExecution": execution_view(execution)}

    def delete_recovery_plan_execution(self, params: DeleteRecoveryPlanExecutionRequestTypeDef) -> Answer:
        """DeleteRecoveryPlanExecution: only one that has ended. What it launched stays."""
        execution = self.execution(params["recoveryPlanExecutionArn"])
        if execution.active:
            raise _wrong_status(execution)
        del self.executions[execution.arn]
        return {"recoveryPlanExecutionArn": execution.arn}

    def _new_execution(self, plan: RecoveryPlan, params: StartRecoveryPlanExecutionRequestTypeDef) -> Execution:
        if not plan.steps:
            raise ValidationException(f"Recovery Plan {plan.name} has no steps")
        if self.plan_status(plan) == "INVALID":
            raise errors.conflict(f"Recovery Plan {plan.name} is INVALID", plan.arn, "RecoveryPlan")
        pins = {s["sourceServerID"]: s["recoverySnapshotID"] for s in params.get("sourceServers", [])}
        strange = sorted(pins.keys() - set(plan.server_ids))
        if strange:
            raise ValidationException(f"not in the Recovery Plan: {', '.join(strange)}")
        now = self.seam.now()
        arn = self.arn("recovery-plan-execution", self.new_id("rpe"))
        steps = [
            ExecutionStep(f"{arn}/step/{index}", index, step.name, step.configuration, now, now)
            for index, step in enumerate(plan.steps, 1)
        ]
        execution = Execution(arn, plan.arn, params["mode"], pins, dict(params.get("tags", {})), now, steps)
        self.executions[arn] = execution
        return execution


def _wrong_status(execution: Execution) -> errors.ConflictException:
    return errors.conflict(f"{execution.arn} is {execution.status}", execution.arn, "RecoveryPlanExecution")

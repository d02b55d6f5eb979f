"""The Recovery Plans and executions of one Region, and the look-ups that their operations need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from leeward.twin.aws.drs import errors
from leeward.twin.aws.drs.plans.model import Execution, ExecutionStep, PlanStep, RecoveryPlan
from leeward.twin.aws.drs.replication import Mode
from leeward.twin.aws.drs.state import RegionState, Tagged

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import RecoveryPlanStatusType


class PlanState(RegionState):
    """Beside the Region's other records."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.plans: dict[str, RecoveryPlan] = {}
        self.executions: dict[str, Execution] = {}
        self._answered: dict[tuple[str, str], tuple[dict[str, object], str]] = {}

    def tagged(self) -> Iterable[Tagged]:
        """Plans and executions carry tags too."""
        return [*super().tagged(), *self.plans.values(), *self.executions.values()]

    def plan(self, arn: str) -> RecoveryPlan:
        """Raises ResourceNotFoundException."""
        found = self.plans.get(arn)
        if found is None:
            raise errors.no_such(arn, "RecoveryPlan")
        return found

    def plan_status(self, plan: RecoveryPlan) -> RecoveryPlanStatusType:
        """INVALID (an assumption) when a server in it is gone or disconnected: its steps could not be run."""
        found = [self.servers.get(server_id) for server_id in plan.server_ids]
        valid = all(s is not None and s.replication.mode is not Mode.DISCONNECTED for s in found)
        return "ACTIVE" if valid else "INVALID"

    def plan_step(self, arn: str) -> tuple[RecoveryPlan, PlanStep]:
        """A step with its plan. Raises ResourceNotFoundException."""
        for plan in self.plans.values():
            for step in plan.steps:
                if step.arn == arn:
                    return plan, step
        raise errors.no_such(arn, "RecoveryPlanStep")

    def execution(self, arn: str) -> Execution:
        """Raises ResourceNotFoundException."""
        found = self.executions.get(arn)
        if found is None:
            raise errors.no_such(arn, "RecoveryPlanExecution")
        return found

    def execution_step(self, arn: str) -> tuple[Execution, ExecutionStep]:
        """A step with its execution. Raises ResourceNotFoundException."""
        for execution in self.executions.values():
            for step in execution.steps:
                if step.arn == arn:
                    return execution, step
        raise errors.no_such(arn, "RecoveryPlanExecutionStep")

    def require_quiet(self, plan: RecoveryPlan) -> None:
        """Raises ConflictException while the plan is executed."""
        for execution in self.executions.values():
            if execution.plan_arn == plan.arn and execution.active:
                raise errors.conflict(
                    f"Recovery Plan {plan.name} has the execution {execution.arn}, which is {execution.status}",
                    plan.arn,
                    "RecoveryPlan",
                )

    def made_before(self, operation: str, params: Mapping[str, object]) -> str | None:
        """The ARN that an earlier request with the same client token made. Raises ConflictException if they differ."""
        token = params.get("clientToken")
        before = self._answered.get((operation, str(token))) if token else None
        if before is None:
            return None
        request, arn = before
        if request != dict(params):
            raise errors.conflict(f"The client token {token} was used with other parameters", arn, "RecoveryPlan")
        return arn

    def remember(self, operation: str, params: Mapping[str, object], arn: str) -> None:
        """For `made_before`."""
        token = params.get("clientToken")
        if token:
            self._answered[operation, str(token)] = (dict(params), arn)

"""The Recovery Plans and executions of one Region, and the look-ups that their operations need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from leeward.twin.aws.drs.conventions import drs_errors
from leeward.twin.aws.drs.plans.plan_records import ExecutionStep, PlanStep, RecoveryPlan, SimulatedPlanExecution
from leeward.twin.aws.drs.state.region_state import DrsRegionState, TaggedRecord
from leeward.twin.aws.drs.state.server_replication import ReplicationMode

if TYPE_CHECKING:
    from mypy_boto3_drs.literals import RecoveryPlanStatusType


class PlanState(DrsRegionState):
    """Beside the Region's other records."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.plans: dict[str, RecoveryPlan] = {}
        self.executions: dict[str, SimulatedPlanExecution] = {}
        self._requests_by_token: dict[tuple[str, str], tuple[dict[str, object], str]] = {}

    def tagged_records(self) -> Iterable[TaggedRecord]:
        """Plans and executions carry tags too."""
        return [*super().tagged_records(), *self.plans.values(), *self.executions.values()]

    def get_plan(self, arn: str) -> RecoveryPlan:
        """Raises ResourceNotFoundException."""
        found = self.plans.get(arn)
        if found is None:
            raise drs_errors.not_found_error(arn, "RecoveryPlan")
        return found

    def plan_status(self, plan: RecoveryPlan) -> RecoveryPlanStatusType:
        """INVALID (an assumption) when a server in it is gone or disconnected: its steps could not be run."""
        found = [self.servers.get(server_id) for server_id in plan.server_ids]
        valid = all(s is not None and s.replication.mode is not ReplicationMode.DISCONNECTED for s in found)
        return "ACTIVE" if valid else "INVALID"

    def get_plan_step(self, arn: str) -> tuple[RecoveryPlan, PlanStep]:
        """A step with its plan. Raises ResourceNotFoundException."""
        for plan in self.plans.values():
            for step in plan.steps:
                if step.arn == arn:
                    return plan, step
        raise drs_errors.not_found_error(arn, "RecoveryPlanStep")

    def get_execution(self, arn: str) -> SimulatedPlanExecution:
        """Raises ResourceNotFoundException."""
        found = self.executions.get(arn)
        if found is None:
            raise drs_errors.not_found_error(arn, "RecoveryPlanExecution")
        return found

    def get_execution_step(self, arn: str) -> tuple[SimulatedPlanExecution, ExecutionStep]:
        """A step with its execution. Raises ResourceNotFoundException."""
        for execution in self.executions.values():
            for step in execution.steps:
                if step.arn == arn:
                    return execution, step
        raise drs_errors.not_found_error(arn, "RecoveryPlanExecutionStep")

    def require_no_active_execution(self, plan: RecoveryPlan) -> None:
        """Raises ConflictException while the plan is executed."""
        for execution in self.executions.values():
            if execution.plan_arn == plan.arn and execution.is_active:
                raise drs_errors.conflict_error(
                    f"Recovery Plan {plan.name} has the execution {execution.arn}, which is {execution.status}",
                    plan.arn,
                    "RecoveryPlan",
                )

    def find_earlier_request(self, operation: str, params: Mapping[str, object]) -> str | None:
        """The ARN that an earlier request with the same client token made. Raises ConflictException if they differ."""
        token = params.get("clientToken")
        before = self._requests_by_token.get((operation, str(token))) if token else None
        if before is None:
            return None
        request, arn = before
        if request != dict(params):
            raise drs_errors.conflict_error(
                f"The client token {token} was used with other parameters", arn, "RecoveryPlan"
            )
        return arn

    def remember_request(self, operation: str, params: Mapping[str, object], arn: str) -> None:
        """For `made_before`."""
        token = params.get("clientToken")
        if token:
            self._requests_by_token[operation, str(token)] = (dict(params), arn)

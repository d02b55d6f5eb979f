"""The Recovery Plans and executions of one Region, and lookups for their operations."""

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
    """The state of one Region, with its Recovery Plans and executions."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.plans: dict[str, RecoveryPlan] = {}
        self.executions: dict[str, SimulatedPlanExecution] = {}
        self._requests_by_token: dict[tuple[str, str], tuple[dict[str, object], str]] = {}

    def tagged_records(self) -> Iterable[TaggedRecord]:
        """Return all tagged records, including plans and executions."""
        return [*super().tagged_records(), *self.plans.values(), *self.executions.values()]

    def get_plan(self, arn: str) -> RecoveryPlan:
        """Return the plan. Raises ResourceNotFoundException when it doesn't exist."""
        plan = self.plans.get(arn)
        if plan is None:
            raise drs_errors.not_found_error(arn, "RecoveryPlan")
        return plan

    def plan_status(self, plan: RecoveryPlan) -> RecoveryPlanStatusType:
        """Return the plan's status. INVALID (an assumption) if a server is missing or disconnected."""
        servers = [self.servers.get(server_id) for server_id in plan.server_ids]
        valid = all(s is not None and s.replication.mode is not ReplicationMode.DISCONNECTED for s in servers)
        return "ACTIVE" if valid else "INVALID"

    def get_plan_step(self, arn: str) -> tuple[RecoveryPlan, PlanStep]:
        """Return a step with its plan. Raises ResourceNotFoundException."""
        for plan in self.plans.values():
            for step in plan.steps:
                if step.arn == arn:
                    return plan, step
        raise drs_errors.not_found_error(arn, "RecoveryPlanStep")

    def get_execution(self, arn: str) -> SimulatedPlanExecution:
        """Return the execution. Raises ResourceNotFoundException when it doesn't exist."""
        execution = self.executions.get(arn)
        if execution is None:
            raise drs_errors.not_found_error(arn, "RecoveryPlanExecution")
        return execution

    def get_execution_step(self, arn: str) -> tuple[SimulatedPlanExecution, ExecutionStep]:
        """Return a step with its execution. Raises ResourceNotFoundException."""
        for execution in self.executions.values():
            for step in execution.steps:
                if step.arn == arn:
                    return execution, step
        raise drs_errors.not_found_error(arn, "RecoveryPlanExecutionStep")

    def require_no_active_execution(self, plan: RecoveryPlan) -> None:
        """Raise ConflictException if the plan has an active execution."""
        for execution in self.executions.values():
            if execution.plan_arn == plan.arn and execution.is_active:
                raise drs_errors.conflict_error(
                    f"Recovery Plan {plan.name} has the execution {execution.arn}, which is {execution.status}",
                    plan.arn,
                    "RecoveryPlan",
                )

    def find_earlier_request(self, operation: str, params: Mapping[str, object]) -> str | None:
        """Return the ARN that an earlier request with the same client token created, or None.

        Raises ConflictException if the earlier request had different parameters.
        """
        token = params.get("clientToken")
        earlier = self._requests_by_token.get((operation, str(token))) if token else None
        if earlier is None:
            return None
        request, arn = earlier
        if request != dict(params):
            raise drs_errors.conflict_error(
                f"The client token {token} was used with other parameters", arn, "RecoveryPlan"
            )
        return arn

    def remember_request(self, operation: str, params: Mapping[str, object], arn: str) -> None:
        """Store a request and the ARN that it created, for `find_earlier_request`."""
        token = params.get("clientToken")
        if token:
            self._requests_by_token[operation, str(token)] = (dict(params), arn)

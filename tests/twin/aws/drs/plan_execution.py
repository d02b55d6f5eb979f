"""Recovery Plans for tests: how a step is written, and a plan of three steps with its executions."""

from __future__ import annotations

from typing import Any

from leeward.twin.aws.drs import SourceServer
from tests.twin.aws.drs_world import DrsTestWorld


def servers_step(*servers: SourceServer, **impact: str) -> dict[str, Any]:
    return {"serverStepConfiguration": {"servers": [{"serverArn": s.arn, **impact} for s in servers]}}


def wait_step(minutes: int) -> dict[str, Any]:
    return {"waitStepConfiguration": {"waitDurationMinutes": minutes}}


def make_plan(world: DrsTestWorld, name: str = "website", **options: Any) -> str:
    return str(world.b.create_recovery_plan(name=name, **options)["recoveryPlan"]["recoveryPlanArn"])


def add_step(world: DrsTestWorld, plan: str, name: str, configuration: dict[str, Any], **options: Any) -> str:
    answer = world.b.create_recovery_plan_step(
        recoveryPlanArn=plan, stepName=name, configuration=configuration, **options
    )
    return str(answer["recoveryPlanStep"]["recoveryPlanStepArn"])


class PlanExecutionHarness:
    """A database, a pause of 5 minutes, and two web servers, one of them optional."""

    def __init__(self, world: DrsTestWorld) -> None:
        self.world, self.api = world, world.b
        self.db, self.web, self.spare = (world.protect(name) for name in ("db", "web", "spare"))
        self.plan = make_plan(world)
        add_step(world, self.plan, "database", servers_step(self.db))
        add_step(world, self.plan, "pause", wait_step(5))
        both = servers_step(self.web)["serverStepConfiguration"]["servers"]
        both += servers_step(self.spare, impactLevel="OPTIONAL")["serverStepConfiguration"]["servers"]
        add_step(world, self.plan, "web servers", {"serverStepConfiguration": {"servers": both}})

    def start(self, mode: str = "RECOVERY", **options: Any) -> str:
        answer = self.api.start_recovery_plan_execution(recoveryPlanArn=self.plan, mode=mode, **options)
        return str(answer["recoveryPlanExecution"]["recoveryPlanExecutionArn"])

    def execution(self, arn: str) -> dict[str, Any]:
        return dict(self.api.get_recovery_plan_execution(recoveryPlanExecutionArn=arn)["recoveryPlanExecution"])

    def status(self, arn: str) -> str:
        return str(self.execution(arn)["status"])

    def steps(self, arn: str) -> list[str]:
        return [s["status"] for s in self._steps(arn)]

    def step(self, arn: str, index: int) -> dict[str, Any]:
        name = self._steps(arn)[index - 1]["recoveryPlanExecutionStepArn"]
        answer = self.api.get_recovery_plan_execution_step(recoveryPlanExecutionStepArn=name)
        return dict(answer["recoveryPlanExecutionStep"])

    def _steps(self, arn: str) -> list[dict[str, Any]]:
        answer = self.api.list_recovery_plan_execution_steps(recoveryPlanExecutionArn=arn)
        return list(answer["recoveryPlanExecutionSteps"])

    def update(self, arn: str, index: int, **change: Any) -> dict[str, Any]:
        name = self.step(arn, index)["recoveryPlanExecutionStepArn"]
        answer = self.api.update_recovery_plan_execution_step(recoveryPlanExecutionStepArn=name, **change)
        return dict(answer["recoveryPlanExecutionStep"])

    def retry(self, arn: str, index: int) -> dict[str, Any]:
        name = self.step(arn, index)["recoveryPlanExecutionStepArn"]
        answer = self.api.retry_recovery_plan_execution_step(recoveryPlanExecutionStepArn=name)
        return dict(answer["recoveryPlanExecutionStep"])

    def fails(self, server: SourceServer, times: int = 1) -> None:
        self.world.drs.fail_launch(server.server_id, "An error occurred (InsufficientInstanceCapacity)", times)

    def job_ids(self, arn: str, index: int) -> list[str | None]:
        servers = self.step(arn, index)["configuration"]["executionServerStepConfiguration"]["servers"]
        return [s.get("jobID") for s in servers]

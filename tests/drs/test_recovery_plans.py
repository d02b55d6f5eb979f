"""Recovering by one of DRS's own Recovery Plans."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.drs.api import queries
from leeward.drs.recovery import plan_execution
from leeward.twin.engine import FaultKind
from tests.lambdas.world import TARGET, Failed, World, recover

START = "drs:StartRecoveryPlanExecution"


@pytest.fixture
def plan(world: World) -> str:
    """The database first, a pause, then the web servers."""
    drs = world.client("drs")
    arn = drs.create_recovery_plan(name="website")["recoveryPlan"]["recoveryPlanArn"]
    arns = {server.tags["Name"]: server.arn for server in world.drs.servers(TARGET)}

    def servers(*names: str) -> dict[str, Any]:
        chosen = [{"serverArn": arns[name], "impactLevel": "CRITICAL"} for name in names]
        return {"serverStepConfiguration": {"servers": chosen}}

    pause = {"waitStepConfiguration": {"waitDurationMinutes": 1}}
    steps = [("database", servers("database")), ("pause", pause), ("web", servers("web-1", "web-2"))]
    for order, (name, configuration) in enumerate(steps, 1):
        drs.create_recovery_plan_step(recoveryPlanArn=arn, stepName=name, stepOrder=order, configuration=configuration)
    return str(arn)


def follow(world: World, plan: str, mode: str = "recovery") -> dict[str, Any]:
    return world.drive("drs_recovery_plan", minutes=120, plan_id=plan, mode=mode)


def executions(world: World) -> int:
    return len(world.client("drs").list_recovery_plan_executions()["recoveryPlanExecutions"])


def test_a_plan_is_followed_to_its_end(world: World, plan: str) -> None:
    first = world.look("drs_recovery_plan", plan_id=plan, mode="recovery")
    assert "was started as a recovery" in first["detail"]
    done = follow(world, plan)
    assert done["detail"].endswith("database COMPLETED; pause COMPLETED; web COMPLETED; 3 servers up")
    assert executions(world) == 1
    assert len(world.started()) == 3
    assert "protection.lost" in world.events()


def test_a_plan_is_done_when_its_machines_are_up(world: World, plan: str, monkeypatch: pytest.MonkeyPatch) -> None:
    follow(world, plan)
    with monkeypatch.context() as hidden:
        hidden.setattr(plan_execution, "describe_instances", lambda *_: {})
        look = world.look("drs_recovery_plan", plan_id=plan, mode="recovery")
        assert (look["status"], look["detail"].count("EC2 does not show")) == ("waiting", 3)
    with monkeypatch.context() as hidden:
        hidden.setattr(queries, "list_recovery_instances", lambda *_: [])
        look = world.look("drs_recovery_plan", plan_id=plan, mode="recovery")
        assert (look["status"], look["detail"].count("its instance is not shown")) == ("waiting", 3)


def test_a_plan_is_found_by_its_id(world: World, plan: str) -> None:
    follow(world, plan.rpartition("/")[2])
    assert len(world.recovered()) == 3
    with pytest.raises(Failed, match=r"NotFound: there is no Recovery Plan rplan-none; there are arn:.*"):
        world.look("drs_recovery_plan", plan_id="rplan-none", mode="recovery")


def test_a_drill_marks_what_it_launches(world: World, plan: str) -> None:
    follow(world, plan, mode="drill")
    assert all(i.is_drill for i in world.drs.recovery_instances(TARGET))
    assert "protection.lost" not in world.events()


@pytest.mark.parametrize(
    "fault", [FaultKind.ANSWER_LOST, FaultKind.CONNECTION_REFUSED, FaultKind.SERVER_ERROR, FaultKind.THROTTLED]
)
def test_whatever_becomes_of_the_call_it_is_executed_once(world: World, plan: str, fault: FaultKind) -> None:
    world.engine.interceptor.inject_fault(START, fault)
    follow(world, plan)
    assert executions(world) == 1
    assert len(world.started()) == 3


@pytest.mark.parametrize("nth", range(1, 8))
def test_a_call_that_fails_anywhere_leads_to_no_second_execution(world: World, plan: str, nth: int) -> None:
    world.engine.interceptor.inject_fault("drs:*", FaultKind.ANSWER_LOST, nth=nth, times=3)
    follow(world, plan)
    assert executions(world) == 1


def test_a_failed_step_is_told_with_the_job_logs_reason(world: World, plan: str) -> None:
    first = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(first, "An error occurred (InsufficientInstanceCapacity): no capacity", times=1)
    with pytest.raises(Failed, match=rf"LaunchFailed: .*step web FAILED: {first}: .*InsufficientInstanceCapacity"):
        follow(world, plan)


def test_a_later_attempt_retries_the_failed_step_of_the_same_execution(world: World, plan: str) -> None:
    first = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(first, "no capacity", times=2)
    for attempt in (1, 2):
        world.attempt = attempt
        with pytest.raises(Failed, match="LaunchFailed"):
            follow(world, plan)
    world.attempt = 3
    follow(world, plan)
    assert executions(world) == 1
    assert world.started().count(first) == 3
    assert len(world.started()) == 5, "the others were launched once"


@pytest.mark.parametrize("fault", [FaultKind.ANSWER_LOST, FaultKind.CONNECTION_REFUSED])
def test_a_retry_whose_answer_is_lost_is_made_once(world: World, plan: str, fault: FaultKind) -> None:
    first = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(first, "no capacity", times=1)
    with pytest.raises(Failed, match="LaunchFailed"):
        follow(world, plan)
    world.attempt = 2
    world.engine.interceptor.inject_fault("drs:RetryRecoveryPlanExecutionStep", fault)
    follow(world, plan)
    assert world.started().count(first) == 2


@pytest.mark.parametrize("mode", ["recovery", "drill"])
def test_live_machines_are_never_replaced(world: World, plan: str, mode: str) -> None:
    world.drive("drs_recover", **recover("database"))
    with pytest.raises(Failed, match=r"NotReady: .* would replace live recovery instances: s-\w+: i-\w+"):
        world.look("drs_recovery_plan", plan_id=plan, mode=mode)
    assert executions(world) == 0


def test_another_execution_is_waited_for(world: World, plan: str) -> None:
    world.client("drs").start_recovery_plan_execution(recoveryPlanArn=plan, mode="DRILL")
    told = world.look("drs_recovery_plan", plan_id=plan, mode="recovery")
    assert told["status"] == "waiting"
    assert "looking again" in told["detail"]
    follow(world, plan)
    assert executions(world) == 2
    assert not any(i.is_drill for i in world.drs.recovery_instances(TARGET))


def test_a_plan_that_was_cancelled_is_a_failure(world: World, plan: str) -> None:
    world.look("drs_recovery_plan", plan_id=plan, mode="recovery")
    drs = world.client("drs")
    (shown,) = drs.list_recovery_plan_executions()["recoveryPlanExecutions"]
    drs.cancel_recovery_plan_execution(recoveryPlanExecutionArn=shown["recoveryPlanExecutionArn"])
    with pytest.raises(Failed, match=r"LaunchFailed: .*was cancelled"):
        follow(world, plan)


def test_a_point_in_time_is_refused(world: World, plan: str) -> None:
    world.run["point_in_time"] = "2026-03-01T08:30:00Z"
    with pytest.raises(Failed, match="InvalidInput: a Recovery Plan takes the latest data"):
        world.look("drs_recovery_plan", plan_id=plan, mode="recovery")

"""Recovering by one of DRS's own Recovery Plans."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.common.claims.all_claims import find_claims
from leeward.common.claims.types.server_claims import Launched
from leeward.drs.api import queries
from leeward.drs.recovery import recovery_plan_run
from leeward.twin.engine import FaultKind
from tests.support.nonempty import nonempty
from tests.support.task_world import TARGET, TaskFailed, TaskWorld, recover_parameters

START = "drs:StartRecoveryPlanExecution"


@pytest.fixture
def plan(world: TaskWorld) -> str:
    """The database first, a pause, then the web servers."""
    return create_plan(world, "CRITICAL")


def create_plan(world: TaskWorld, impact: str) -> str:
    """Create the plan with servers of this impact level, and return its ARN."""
    drs = world.client("drs")
    arn = drs.create_recovery_plan(name="website")["recoveryPlan"]["recoveryPlanArn"]
    arns = {server.tags["Name"]: server.arn for server in world.drs.servers(TARGET)}

    def servers(*names: str) -> dict[str, Any]:
        chosen = [{"serverArn": arns[name], "impactLevel": impact} for name in names]
        return {"serverStepConfiguration": {"servers": chosen}}

    pause = {"waitStepConfiguration": {"waitDurationMinutes": 1}}
    steps = [("database", servers("database")), ("pause", pause), ("web", servers("web-1", "web-2"))]
    for order, (name, configuration) in enumerate(steps, 1):
        drs.create_recovery_plan_step(recoveryPlanArn=arn, stepName=name, stepOrder=order, configuration=configuration)
    return str(arn)


def run_plan(world: TaskWorld, plan: str, mode: str = "recovery") -> dict[str, Any]:
    return world.run_until_done("drs_recovery_plan", minutes=120, plan_id=plan, mode=mode)


def executions(world: TaskWorld) -> int:
    return len(world.client("drs").list_recovery_plan_executions()["recoveryPlanExecutions"])


def test_recovery_plan_runs_to_completion(world: TaskWorld, plan: str) -> None:
    first = world.look_once("drs_recovery_plan", plan_id=plan, mode="recovery")
    assert "was started as a recovery" in first["detail"]
    done = run_plan(world, plan)
    assert done["detail"].endswith("3 of 3 recovered; database COMPLETED; pause COMPLETED; web COMPLETED")
    assert executions(world) == 1
    assert len(world.started_servers()) == 3
    assert "protection.lost" in world.event_names()


def test_recovery_plan_is_done_when_instances_are_running(
    world: TaskWorld, plan: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_plan(world, plan)
    with monkeypatch.context() as hidden:
        hidden.setattr(recovery_plan_run, "describe_instances", lambda *_: {})
        look = world.poll_once("drs_recovery_plan", plan_id=plan, mode="recovery")
        assert (look["status"], look["detail"].count("EC2 does not show")) == ("waiting", 3)
    with monkeypatch.context() as hidden:
        hidden.setattr(queries, "list_recovery_instances", lambda *_: [])
        look = world.poll_once("drs_recovery_plan", plan_id=plan, mode="recovery")
        assert (look["status"], look["detail"].count("its instance is not shown")) == ("waiting", 3)


def test_server_without_instance_is_named_when_the_plan_goes_on(
    world: TaskWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a critical server makes a plan wait. The others are not counted as recovered, and have their job."""
    plan = create_plan(world, "OPTIONAL")
    names = {server.server_id: server.tags["Name"] for server in world.drs.servers(TARGET)}
    listed = queries.list_recovery_instances
    monkeypatch.setattr(
        queries, "list_recovery_instances", lambda *given: [i for i in listed(*given) if names[i.server] != "web-2"]
    )
    run_plan(world, plan)
    done = world.poll_once("drs_recovery_plan", plan_id=plan, mode="recovery")
    assert "2 of 3 recovered" in done["detail"]
    results = [claim for entry in world.journal for claim in find_claims(entry.facts, Launched)]
    (missing,) = (server for server in results[-1].servers if server.instance is None)
    assert (names[missing.id], missing.reason) == ("web-2", "its instance is not shown")
    assert missing.job


def test_recovery_plan_is_found_by_id(world: TaskWorld, plan: str) -> None:
    run_plan(world, plan.rpartition("/")[2])
    assert len(world.recovered_servers()) == 3
    with pytest.raises(TaskFailed, match=r"NotFound: there is no Recovery Plan rplan-none; there are arn:.*"):
        world.poll_once("drs_recovery_plan", plan_id="rplan-none", mode="recovery")


def test_recovery_plan_drill_marks_instances(world: TaskWorld, plan: str) -> None:
    run_plan(world, plan, mode="drill")
    assert all(i.is_drill for i in nonempty(world.drs.recovery_instances(TARGET)))
    assert "protection.lost" not in world.event_names()


@pytest.mark.parametrize(
    "fault", [FaultKind.ANSWER_LOST, FaultKind.CONNECTION_REFUSED, FaultKind.SERVER_ERROR, FaultKind.THROTTLED]
)
def test_faulty_start_call_executes_plan_once(world: TaskWorld, plan: str, fault: FaultKind) -> None:
    world.engine.interceptor.inject_fault(START, fault)
    run_plan(world, plan)
    assert executions(world) == 1
    assert len(world.started_servers()) == 3


@pytest.mark.parametrize("nth", range(1, 8))
def test_failing_call_causes_no_second_execution(world: TaskWorld, plan: str, nth: int) -> None:
    world.engine.interceptor.inject_fault("drs:*", FaultKind.ANSWER_LOST, nth=nth, times=3)
    run_plan(world, plan)
    assert executions(world) == 1


def test_failed_plan_step_reports_job_log_reason(world: TaskWorld, plan: str) -> None:
    first = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(first, "An error occurred (InsufficientInstanceCapacity): no capacity", times=1)
    with pytest.raises(TaskFailed, match=rf"LaunchFailed: .*step web FAILED: {first}: .*InsufficientInstanceCapacity"):
        run_plan(world, plan)


def test_retry_repeats_failed_step_of_same_execution(world: TaskWorld, plan: str) -> None:
    first = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(first, "no capacity", times=2)
    for attempt in (1, 2):
        world.attempt = attempt
        with pytest.raises(TaskFailed, match="LaunchFailed"):
            run_plan(world, plan)
    world.attempt = 3
    run_plan(world, plan)
    assert executions(world) == 1
    assert world.started_servers().count(first) == 3
    assert len(world.started_servers()) == 5, "the others were launched once"


@pytest.mark.parametrize("fault", [FaultKind.ANSWER_LOST, FaultKind.CONNECTION_REFUSED])
def test_step_retry_with_lost_response_is_made_once(world: TaskWorld, plan: str, fault: FaultKind) -> None:
    first = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(first, "no capacity", times=1)
    with pytest.raises(TaskFailed, match="LaunchFailed"):
        run_plan(world, plan)
    world.attempt = 2
    world.engine.interceptor.inject_fault("drs:RetryRecoveryPlanExecutionStep", fault)
    run_plan(world, plan)
    assert world.started_servers().count(first) == 2


@pytest.mark.parametrize("mode", ["recovery", "drill"])
def test_recovery_plan_never_replaces_live_instances(world: TaskWorld, plan: str, mode: str) -> None:
    world.run_until_done("drs_recover", **recover_parameters("database"))
    with pytest.raises(TaskFailed, match=r"NotReady: .* would replace live recovery instances: s-\w+: i-\w+"):
        world.poll_once("drs_recovery_plan", plan_id=plan, mode=mode)
    assert executions(world) == 0


def test_recovery_plan_waits_for_other_execution(world: TaskWorld, plan: str) -> None:
    world.client("drs").start_recovery_plan_execution(recoveryPlanArn=plan, mode="DRILL")
    output = world.poll_once("drs_recovery_plan", plan_id=plan, mode="recovery")
    assert output["status"] == "waiting"
    assert "looking again" in output["detail"]
    run_plan(world, plan)
    assert executions(world) == 2
    assert not any(i.is_drill for i in nonempty(world.drs.recovery_instances(TARGET)))


def test_cancelled_plan_fails_step(world: TaskWorld, plan: str) -> None:
    world.poll_once("drs_recovery_plan", plan_id=plan, mode="recovery")
    drs = world.client("drs")
    (shown,) = drs.list_recovery_plan_executions()["recoveryPlanExecutions"]
    drs.cancel_recovery_plan_execution(recoveryPlanExecutionArn=shown["recoveryPlanExecutionArn"])
    with pytest.raises(TaskFailed, match=r"LaunchFailed: .*was cancelled"):
        run_plan(world, plan)


def test_recovery_plan_rejects_point_in_time(world: TaskWorld, plan: str) -> None:
    world.run["point_in_time"] = "2026-03-01T08:30:00Z"
    with pytest.raises(TaskFailed, match="InvalidInput: a Recovery Plan recovers the latest data"):
        world.poll_once("drs_recovery_plan", plan_id=plan, mode="recovery")

"""Executions of native Recovery Plans that someone changes, cancels or looks into while they run."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.twin.aws.drs.plan_execution import PlanExecutionHarness, wait_step
from tests.twin.aws.drs_world import B, DrsTestWorld, error_code


@pytest.fixture
def planned(world: DrsTestWorld) -> PlanExecutionHarness:
    return PlanExecutionHarness(world)


def test_pending_steps_can_be_changed(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    run = planned.start()
    world.clock.advance(minutes=1)
    planned.update(run, 2, waitDurationMinutes=1)
    planned.update(run, 3, servers=[{"serverArn": planned.web.arn}])
    refusals: list[tuple[int, dict[str, Any], str]] = [
        (1, {"status": "SKIPPED"}, "is EXECUTING"),
        (1, {"servers": [{"serverArn": planned.db.arn}]}, "is EXECUTING"),
        (2, {"status": "COMPLETED"}, "SKIPPED only"),
        (2, {"servers": [{"serverArn": planned.web.arn}]}, "does not match the type of the step"),
        (3, {"waitDurationMinutes": 1}, "does not match the type of the step"),
        (3, {"servers": [{"serverArn": planned.db.arn}]}, "once"),
        (3, {}, "exactly one of"),
    ]
    for index, change, text in refusals:
        with pytest.raises(ClientError, match=text):
            planned.update(run, index, **change)
    world.clock.advance(minutes=40)
    assert planned.status(run) == "COMPLETED"
    assert "recoveryInstanceId" not in world.server(planned.spare.server_id)
    # The plan itself is as it was.
    steps = world.b.list_recovery_plan_steps(recoveryPlanArn=planned.plan)["recoveryPlanSteps"]
    assert steps[1]["configuration"] == wait_step(5)


def test_pending_step_can_be_skipped(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    run = planned.start()
    planned.update(run, 1, status="SKIPPED")
    planned.update(run, 2, status="SKIPPED")
    world.clock.advance(hours=1)
    assert (planned.status(run), planned.steps(run)) == ("COMPLETED", ["SKIPPED", "SKIPPED", "COMPLETED"])
    assert len(world.drs.jobs(B)) == 1


@pytest.mark.parametrize("step", [1, 3])
def test_only_failed_server_step_can_be_retried(planned: PlanExecutionHarness, world: DrsTestWorld, step: int) -> None:
    run = planned.start()
    with pytest.raises(world.b.exceptions.ConflictException, match="is NOT_STARTED, not FAILED"):
        planned.retry(run, step)
    with pytest.raises(ClientError) as error:
        planned.retry(run, 2)
    assert error_code(error.value) == "ValidationException"


def test_cancel_waits_for_running_job(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    run = planned.start()
    world.clock.advance(minutes=1)
    cancelled = world.b.cancel_recovery_plan_execution(recoveryPlanExecutionArn=run)["recoveryPlanExecution"]
    assert (cancelled["status"], planned.steps(run)) == ("CANCELLING", ["EXECUTING", "SKIPPED", "SKIPPED"])
    with pytest.raises(world.b.exceptions.ConflictException, match="is CANCELLING"):
        world.b.cancel_recovery_plan_execution(recoveryPlanExecutionArn=run)
    world.clock.advance(hours=1)
    assert (planned.status(run), planned.steps(run)) == ("CANCELLED", ["COMPLETED", "SKIPPED", "SKIPPED"])
    assert len(world.drs.jobs(B)) == 1


def test_cancel_ends_pause_immediately(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    run = planned.start()
    while planned.steps(run)[1] != "WAITING":
        world.clock.advance(seconds=30)
    world.b.cancel_recovery_plan_execution(recoveryPlanExecutionArn=run)
    world.clock.advance(minutes=1)
    assert (planned.status(run), planned.steps(run)) == ("CANCELLED", ["COMPLETED", "SKIPPED", "SKIPPED"])
    world.clock.advance(hours=1)
    assert (planned.status(run), len(world.drs.jobs(B))) == ("CANCELLED", 1)


def test_failure_while_cancelling_ends_cancelled(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    planned.fails(planned.db)
    run = planned.start()
    world.clock.advance(minutes=1)
    world.b.cancel_recovery_plan_execution(recoveryPlanExecutionArn=run)
    world.clock.advance(hours=1)
    assert (planned.status(run), planned.steps(run)[0]) == ("CANCELLED", "FAILED")
    with pytest.raises(world.b.exceptions.ConflictException, match="is CANCELLED"):
        planned.retry(run, 1)


def test_steps_can_be_listed_by_status(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    run = planned.start()
    world.clock.advance(minutes=1)
    answer = world.b.list_recovery_plan_execution_steps(
        recoveryPlanExecutionArn=run, filter={"status": "NOT_STARTED"}, maxResults=1
    )
    assert [s["stepIndex"] for s in answer["recoveryPlanExecutionSteps"]] == [2]
    rest = world.b.list_recovery_plan_execution_steps(
        recoveryPlanExecutionArn=run, filter={"status": "NOT_STARTED"}, nextToken=answer["nextToken"]
    )
    assert [s["stepName"] for s in rest["recoveryPlanExecutionSteps"]] == ["web servers"]

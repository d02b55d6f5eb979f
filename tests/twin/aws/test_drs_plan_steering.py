"""Executions of native Recovery Plans that someone changes, cancels or looks into while they run."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.twin.aws.fakes import B, DrsWorld, code
from tests.twin.aws.planned import Planned, wait_step


@pytest.fixture
def planned(world: DrsWorld) -> Planned:
    return Planned(world)


def test_steps_that_have_not_started_can_be_changed(planned: Planned, world: DrsWorld) -> None:
    run = planned.start()
    world.clock.forward(minutes=1)
    planned.update(run, 2, waitDurationMinutes=1)
    planned.update(run, 3, servers=[{"serverArn": planned.web.arn}])
    refusals: list[tuple[int, dict[str, Any], str]] = [
        (1, {"status": "SKIPPED"}, "is EXECUTING"),
        (1, {"servers": [{"serverArn": planned.db.arn}]}, "is EXECUTING"),
        (2, {"status": "COMPLETED"}, "SKIPPED only"),
        (2, {"servers": [{"serverArn": planned.web.arn}]}, "other type"),
        (3, {"waitDurationMinutes": 1}, "other type"),
        (3, {"servers": [{"serverArn": planned.db.arn}]}, "once"),
        (3, {}, "exactly one of"),
    ]
    for index, change, text in refusals:
        with pytest.raises(ClientError, match=text):
            planned.update(run, index, **change)
    world.clock.forward(minutes=40)
    assert planned.status(run) == "COMPLETED"
    assert "recoveryInstanceId" not in world.server(planned.spare.server_id)
    # The plan itself is as it was.
    steps = world.b.list_recovery_plan_steps(recoveryPlanArn=planned.plan)["recoveryPlanSteps"]
    assert steps[1]["configuration"] == wait_step(5)


def test_a_step_is_skipped_before_its_turn(planned: Planned, world: DrsWorld) -> None:
    run = planned.start()
    planned.update(run, 1, status="SKIPPED")
    planned.update(run, 2, status="SKIPPED")
    world.clock.forward(hours=1)
    assert (planned.status(run), planned.steps(run)) == ("COMPLETED", ["SKIPPED", "SKIPPED", "COMPLETED"])
    assert len(world.drs.jobs(B)) == 1


@pytest.mark.parametrize("step", [1, 3])
def test_only_a_failed_step_of_servers_is_retried(planned: Planned, world: DrsWorld, step: int) -> None:
    run = planned.start()
    with pytest.raises(world.b.exceptions.ConflictException, match="is NOT_STARTED, not FAILED"):
        planned.retry(run, step)
    with pytest.raises(ClientError) as error:
        planned.retry(run, 2)
    assert code(error.value) == "ValidationException"


def test_cancelling_waits_for_the_job_that_runs(planned: Planned, world: DrsWorld) -> None:
    run = planned.start()
    world.clock.forward(minutes=1)
    cancelled = world.b.cancel_recovery_plan_execution(recoveryPlanExecutionArn=run)["recoveryPlanExecution"]
    assert (cancelled["status"], planned.steps(run)) == ("CANCELLING", ["EXECUTING", "SKIPPED", "SKIPPED"])
    with pytest.raises(world.b.exceptions.ConflictException, match="is CANCELLING"):
        world.b.cancel_recovery_plan_execution(recoveryPlanExecutionArn=run)
    world.clock.forward(hours=1)
    assert (planned.status(run), planned.steps(run)) == ("CANCELLED", ["COMPLETED", "SKIPPED", "SKIPPED"])
    assert len(world.drs.jobs(B)) == 1


def test_cancelling_ends_a_pause_at_once(planned: Planned, world: DrsWorld) -> None:
    run = planned.start()
    while planned.steps(run)[1] != "WAITING":
        world.clock.forward(seconds=30)
    world.b.cancel_recovery_plan_execution(recoveryPlanExecutionArn=run)
    world.clock.forward(minutes=1)
    assert (planned.status(run), planned.steps(run)) == ("CANCELLED", ["COMPLETED", "SKIPPED", "SKIPPED"])
    world.clock.forward(hours=1)
    assert (planned.status(run), len(world.drs.jobs(B))) == ("CANCELLED", 1)


def test_a_failure_while_cancelling_still_ends_cancelled(planned: Planned, world: DrsWorld) -> None:
    planned.fails(planned.db)
    run = planned.start()
    world.clock.forward(minutes=1)
    world.b.cancel_recovery_plan_execution(recoveryPlanExecutionArn=run)
    world.clock.forward(hours=1)
    assert (planned.status(run), planned.steps(run)[0]) == ("CANCELLED", "FAILED")
    with pytest.raises(world.b.exceptions.ConflictException, match="is CANCELLED"):
        planned.retry(run, 1)


def test_steps_can_be_listed_by_status(planned: Planned, world: DrsWorld) -> None:
    run = planned.start()
    world.clock.forward(minutes=1)
    answer = world.b.list_recovery_plan_execution_steps(
        recoveryPlanExecutionArn=run, filter={"status": "NOT_STARTED"}, maxResults=1
    )
    assert [s["stepIndex"] for s in answer["recoveryPlanExecutionSteps"]] == [2]
    rest = world.b.list_recovery_plan_execution_steps(
        recoveryPlanExecutionArn=run, filter={"status": "NOT_STARTED"}, nextToken=answer["nextToken"]
    )
    assert [s["stepName"] for s in rest["recoveryPlanExecutionSteps"]] == ["web servers"]

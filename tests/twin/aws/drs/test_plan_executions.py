"""Executions of native Recovery Plans: what they start, where they stop, and how they go on."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from leeward.twin.aws.drs import DrsTimings
from tests.twin.aws.drs.plan_execution import PlanExecutionHarness, add_step, wait_step
from tests.twin.aws.drs_world import B, DrsTestWorld


@pytest.fixture
def planned(world: DrsTestWorld) -> PlanExecutionHarness:
    return PlanExecutionHarness(world)


def test_execution_runs_step_by_step(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    run = planned.start(tags={"why": "drill day"})
    assert (planned.status(run), planned.steps(run)) == ("CREATED", ["NOT_STARTED"] * 3)
    world.clock.advance(minutes=1)
    assert (planned.status(run), planned.steps(run)) == ("IN_PROGRESS", ["EXECUTING", "NOT_STARTED", "NOT_STARTED"])
    (job_id,) = planned.job_ids(run, 1)
    job = world.job(str(job_id))
    assert (job["initiatedBy"], job["status"]) == ("START_RECOVERY", "STARTED")
    while planned.steps(run)[0] == "EXECUTING":
        world.clock.advance(seconds=10)
    assert world.job(str(job_id))["status"] == "COMPLETED"
    assert planned.steps(run) == ["COMPLETED", "WAITING", "NOT_STARTED"]
    world.clock.advance(minutes=4, seconds=49)
    assert planned.steps(run)[1:] == ["WAITING", "NOT_STARTED"]
    world.clock.advance(seconds=20)
    assert planned.steps(run)[1:] == ["COMPLETED", "EXECUTING"]
    web, spare = planned.job_ids(run, 3)
    assert web == spare != job_id
    world.clock.advance(minutes=20)
    ended = planned.execution(run)
    assert (ended["status"], planned.steps(run)) == ("COMPLETED", ["COMPLETED"] * 3)
    assert ended["completedAt"] > ended["startedAt"]
    assert ended["tags"] == {"why": "drill day"}
    assert [world.instance(s.server_id)["isDrill"] for s in (planned.db, planned.web, planned.spare)] == [False] * 3


def test_drill_execution_marks_instances(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    run = planned.start("DRILL")
    world.clock.advance(hours=1)
    assert planned.status(run) == "COMPLETED"
    assert world.instance(planned.db.server_id)["isDrill"] is True


def test_failed_launch_stops_execution_until_retry(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    planned.fails(planned.web)
    run = planned.start()
    world.clock.advance(hours=1)
    assert (planned.status(run), planned.steps(run)) == ("FAILED", ["COMPLETED", "COMPLETED", "FAILED"])
    step = planned.step(run, 3)
    assert f"{planned.web.server_id} did not launch" in step["errorDetail"]["message"]
    assert "InsufficientInstanceCapacity" in step["errorDetail"]["message"]
    assert "Step 3 (web servers)" in planned.execution(run)["errorDetail"]["message"]
    web, spare = planned.job_ids(run, 3)
    spare_instance = world.instance(planned.spare.server_id)

    again = planned.retry(run, 3)
    assert (again["status"], again["attempt"], "errorDetail" in again) == ("EXECUTING", 2, False)
    assert planned.status(run) == "IN_PROGRESS"
    world.clock.advance(hours=1)
    assert (planned.status(run), planned.steps(run)) == ("COMPLETED", ["COMPLETED"] * 3)
    assert "errorDetail" not in planned.execution(run)
    # What had launched is left alone.
    assert planned.job_ids(run, 3)[0] != web
    assert planned.job_ids(run, 3)[1] == spare
    assert world.instance(planned.spare.server_id) == spare_instance


def test_a_failed_step_can_be_skipped(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    planned.fails(planned.db)
    run = planned.start()
    world.clock.advance(hours=1)
    assert (planned.status(run), planned.steps(run)) == ("FAILED", ["FAILED", "NOT_STARTED", "NOT_STARTED"])
    assert planned.update(run, 1, status="SKIPPED")["status"] == "SKIPPED"
    world.clock.advance(hours=1)
    assert (planned.status(run), planned.steps(run)) == ("COMPLETED", ["SKIPPED", "COMPLETED", "COMPLETED"])


def test_an_optional_server_does_not_fail_its_step(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    planned.fails(planned.spare)
    run = planned.start()
    world.clock.advance(hours=1)
    assert planned.status(run) == "COMPLETED"
    assert world.server(planned.spare.server_id)["lastLaunchResult"] == "FAILED"


def test_unstartable_optional_server_is_skipped(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    world.b.stop_replication(sourceServerID=planned.spare.server_id)
    run = planned.start()
    world.clock.advance(hours=1)
    assert planned.status(run) == "COMPLETED"
    web, spare = planned.job_ids(run, 3)
    assert web is not None
    assert spare is None


def test_unstartable_critical_server_fails_step(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    world.b.stop_replication(sourceServerID=planned.db.server_id)
    run = planned.start()
    world.clock.advance(minutes=1)
    error = planned.step(run, 1)["errorDetail"]
    assert (planned.status(run), error["code"]) == ("FAILED", "ConflictException")
    assert "is stopped" in error["message"]
    assert world.drs.jobs(B) == []


def test_long_step_times_out() -> None:
    world = DrsTestWorld(timings=DrsTimings(plan_step_timeout=300))
    planned = PlanExecutionHarness(world)
    run = planned.start()
    world.clock.advance(minutes=6)
    assert (planned.status(run), planned.steps(run)[0]) == ("FAILED", "TIMED_OUT")
    with pytest.raises(world.b.exceptions.ConflictException, match="is TIMED_OUT, not NOT_STARTED or FAILED"):
        planned.update(run, 1, status="SKIPPED")
    # Its job was not called back: the server is launched all the same, and a retry finds it so.
    world.clock.advance(hours=1)
    assert world.instance(planned.db.server_id)["ec2InstanceState"] == "RUNNING"
    planned.retry(run, 1)
    assert planned.steps(run)[:2] == ["COMPLETED", "WAITING"]


def test_named_snapshot_is_recovered(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    snapshot = world.b.describe_recovery_snapshots(sourceServerID=planned.db.server_id)["items"][0]
    pinned = {"sourceServerID": planned.db.server_id, "recoverySnapshotID": snapshot["snapshotID"]}
    strange = {**pinned, "sourceServerID": "s-00000000000000000"}
    with pytest.raises(ClientError, match="not in the Recovery Plan"):
        planned.start(sourceServers=[strange])
    planned.start(sourceServers=[pinned])
    world.clock.advance(minutes=20)
    assert world.instance(planned.db.server_id)["pointInTimeSnapshotDateTime"] == snapshot["timestamp"]


def test_one_execution_at_a_time_locks_plan(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    run = planned.start(clientToken="once")
    assert planned.start(clientToken="once") == run
    for refused in (
        planned.start,
        lambda: world.b.delete_recovery_plan(recoveryPlanArn=planned.plan),
        lambda: world.b.update_recovery_plan(recoveryPlanArn=planned.plan, name="other"),
        lambda: add_step(world, planned.plan, "pause", wait_step(1)),
        lambda: world.b.delete_recovery_plan_execution(recoveryPlanExecutionArn=run),
    ):
        with pytest.raises(world.b.exceptions.ConflictException, match="is CREATED"):
            refused()
    world.clock.advance(hours=1)
    second = planned.start()
    assert second != run
    world.clock.advance(hours=1)
    listed = world.b.list_recovery_plan_executions(recoveryPlanArn=planned.plan, status="COMPLETED")
    assert [e["recoveryPlanExecutionArn"] for e in listed["recoveryPlanExecutions"]] == [second, run]
    world.b.delete_recovery_plan_execution(recoveryPlanExecutionArn=run)
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        planned.execution(run)


def test_failed_execution_cannot_resume_beside_newer_one(planned: PlanExecutionHarness, world: DrsTestWorld) -> None:
    planned.fails(planned.db)
    failed = planned.start()
    world.clock.advance(hours=1)
    planned.start()
    with pytest.raises(world.b.exceptions.ConflictException, match="is CREATED"):
        planned.retry(failed, 1)
    with pytest.raises(world.b.exceptions.ConflictException, match="is CREATED"):
        planned.update(failed, 1, status="SKIPPED")
    assert planned.steps(failed)[0] == "FAILED"

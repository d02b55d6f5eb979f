"""Native Recovery Plans: how a plan is written, changed and taken away."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from leeward.twin.aws.drs import DrsQuotas
from tests.twin.aws.drs.plan_execution import add_step, make_plan, servers_step, wait_step
from tests.twin.aws.drs_world import B, DrsTestWorld, error_code

NOWHERE = "arn:aws:drs:us-west-2:123456789012:recovery-plan/rp-none"


def names(world: DrsTestWorld, plan: str) -> list[tuple[int, str]]:
    steps = world.b.list_recovery_plan_steps(recoveryPlanArn=plan)["recoveryPlanSteps"]
    return [(s["stepOrder"], s["stepName"]) for s in steps]


def test_plan_is_created_updated_listed_and_deleted(world: DrsTestWorld) -> None:
    plan = make_plan(world, description="whole site", tags={"team": "web"})
    shown = world.b.get_recovery_plan(recoveryPlanArn=plan)["recoveryPlan"]
    assert (shown["name"], shown["description"], shown["status"]) == ("website", "whole site", "ACTIVE")
    assert world.b.list_tags_for_resource(resourceArn=plan)["tags"] == {"team": "web"}
    world.clock.advance(minutes=1)
    changed = world.b.update_recovery_plan(recoveryPlanArn=plan, name="site")["recoveryPlan"]
    assert (changed["name"], changed["description"]) == ("site", "whole site")
    assert changed["updatedAt"] > changed["createdAt"]
    (summary,) = world.b.list_recovery_plans()["recoveryPlans"]
    assert (summary["recoveryPlanArn"], summary["name"]) == (plan, "site")
    assert world.b.delete_recovery_plan(recoveryPlanArn=plan)["recoveryPlanArn"] == plan
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        world.b.get_recovery_plan(recoveryPlanArn=plan)


def test_plan_names_are_unique(world: DrsTestWorld) -> None:
    make_plan(world)
    other = make_plan(world, "other")
    with pytest.raises(world.b.exceptions.ConflictException, match="exists already"):
        make_plan(world)
    with pytest.raises(world.b.exceptions.ConflictException, match="exists already"):
        world.b.update_recovery_plan(recoveryPlanArn=other, name="website")


def test_client_token_makes_request_idempotent(world: DrsTestWorld) -> None:
    plan = make_plan(world, clientToken="t-1")
    assert make_plan(world, clientToken="t-1") == plan
    with pytest.raises(world.b.exceptions.ConflictException, match="other parameters"):
        make_plan(world, "other", clientToken="t-1")
    step = add_step(world, plan, "pause", wait_step(1), clientToken="t-2")
    assert add_step(world, plan, "pause", wait_step(1), clientToken="t-2") == step
    assert names(world, plan) == [(1, "pause")]


def test_steps_are_ordered_and_can_be_moved(world: DrsTestWorld) -> None:
    plan, db, web = make_plan(world), world.protect("db"), world.protect("web")
    first = add_step(world, plan, "database", servers_step(db))
    last = add_step(world, plan, "web servers", servers_step(web, impactLevel="OPTIONAL"))
    pause = add_step(world, plan, "pause", wait_step(5), stepOrder=2)
    assert names(world, plan) == [(1, "database"), (2, "pause"), (3, "web servers")]
    shown = world.b.get_recovery_plan_step(recoveryPlanStepArn=last)["recoveryPlanStep"]["configuration"]
    assert shown == servers_step(web, impactLevel="OPTIONAL")
    shown = world.b.get_recovery_plan_step(recoveryPlanStepArn=first)["recoveryPlanStep"]["configuration"]
    assert shown == servers_step(db, impactLevel="CRITICAL")
    moved = world.b.reorder_recovery_plan_steps(recoveryPlanArn=plan, orderedStepArns=[last, pause, first])
    assert [s["stepName"] for s in moved["recoveryPlanSteps"]] == ["web servers", "pause", "database"]
    with pytest.raises(ClientError, match="every step"):
        world.b.reorder_recovery_plan_steps(recoveryPlanArn=plan, orderedStepArns=[last, pause])
    world.b.delete_recovery_plan_step(recoveryPlanStepArn=pause)
    assert names(world, plan) == [(1, "web servers"), (2, "database")]
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        world.b.get_recovery_plan_step(recoveryPlanStepArn=pause)


def test_step_can_be_changed_except_type(world: DrsTestWorld) -> None:
    plan, db, web = make_plan(world), world.protect("db"), world.protect("web")
    step = add_step(world, plan, "servers", servers_step(db))
    pause = add_step(world, plan, "pause", wait_step(5))
    changed = world.b.update_recovery_plan_step(
        recoveryPlanStepArn=step, stepName="both", configuration=servers_step(db, web)
    )["recoveryPlanStep"]
    assert changed["stepName"] == "both"
    assert len(changed["configuration"]["serverStepConfiguration"]["servers"]) == 2
    with pytest.raises(ClientError, match="type of the step both cannot be changed"):
        world.b.update_recovery_plan_step(recoveryPlanStepArn=step, configuration=wait_step(1))
    with pytest.raises(ClientError, match="can appear only once in a Recovery Plan"):
        world.b.update_recovery_plan_step(recoveryPlanStepArn=step, configuration=servers_step(db, db))
    world.b.update_recovery_plan_step(recoveryPlanStepArn=pause, configuration=wait_step(7))
    shown = world.b.get_recovery_plan_step(recoveryPlanStepArn=pause)["recoveryPlanStep"]
    assert shown["configuration"] == wait_step(7)


def test_invalid_step_is_rejected(world: DrsTestWorld) -> None:
    plan, db = make_plan(world), world.protect("db")
    with pytest.raises(ClientError, match="above the maximum, 120") as error:
        add_step(world, plan, "pause", wait_step(121))
    assert error_code(error.value) == "ValidationException"
    with pytest.raises(ClientError, match="leave a gap"):
        add_step(world, plan, "pause", wait_step(1), stepOrder=2)
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        add_step(world, NOWHERE, "pause", wait_step(1))
    absent = {"serverArn": db.arn.replace(db.server_id, "s-00000000000000000")}
    with pytest.raises(world.b.exceptions.ResourceNotFoundException):
        add_step(world, plan, "servers", {"serverStepConfiguration": {"servers": [absent]}})
    add_step(world, plan, "servers", servers_step(db))
    with pytest.raises(ClientError, match="can appear only once in a Recovery Plan"):
        add_step(world, plan, "again", servers_step(db))
    assert names(world, plan) == [(1, "servers")]


def test_plan_is_limited_to_twenty_steps(world: DrsTestWorld) -> None:
    plan = make_plan(world)
    for number in range(20):
        add_step(world, plan, f"pause {number}", wait_step(120))
    with pytest.raises(world.b.exceptions.ServiceQuotaExceededException, match="21 of 20"):
        add_step(world, plan, "pause", wait_step(1))


def test_plan_is_limited_by_server_quota() -> None:
    world = DrsTestWorld(quotas=DrsQuotas(servers_per_plan=2))
    one, two, three = (world.protect(name) for name in ("one", "two", "three"))
    plan = make_plan(world)
    step = add_step(world, plan, "first", servers_step(one, two))
    with pytest.raises(world.b.exceptions.ServiceQuotaExceededException, match="3 of 2"):
        add_step(world, plan, "second", servers_step(three))
    # The model lists no quota error for this operation.
    with pytest.raises(ClientError, match="3 of 2") as error:
        world.b.update_recovery_plan_step(recoveryPlanStepArn=step, configuration=servers_step(one, two, three))
    assert error_code(error.value) == "ValidationException"
    assert DrsQuotas().servers_per_plan == 100


def test_plan_with_missing_server_is_invalid(world: DrsTestWorld) -> None:
    plan, db = make_plan(world), world.protect("db")
    with pytest.raises(ClientError, match="has no steps"):
        world.b.start_recovery_plan_execution(recoveryPlanArn=plan, mode="RECOVERY")
    add_step(world, plan, "servers", servers_step(db))
    world.b.disconnect_source_server(sourceServerID=db.server_id)
    world.b.delete_source_server(sourceServerID=db.server_id)
    assert world.b.get_recovery_plan(recoveryPlanArn=plan)["recoveryPlan"]["status"] == "INVALID"
    with pytest.raises(world.b.exceptions.ConflictException, match="INVALID"):
        world.b.start_recovery_plan_execution(recoveryPlanArn=plan, mode="RECOVERY")
    assert world.drs.jobs(B) == []


def test_plan_lists_are_paginated(world: DrsTestWorld) -> None:
    for number in range(3):
        make_plan(world, f"plan {number}")
    pages = list(world.b.get_paginator("list_recovery_plans").paginate(PaginationConfig={"PageSize": 2}))
    assert [[p["name"] for p in page["recoveryPlans"]] for page in pages] == [["plan 0", "plan 1"], ["plan 2"]]

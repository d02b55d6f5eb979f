"""Recovered instances behind the load balancer."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.common.errors import NotServing
from leeward.traffic.routing.target_groups import TargetState, TargetStatus, judge_targets
from leeward.twin.aws.seeded_services.elbv2_load_balancers import seed_load_balancer, seed_target_group
from leeward.twin.engine import FaultKind
from tests.support.task_world import (
    ACCOUNT,
    SHORT_POLL,
    TARGET,
    TARGET_GROUP,
    TaskFailed,
    TaskWorld,
    recover_parameters,
    target_group_parameters,
)

DATABASE_TARGET_GROUP = TARGET_GROUP.replace("website-home", "website-data").replace("5f6071", "5f6072")
UNKNOWN_TARGET_GROUP = TARGET_GROUP.replace("5f6071", "5f6073")
REGISTER: dict[str, Any] = target_group_parameters()


@pytest.fixture
def recovered(world: TaskWorld) -> TaskWorld:
    world.load_balancer()
    world.run_until_done("drs_recover", **recover_parameters())
    return world


def registered(world: TaskWorld, arn: str = TARGET_GROUP) -> set[str]:
    shown = world.client("elbv2").describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
    return {t["Target"]["Id"] for t in shown}


def test_register_waits_until_targets_are_healthy(recovered: TaskWorld) -> None:
    first = recovered.poll_once("alb_register", **REGISTER)
    assert first["status"] == "waiting"
    assert "initial" in first["detail"]
    done = recovered.run_until_done("alb_register", **REGISTER)
    assert done["detail"] == "website-home: 2 of 2 healthy"
    assert registered(recovered) == {i.ec2_instance_id for i in recovered.drs.recovery_instances(TARGET)}


def test_register_is_idempotent(recovered: TaskWorld) -> None:
    recovered.run_until_done("alb_register", **REGISTER)
    before = recovered.count_calls("elasticloadbalancing:RegisterTargets")
    recovered.run_until_done("alb_register", **REGISTER)
    assert recovered.count_calls("elasticloadbalancing:RegisterTargets") == before


def test_unhealthy_targets_time_out_with_reason(recovered: TaskWorld) -> None:
    recovered.targets_healthy = False
    with pytest.raises(TaskFailed, match=r"TimedOut: website-home: 0 of 2 healthy; i-\w+ is unhealthy"):
        recovered.run_until_done("alb_register", minutes=3, **REGISTER)


def test_register_fails_without_recovered_servers(world: TaskWorld) -> None:
    world.load_balancer()
    with pytest.raises(TaskFailed, match="NotFound: no recovery instance in us-west-2"):
        world.poll_once("alb_register", **REGISTER)


def test_register_skips_unrecovered_servers(world: TaskWorld) -> None:
    """A runbook that goes on in spite of a failed launch must not lose the servers that did launch."""
    world.load_balancer()
    lost = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(lost, "no capacity", times=1)
    with pytest.raises(TaskFailed, match="LaunchFailed"):
        world.run_until_done("drs_recover", **recover_parameters())
    done = world.run_until_done("alb_register", **REGISTER)
    assert done["detail"] == f"website-home: 1 of 1 healthy; without a recovery instance, so left out: {lost} (web-1)"
    assert registered(world) == {i.ec2_instance_id for i in world.drs.recovery_instances(TARGET)}


def test_unknown_target_group_is_named(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", **recover_parameters())
    with pytest.raises(TaskFailed, match="NotFound: elasticloadbalancing:DescribeTargetHealth"):
        world.poll_once("alb_register", **REGISTER)


def test_deregister_waits_until_drained(recovered: TaskWorld) -> None:
    recovered.run_until_done("alb_register", **REGISTER)
    recovered.run_until_done("alb_deregister", undo=True, **REGISTER)
    assert registered(recovered) == set()
    assert recovered.journal[-1].facts["undone"] is True


@pytest.mark.parametrize("call", ["elbv2:DescribeTargetHealth", "drs:DescribeRecoveryInstances"])
def test_deregister_rechecks_after_one_empty_list(recovered: TaskWorld, call: str) -> None:
    recovered.run_until_done("alb_register", **REGISTER)
    rule = recovered.engine.interceptor.inject_fault(call, FaultKind.EMPTY_LIST)
    recovered.run_until_done("alb_deregister", **REGISTER)
    assert rule.injected_count == 1
    assert registered(recovered) == set()


def test_register_includes_instance_that_one_list_lacked(recovered: TaskWorld) -> None:
    call = "drs:DescribeRecoveryInstances"
    rule = recovered.engine.interceptor.inject_fault(call, FaultKind.INCOMPLETE_LIST)
    recovered.run_until_done("alb_register", **REGISTER)
    assert rule.injected_count == 1
    assert len(registered(recovered)) == 2


def test_later_polls_of_register_read_only_target_health(recovered: TaskWorld) -> None:
    poll = SHORT_POLL | {"first_seconds": 60, "longest_seconds": 60}
    event = recovered.event(**REGISTER)
    event["step"] = event["step"] | {"attempt": 2}  # the launch was the first of the same step
    first = recovered.call("alb_register", event | {"poll": poll})
    before = len(recovered.engine.interceptor.calls)
    poll |= {name: first[name] for name in ("attempt", "waited_seconds", "started_at", "news", "memo")}
    later = recovered.call("alb_register", event | {"head": first["head"], "poll": poll})
    assert later["status"] == "waiting"
    made = {call.operation for call in recovered.engine.interceptor.calls[before:]}
    assert made - {"dynamodb:PutItem"} == {"elbv2:DescribeTargetHealth"}


@pytest.fixture
def two_target_groups(recovered: TaskWorld) -> dict[str, Any]:
    """The parameters for the web servers' and the database's target groups, whose servers are recovered."""
    recovered.run_until_done("drs_recover", step="recover_database", **recover_parameters("database"))
    seed_target_group(DATABASE_TARGET_GROUP, port=80)
    # A target group without a load balancer doesn't check its targets.
    seed_load_balancer(ACCOUNT, TARGET, f"database.{TARGET}.elb.amazonaws.com", {"/*": DATABASE_TARGET_GROUP})
    parts = target_group_parameters(), target_group_parameters(DATABASE_TARGET_GROUP, "database")
    return {"targets": [target for part in parts for target in part["targets"]]}


def test_one_step_changes_several_target_groups(recovered: TaskWorld, two_target_groups: dict[str, Any]) -> None:
    done = recovered.run_until_done("alb_register", **two_target_groups)
    assert done["detail"] == "website-home: 2 of 2 healthy; website-data: 1 of 1 healthy"
    assert len(registered(recovered) | registered(recovered, DATABASE_TARGET_GROUP)) == 3
    recovered.run_until_done("alb_deregister", **two_target_groups)
    assert registered(recovered) | registered(recovered, DATABASE_TARGET_GROUP) == set()


def test_unknown_target_group_fails_when_other_is_healthy(
    recovered: TaskWorld, two_target_groups: dict[str, Any]
) -> None:
    two_target_groups["targets"][1]["target_group_arn"] = UNKNOWN_TARGET_GROUP
    with pytest.raises(TaskFailed, match="NotFound: elasticloadbalancing:DescribeTargetHealth"):
        recovered.run_until_done("alb_register", **two_target_groups)
    health = recovered.client("elbv2").describe_target_health(TargetGroupArn=TARGET_GROUP)
    states = [target["TargetHealth"]["State"] for target in health["TargetHealthDescriptions"]]
    assert states == ["healthy", "healthy"]


def test_preflight_requires_load_balancer(world: TaskWorld) -> None:
    parameters: dict[str, Any] = {"groups": [], "rpo_seconds": 300, "target_groups": [TARGET_GROUP]}
    with pytest.raises(TaskFailed, match="NotFound"):
        world.step("preflight", **parameters)
    world.load_balancer()
    world.step("preflight", **parameters)
    elsewhere = TARGET_GROUP.replace("us-west-2", "us-east-1")
    with pytest.raises(TaskFailed, match="InvalidInput: target groups outside of us-west-2"):
        world.step("preflight", groups=[], rpo_seconds=300, target_groups=[elsewhere])


def target(state: TargetState, reason: str = "") -> dict[str, TargetStatus]:
    return {"i-1": TargetStatus("i-1", state, reason, "")}


@pytest.mark.parametrize("state", [s for s in TargetState if s is not TargetState.HEALTHY])
def test_only_healthy_targets_are_done(state: TargetState) -> None:
    assert not judge_targets(["i-1"], target(state), "arn").done
    assert judge_targets(["i-1"], target(TargetState.HEALTHY), "arn").done
    assert not judge_targets(["i-1", "i-2"], target(TargetState.HEALTHY), "arn").done


@pytest.mark.parametrize("reason", ["Target.NotInUse", "Target.HealthCheckDisabled"])
def test_permanently_unused_target_fails(reason: str) -> None:
    with pytest.raises(NotServing, match=reason):
        judge_targets(["i-1"], target(TargetState.UNUSED, reason), "arn")

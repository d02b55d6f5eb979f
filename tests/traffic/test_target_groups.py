"""Recovered instances behind the load balancer."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.common.errors import NotServing
from leeward.traffic.routing.target_groups import TargetState, TargetStatus, judge_targets
from leeward.twin.engine import FaultKind
from tests.lambdas.world import TARGET, TARGET_GROUP, Failed, World, group, recover

REGISTER: dict[str, Any] = {"target_group_arn": TARGET_GROUP, "port": 80, "group": group()}


@pytest.fixture
def recovered(world: World) -> World:
    world.load_balancer()
    world.drive("drs_recover", **recover())
    return world


def registered(world: World) -> set[str]:
    shown = world.client("elbv2").describe_target_health(TargetGroupArn=TARGET_GROUP)["TargetHealthDescriptions"]
    return {t["Target"]["Id"] for t in shown}


def test_instances_are_registered_until_healthy(recovered: World) -> None:
    first = recovered.look("alb_register", **REGISTER)
    assert first["status"] == "waiting"
    assert "initial" in first["detail"]
    done = recovered.drive("alb_register", **REGISTER)
    assert done["detail"] == "website-home: 2 of 2 healthy"
    assert registered(recovered) == {i.ec2_instance_id for i in recovered.drs.recovery_instances(TARGET)}


def test_registering_again_changes_nothing(recovered: World) -> None:
    recovered.drive("alb_register", **REGISTER)
    before = recovered.calls("elasticloadbalancing:RegisterTargets")
    recovered.drive("alb_register", **REGISTER)
    assert recovered.calls("elasticloadbalancing:RegisterTargets") == before


def test_targets_that_do_not_serve_run_out_of_time_with_the_reason(recovered: World) -> None:
    recovered.serving = False
    with pytest.raises(Failed, match=r"TimedOut: website-home: 0 of 2 healthy; i-\w+ is unhealthy"):
        recovered.drive("alb_register", minutes=3, **REGISTER)


def test_servers_that_were_not_recovered_are_named(world: World) -> None:
    world.load_balancer()
    with pytest.raises(Failed, match="NotFound: no recovery instance in us-west-2"):
        world.look("alb_register", **REGISTER)


def test_those_that_were_recovered_are_registered_without_the_others(world: World) -> None:
    """A runbook that goes on in spite of a failed launch must not lose the servers that did launch."""
    world.load_balancer()
    lost = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(lost, "no capacity", times=1)
    with pytest.raises(Failed, match="LaunchFailed"):
        world.drive("drs_recover", **recover())
    done = world.drive("alb_register", **REGISTER)
    assert done["detail"] == f"website-home: 1 of 1 healthy; without a recovery instance, so left out: {lost} (web-1)"
    assert registered(world) == {i.ec2_instance_id for i in world.drs.recovery_instances(TARGET)}


def test_a_target_group_that_does_not_exist_is_named(world: World) -> None:
    world.drive("drs_recover", **recover())
    with pytest.raises(Failed, match="NotFound: elasticloadbalancing:DescribeTargetHealth"):
        world.look("alb_register", **REGISTER)


def test_deregistering_takes_them_out_until_drained(recovered: World) -> None:
    recovered.drive("alb_register", **REGISTER)
    recovered.drive("alb_deregister", **REGISTER)
    assert registered(recovered) == set()
    assert recovered.journal[-1].facts["undone"] is True


@pytest.mark.parametrize("call", ["elbv2:DescribeTargetHealth", "drs:DescribeRecoveryInstances"])
def test_no_fence_stands_on_a_list_that_is_once_empty(recovered: World, call: str) -> None:
    recovered.drive("alb_register", **REGISTER)
    rule = recovered.engine.interceptor.inject_fault(call, FaultKind.EMPTY_LIST)
    recovered.drive("alb_deregister", **REGISTER)
    assert rule.injected_count == 1
    assert registered(recovered) == set()


def test_the_preflight_wants_a_load_balancer_in_front(world: World) -> None:
    parameters: dict[str, Any] = {"groups": [], "rpo_seconds": 300, "target_groups": [TARGET_GROUP]}
    with pytest.raises(Failed, match="NotFound"):
        world.step("preflight", **parameters)
    world.load_balancer()
    world.step("preflight", **parameters)
    elsewhere = TARGET_GROUP.replace("us-west-2", "us-east-1")
    with pytest.raises(Failed, match="InvalidInput: target groups outside of us-west-2"):
        world.step("preflight", groups=[], rpo_seconds=300, target_groups=[elsewhere])


def target(state: TargetState, reason: str = "") -> dict[str, TargetStatus]:
    return {"i-1": TargetStatus("i-1", state, reason, "")}


@pytest.mark.parametrize("state", [s for s in TargetState if s is not TargetState.HEALTHY])
def test_only_healthy_is_done(state: TargetState) -> None:
    assert not judge_targets(["i-1"], target(state), "arn").done
    assert judge_targets(["i-1"], target(TargetState.HEALTHY), "arn").done
    assert not judge_targets(["i-1", "i-2"], target(TargetState.HEALTHY), "arn").done


@pytest.mark.parametrize("reason", ["Target.NotInUse", "Target.HealthCheckDisabled"])
def test_what_can_never_be_healthy_fails(reason: str) -> None:
    with pytest.raises(NotServing, match=reason):
        judge_targets(["i-1"], target(TargetState.UNUSED, reason), "arn")

"""Routing controls: switched whole, read back, through whichever endpoints are alive."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from leeward.common.claims.all_claims import find_claims
from leeward.common.claims.types.traffic_claims import ControlsSwitched
from leeward.control.journal.run_journal import read_chain
from leeward.control.run.run_reference import RunRef
from leeward.evidence.from_journal.decisions import list_decisions
from leeward.traffic.routing.cluster_endpoints import ClusterEndpoint, cluster_client
from leeward.twin.engine import FaultKind
from tests.support.task_world import CONTROLS, ENDPOINTS, ORIGIN, TARGET, TaskFailed, TaskWorld

UPDATE = "route53-recovery-cluster:UpdateRoutingControlStates"
READ = "route53-recovery-cluster:GetRoutingControlState"


# Less than the timeout of the function.
LONGEST_CALL_SECONDS = 30

ROUTE: dict[str, Any] = {
    "endpoints": ENDPOINTS,
    "turn_on": [CONTROLS[TARGET]],
    "turn_off": [CONTROLS[ORIGIN]],
    "safety_rules_to_override": [],
}


def route(world: TaskWorld, **more: Any) -> str:
    return str(world.step("arc_route", "arc.route", **ROUTE | more)["detail"])


def route_unconfirmed(world: TaskWorld) -> str:
    """Route once, which the state machine repeats because nothing confirmed it. Return the detail."""
    began = world.engine.clock.now()
    progress = world.look_once("arc_route", **ROUTE)
    assert progress["status"] == "waiting"
    assert "step.done" not in world.event_names()
    assert (world.engine.clock.now() - began).total_seconds() < LONGEST_CALL_SECONDS
    return str(progress["detail"])


def states(world: TaskWorld) -> tuple[str, str]:
    return world.arc.control_state(CONTROLS[ORIGIN])[0], world.arc.control_state(CONTROLS[TARGET])[0]


def test_controls_change_in_one_transaction_and_are_verified(world: TaskWorld) -> None:
    assert "1 on, 1 off; taken by" in route(world)
    assert states(world) == ("Off", "On")
    assert world.count_calls(UPDATE) == 1
    assert world.count_calls(READ) == 2


def test_two_endpoints_down_are_tolerated(world: TaskWorld) -> None:
    for endpoint in ENDPOINTS[:2]:
        world.arc.disable_endpoint(endpoint["url"])
    for _ in range(6):
        route(world)
    assert states(world) == ("Off", "On")


def test_four_endpoints_down_are_tolerated(world: TaskWorld) -> None:
    for endpoint in ENDPOINTS[1:]:
        world.arc.disable_endpoint(endpoint["url"])
    assert "taken by us-east-1, confirmed by us-east-1" in route(world)


def test_all_endpoints_down_is_tried_again_after_bounded_attempts(world: TaskWorld) -> None:
    for endpoint in ENDPOINTS:
        world.arc.disable_endpoint(endpoint["url"])
    detail = route_unconfirmed(world)
    assert re.fullmatch(
        r"none of the 5 cluster endpoints answered: ap-northeast-1:.*; will be tried again", detail, re.DOTALL
    )
    assert 5 <= world.count_calls(UPDATE) <= 15
    assert states(world) == ("On", "Off")
    world.arc.enable_endpoint(ENDPOINTS[0]["url"])
    assert "taken by us-east-1, confirmed by us-east-1" in route(world)
    assert states(world) == ("Off", "On")


@pytest.mark.parametrize("operation", [UPDATE, READ])
def test_timeouts_end_within_task_time(world: TaskWorld, operation: str) -> None:
    world.engine.interceptor.inject_fault(operation, FaultKind.CONNECTION_TIMED_OUT, times=99)
    assert "cluster endpoints answered" in route_unconfirmed(world)


def test_endpoints_are_tried_in_random_order(world: TaskWorld) -> None:
    takers = {route(world).split("taken by ")[1].split(",")[0] for _ in range(12)}
    assert len(takers) > 2


def test_lost_response_is_retried_on_another_endpoint(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault(UPDATE, FaultKind.ANSWER_LOST)
    route(world)
    assert world.count_calls(UPDATE) == 2
    assert states(world) == ("Off", "On")


def test_change_with_lost_responses_is_confirmed_by_reading(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault(UPDATE, FaultKind.ANSWER_LOST, times=99)
    began = world.engine.clock.now()
    assert "taken by an unknown endpoint (nobody confirmed taking it), confirmed by" in route(world)
    assert states(world) == ("Off", "On")
    assert (world.engine.clock.now() - began).total_seconds() < LONGEST_CALL_SECONDS


def test_change_reverted_after_lost_responses_is_unconfirmed(world: TaskWorld) -> None:
    """Someone switches it back meanwhile: what is seen is not what is wanted, so it is not called done."""
    world.engine.interceptor.inject_fault(UPDATE, FaultKind.ANSWER_LOST, times=99)
    arc = cluster_client(ClusterEndpoint(**ENDPOINTS[0]))

    def switch_back() -> None:
        arc.update_routing_control_states(
            UpdateRoutingControlStateEntries=[
                {"RoutingControlArn": CONTROLS[ORIGIN], "RoutingControlState": "On"},
                {"RoutingControlArn": CONTROLS[TARGET], "RoutingControlState": "Off"},
            ]
        )

    world.engine.clock.call_later(19, switch_back)  # after the last change was sent, before the states are read
    assert route_unconfirmed(world).startswith("none of the 5 cluster endpoints answered")
    assert states(world) == ("On", "Off")


def test_change_with_lost_responses_and_no_read_is_unconfirmed(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault(UPDATE, FaultKind.ANSWER_LOST, times=99)
    world.engine.interceptor.inject_fault(READ, FaultKind.SERVER_ERROR, times=99)
    assert route_unconfirmed(world).startswith("none of the 5 cluster endpoints answered")


def test_blocking_safety_rule_is_named_and_nothing_changes(world: TaskWorld) -> None:
    rule = world.arc.add_assertion_rule("never-none", list(CONTROLS.values()))
    with pytest.raises(TaskFailed, match="SafetyRuleBlocked") as failed:
        route(world, turn_on=[], turn_off=list(CONTROLS.values()))
    assert rule.arn in failed.value.cause
    assert world.count_calls(UPDATE) == 1, "it is the same at every endpoint"
    assert states(world) == ("On", "Off")


def test_safety_rule_is_overridden_only_by_name(world: TaskWorld) -> None:
    rule = world.arc.add_assertion_rule("never-none", list(CONTROLS.values()))
    world.advance(10)
    off: dict[str, Any] = {"turn_on": [], "turn_off": list(CONTROLS.values())}
    assert f"safety rules overridden: {rule.arn}" in route(world, **off, safety_rules_to_override=[rule.arn])
    done = read_chain(world.table, world.run["id"])[-1]
    assert [claim.overridden for claim in find_claims(done.facts, ControlsSwitched)] == [(rule.arn,)]
    (decision,) = list_decisions(RunRef.model_validate(world.run), [], [done])
    assert (decision.by, decision.what, decision.seq) == ("the runbook", "safety rules overridden", done.seq)
    assert states(world) == ("Off", "Off")


def test_denied_change_is_raised_without_retry(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault(UPDATE, FaultKind.ACCESS_DENIED, times=99)
    with pytest.raises(TaskFailed, match="AccessDenied"):
        route(world)
    assert world.count_calls(UPDATE) == 1


def test_expired_credentials_are_waited_for_at_one_endpoint(world: TaskWorld) -> None:
    """Another endpoint would refuse them too."""
    world.engine.interceptor.inject_fault(UPDATE, FaultKind.CREDENTIALS_EXPIRED)
    progress = world.look_once("arc_route", **ROUTE)
    assert (progress["status"], world.count_calls(UPDATE)) == ("waiting", 1)
    assert progress["detail"].startswith("CredentialsExpired")


def test_change_without_confirming_read_is_unconfirmed(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault(READ, FaultKind.SERVER_ERROR, times=99)
    assert "took the change, but no endpoint confirms it" in route_unconfirmed(world)


def test_unknown_control_is_named(world: TaskWorld) -> None:
    with pytest.raises(TaskFailed, match="NotFound"):
        route(world, turn_on=[CONTROLS[TARGET] + "x"])


def test_preflight_reads_routing_controls_until_its_time_is_up(world: TaskWorld) -> None:
    parameters: dict[str, Any] = {"groups": [], "rpo_seconds": 300, "endpoints": ENDPOINTS, "controls": CONTROLS}
    world.step("preflight", **parameters)
    for endpoint in ENDPOINTS:
        world.arc.disable_endpoint(endpoint["url"])
    progress = world.step("preflight", **parameters)
    assert (progress["status"], "none of the 5 cluster endpoints answered" in progress["detail"]) == ("waiting", True)
    began = world.engine.clock.now()
    with pytest.raises(TaskFailed, match="NotReady: routing controls: none of the 5 cluster endpoints answered"):
        world.run_until_done("preflight", minutes=12, **parameters)
    assert world.engine.clock.now() - began >= timedelta(minutes=12)


def test_preflight_does_not_wait_for_routing_controls_if_it_fails_anyway(world: TaskWorld) -> None:
    elbv2 = world.client("elbv2")
    vpc = world.client("ec2").create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    group = elbv2.create_target_group(Name="idle", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    for endpoint in ENDPOINTS:
        world.arc.disable_endpoint(endpoint["url"])
    parameters: dict[str, Any] = {"groups": [], "rpo_seconds": 300, "endpoints": ENDPOINTS, "controls": CONTROLS}
    with pytest.raises(
        TaskFailed, match=r"NotReady: .*idle belongs to no .*; routing controls: none of the 5 cluster endpoints"
    ):
        world.step("preflight", **parameters, target_groups=[group["TargetGroupArn"]])

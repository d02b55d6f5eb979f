"""What is done with a target and with a target group, by its state."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.common.claims.types.traffic_claims import Deregistered, Registered
from leeward.common.errors import (
    NotServing,
)
from leeward.traffic.routing.target_groups import (
    TargetState,
    TargetStatus,
    check_target_groups,
    deregister_targets,
    judge_targets,
    read_targets,
    register_targets,
    target_group_name,
)

ARN = "arn:aws:elasticloadbalancing:b:1:targetgroup/website-home/0a1b"


class StubElb:
    def __init__(self, *groups: dict[str, Any], health: list[dict[str, Any]] | None = None) -> None:
        self.groups, self.health = groups, health or []
        self.changes: list[tuple[str, list[str]]] = []

    def register_targets(self, **request: Any) -> None:
        self.changes.append(("register", [f"{t['Id']}:{t['Port']}" for t in request["Targets"]]))

    def deregister_targets(self, **request: Any) -> None:
        self.changes.append(("deregister", [f"{t['Id']}:{t['Port']}" for t in request["Targets"]]))

    def describe_target_groups(self, **_: object) -> Any:
        return {"TargetGroups": list(self.groups)}

    def describe_target_health(self, **_: object) -> Any:
        return {"TargetHealthDescriptions": self.health}


def status(state: TargetState, name: str = "i-1", reason: str = "", description: str = "") -> dict[str, TargetStatus]:
    return {name: TargetStatus(name, state, reason, description)}


@pytest.mark.parametrize("state", list(TargetState))
def test_target_is_registered_again_while_it_drains(state: TargetState) -> None:
    elb = StubElb()
    client: Any = elb
    result = register_targets(client, ARN, ["i-1", "i-2"], 80, status(state) | status(TargetState.HEALTHY, "i-2"))
    drains = state in (TargetState.DRAINING, TargetState.UNHEALTHY_DRAINING)
    assert elb.changes == ([("register", ["i-1:80"])] if drains else [])
    text = "i-1 is not shown yet" if drains else f"i-1 is {state.value}"
    if state is TargetState.HEALTHY:
        assert result.claims == (Registered(target_group=ARN, name="website-home", instances=("i-1", "i-2")),)
    else:
        assert (result.done, result.detail) == (False, f"website-home: 1 of 2 healthy; {text}")


@pytest.mark.parametrize("state", list(TargetState))
def test_target_is_deregistered_unless_it_drains(state: TargetState) -> None:
    elb = StubElb()
    client: Any = elb
    result = deregister_targets(client, ARN, ["i-1", "i-2"], 80, status(state))
    drains = state in (TargetState.DRAINING, TargetState.UNHEALTHY_DRAINING)
    assert elb.changes == ([] if drains else [("deregister", ["i-1:80"])])
    text = f"i-1 is {state.value}" if drains else "i-1 is draining"
    assert (result.done, result.detail) == (False, f"website-home: {text}")


@pytest.mark.parametrize(
    ("reason", "done"),
    [("Target.NotRegistered", True), ("Elb.InitialHealthChecking", False), ("Target.Timeout", False)],
)
def test_target_that_is_not_registered_has_drained(reason: str, done: bool) -> None:
    client: Any = StubElb()
    result = deregister_targets(client, ARN, ["i-1"], 80, status(TargetState.UNUSED, reason=reason))
    assert result.done is done
    if done:
        assert result.claims == (Deregistered(target_group=ARN, name="website-home", instances=("i-1",)),)


@pytest.mark.parametrize(
    ("reason", "description", "summary"),
    [("", "", "i-1 is unused"), ("R", "", "i-1 is unused (R)"), ("R", "words", "i-1 is unused (words)")],
)
def test_status_has_description_or_reason(reason: str, description: str, summary: str) -> None:
    assert status(TargetState.UNUSED, reason=reason, description=description)["i-1"].summary == summary


@pytest.mark.parametrize("reason", ["Target.NotInUse", "Target.HealthCheckDisabled", "Target.IpUnusable"])
def test_hopeless_targets_are_named(reason: str) -> None:
    targets = status(TargetState.UNUSED, reason=reason) | status(TargetState.UNUSED, "i-2", reason=reason)
    with pytest.raises(NotServing, match=rf"^website-home: i-1 is unused \({reason}\); i-2 is unused \({reason}\)$"):
        judge_targets(["i-1", "i-2", "i-3"], targets, ARN)
    assert not judge_targets(["i-3"], targets, ARN).done


@pytest.mark.parametrize(("port", "read"), [(None, True), (80, True), (79, False), (81, False), (8080, False)])
def test_only_targets_at_the_port_are_read(port: int | None, read: bool) -> None:
    target = {"Id": "i-1"} | ({"Port": port} if port else {})
    client: Any = StubElb(health=[{"Target": target, "TargetHealth": {"State": "healthy"}}])
    assert bool(read_targets(client, ARN, 80)) is read


@pytest.mark.parametrize("kind", [None, "alb", "instance", "ip", "lambda"])
@pytest.mark.parametrize("balancers", [["arn:lb"], []])
def test_target_group_needs_instances_and_a_load_balancer(kind: str | None, balancers: list[str]) -> None:
    client: Any = StubElb({"LoadBalancerArns": balancers} | ({"TargetType": kind} if kind else {}))
    problems = check_target_groups(client, [ARN])
    expected = [] if balancers else ["target group website-home belongs to no load balancer"]
    if kind not in (None, "instance"):
        expected.append(f"target group website-home has targets of type {kind}, not instance")
    assert problems == expected


@pytest.mark.parametrize(("arn", "name"), [(ARN, "website-home"), ("a/b", "b"), ("plain", "plain")])
def test_name_of_target_group_is_in_its_arn(arn: str, name: str) -> None:
    assert target_group_name(arn) == name

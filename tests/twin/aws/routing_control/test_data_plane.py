"""The routing controls' data plane: five endpoints, one state, safety rules, one transaction."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from leeward.twin.aws.routing_control import OnOff, RoutingControlSimulator
from leeward.twin.aws.service_framework.backend_hooks import BackendHooks
from tests.twin.aws.drs_world import START, A, B, ManualClock, client, error_code, error_member

PANEL = "arn:aws:route53-recovery-control::123456789012:controlpanel/0f1e2d3c4b5a69788796a5b4c3d2e1f0"
EAST, WEST = f"{PANEL}/routingcontrol/1a2b3c4d5e6f7081", f"{PANEL}/routingcontrol/2b3c4d5e6f708192"
ENDPOINTS = {
    region: f"https://{name * 8}.route53-recovery-cluster.{region}.amazonaws.com/v1"
    for name, region in zip("abcde", (A, B, "eu-west-1", "ap-northeast-1", "ap-southeast-2"), strict=True)
}


@pytest.fixture
def arc(clock: ManualClock) -> RoutingControlSimulator:
    controls = RoutingControlSimulator(BackendHooks(clock.now, clock.later, Random(7)))
    controls.seed_cluster("website", ENDPOINTS, {EAST: "On", WEST: "Off"}, names={EAST: "east", WEST: "west"})
    return controls


def endpoint(region: str = A) -> Any:
    return client("route53-recovery-cluster", region, endpoint_url=ENDPOINTS[region])


def switch(api: Any, *, overriding: tuple[str, ...] = (), **states: OnOff) -> None:
    """`switch(api, EAST="Off", WEST="On")`, as one transaction."""
    arns = {"EAST": EAST, "WEST": WEST}
    entries = [{"RoutingControlArn": arns.get(k, k), "RoutingControlState": v} for k, v in states.items()]
    api.update_routing_control_states(UpdateRoutingControlStateEntries=entries, SafetyRulesToOverride=list(overriding))


def states(arc: RoutingControlSimulator) -> tuple[OnOff, OnOff]:
    return arc.control_state(EAST)[0], arc.control_state(WEST)[0]


def test_all_endpoints_share_state(arc: RoutingControlSimulator, clock: ManualClock) -> None:
    changes: list[tuple[str, str, datetime]] = []
    arc.on_change(lambda arn, state, since: changes.append((arn, state, since)))
    clock.advance(minutes=1)
    switch(endpoint(A), EAST="Off", WEST="On")
    for region in ENDPOINTS:
        answer = endpoint(region).get_routing_control_state(RoutingControlArn=WEST)
        assert (answer["RoutingControlState"], answer["RoutingControlName"]) == ("On", "west")
    now = clock.now()
    assert changes == [(EAST, "Off", now), (WEST, "On", now)]
    assert arc.control_state(WEST) == ("On", now) != ("On", START)


def test_unchanged_state_fires_no_change(arc: RoutingControlSimulator) -> None:
    changes: list[str] = []
    arc.on_change(lambda arn, state, since: changes.append(arn))
    endpoint().update_routing_control_state(RoutingControlArn=EAST, RoutingControlState="On")
    assert (changes, arc.control_state(EAST)) == ([], ("On", START))


def test_routing_controls_are_paginated(arc: RoutingControlSimulator) -> None:
    pages = list(endpoint().get_paginator("list_routing_controls").paginate(PaginationConfig={"PageSize": 1}))
    found = [control for page in pages for control in page["RoutingControls"]]
    assert [(c["RoutingControlName"], c["RoutingControlState"]) for c in found] == [("east", "On"), ("west", "Off")]
    assert endpoint().list_routing_controls(ControlPanelArn=PANEL)["RoutingControls"] == found
    with pytest.raises(ClientError) as error:
        endpoint().list_routing_controls(ControlPanelArn=PANEL[:-1] + "1")
    assert error_code(error.value) == "ResourceNotFoundException"


def test_down_endpoint_fails_and_others_work(arc: RoutingControlSimulator) -> None:
    arc.disable_endpoint(ENDPOINTS[A])
    for call in (
        lambda: endpoint(A).get_routing_control_state(RoutingControlArn=EAST),
        lambda: switch(endpoint(A), EAST="Off"),
    ):
        with pytest.raises(ClientError) as error:
            call()
        assert error_code(error.value) == "EndpointTemporarilyUnavailableException"
    switch(endpoint(B), EAST="Off", WEST="On")
    arc.enable_endpoint(ENDPOINTS[A])
    assert endpoint(A).get_routing_control_state(RoutingControlArn=WEST)["RoutingControlState"] == "On"


def test_unknown_endpoint_does_not_resolve(arc: RoutingControlSimulator) -> None:
    with pytest.raises(EndpointConnectionError):
        client("route53-recovery-cluster", A).get_routing_control_state(RoutingControlArn=EAST)


def test_unknown_control_fails_whole_transaction(arc: RoutingControlSimulator) -> None:
    with pytest.raises(ClientError) as error:
        switch(endpoint(), EAST="Off", **{f"{PANEL}/routingcontrol/0": "On"})  # type: ignore[arg-type]
    assert error_code(error.value) == "ResourceNotFoundException"
    assert error_member(error.value, "resourceType") == "RoutingControl"
    assert states(arc) == ("On", "Off")


def test_transaction_is_limited_to_ten_controls(arc: RoutingControlSimulator) -> None:
    many: dict[str, OnOff] = {f"{PANEL}/routingcontrol/{n:016x}": "Off" for n in range(11)}
    arc.seed_cluster("many", {}, many, names={})
    entries = [{"RoutingControlArn": arn, "RoutingControlState": "On"} for arn in many]
    with pytest.raises(ClientError) as error:
        endpoint().update_routing_control_states(UpdateRoutingControlStateEntries=entries)
    assert error_code(error.value) == "ServiceLimitExceededException"
    endpoint().update_routing_control_states(UpdateRoutingControlStateEntries=entries[:10])
    assert arc.control_state(entries[9]["RoutingControlArn"])[0] == "On"


@pytest.mark.parametrize("entries", [[], [EAST, EAST]])
def test_duplicate_control_in_transaction_is_rejected(arc: RoutingControlSimulator, entries: list[str]) -> None:
    wanted = [{"RoutingControlArn": arn, "RoutingControlState": "Off"} for arn in entries]
    with pytest.raises(ClientError) as error:
        endpoint().update_routing_control_states(UpdateRoutingControlStateEntries=wanted)
    assert error_code(error.value) == "ValidationException"
    assert states(arc) == ("On", "Off")


def test_endpoint_is_limited_to_three_changes_per_second(arc: RoutingControlSimulator, clock: ManualClock) -> None:
    for state in ("Off", "On", "Off"):
        switch(endpoint(A), WEST=state)
    with pytest.raises(ClientError) as error:
        switch(endpoint(A), WEST="On")
    assert (error_code(error.value), error_member(error.value, "retryAfterSeconds")) == ("ThrottlingException", 1)
    endpoint(A).get_routing_control_state(RoutingControlArn=WEST)
    switch(endpoint(B), WEST="On")
    clock.advance(seconds=1)
    switch(endpoint(A), WEST="Off")


def test_assertion_rule_checks_resulting_state(arc: RoutingControlSimulator) -> None:
    rule = arc.add_assertion_rule("never none", [EAST, WEST])
    with pytest.raises(ClientError, match=rule.arn) as error:
        switch(endpoint(), EAST="Off")
    assert error_code(error.value) == "ConflictException"
    assert error_member(error.value, "resourceId") == rule.arn
    # The operator reads the name; the ARN is for the override.
    assert "'never none'" in str(error.value)
    assert states(arc) == ("On", "Off")
    # Both at once is fine: one is On afterwards.
    switch(endpoint(), EAST="Off", WEST="On")
    assert states(arc) == ("Off", "On")


def test_safety_rule_is_overridden_only_by_arn(arc: RoutingControlSimulator) -> None:
    rule = arc.add_assertion_rule("never none", [EAST, WEST])
    other = arc.add_assertion_rule("always east", [EAST], "AND")
    with pytest.raises(ClientError, match=other.arn):
        switch(endpoint(A), EAST="Off", overriding=(rule.arn,))
    with pytest.raises(ClientError) as error:
        switch(endpoint(A), EAST="Off", overriding=(rule.arn, f"{PANEL}/safetyrule/0"))
    assert error_code(error.value) == "ResourceNotFoundException"
    switch(endpoint(A), EAST="Off", overriding=(rule.arn, other.arn))
    assert states(arc) == ("Off", "Off")


def test_a_gating_rule_blocks_its_targets_until_its_gate_is_on(
    arc: RoutingControlSimulator, clock: ManualClock
) -> None:
    gate = f"{PANEL}/routingcontrol/3c4d5e6f70819203"
    arc.seed_cluster("gate", {}, {gate: "Off"}, names={})
    arc.add_gating_rule("by hand", [gate], [EAST, WEST])
    with pytest.raises(ClientError, match="gating controls"):
        switch(endpoint(), EAST="Off", WEST="On")
    # The gate as it is counts, not as it would be.
    with pytest.raises(ClientError, match="gating controls"):
        switch(endpoint(), EAST="Off", WEST="On", **{gate: "On"})  # type: ignore[arg-type]
    clock.advance(seconds=2)
    switch(endpoint(), **{gate: "On"})  # type: ignore[arg-type]
    switch(endpoint(), EAST="Off", WEST="On")
    assert states(arc) == ("Off", "On")


def test_wait_period_allows_only_repeated_change(arc: RoutingControlSimulator, clock: ManualClock) -> None:
    arc.add_assertion_rule("never none", [EAST, WEST])
    switch(endpoint(A), EAST="Off", WEST="On")
    clock.advance(seconds=2)
    # A repeat, as after a lost answer.
    switch(endpoint(B), EAST="Off", WEST="On")
    with pytest.raises(ClientError, match="wait period of 5000 ms"):
        switch(endpoint(B), EAST="On", WEST="Off")
    clock.advance(seconds=3)
    switch(endpoint(B), EAST="On", WEST="Off")
    assert states(arc) == ("On", "Off")


def test_control_requires_control_panel_arn(arc: RoutingControlSimulator) -> None:
    with pytest.raises(ValueError, match="not the ARN of a routing control"):
        arc.seed_cluster("odd", {}, {"arn:aws:route53:::healthcheck/1": "On"}, names={})

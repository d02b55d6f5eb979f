"""How routing controls are switched and confirmed, by the states and errors of one cluster."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from leeward.common.errors import (
    Busy,
    InvalidInput,
    Refused,
    RouteUnconfirmed,
    SafetyRuleBlocked,
    ServiceUnavailable,
)
from leeward.traffic.routing import cluster_endpoints, routing_controls
from leeward.traffic.routing.cluster_endpoints import ClusterEndpoint, Deadline, call_any_endpoint
from leeward.traffic.routing.routing_controls import switch_controls
from tests.traffic.stub_time import StubTime

ENDPOINTS = [ClusterEndpoint(region=region, url=f"https://{region}.example") for region in "abc"]


class StubCluster:
    """A cluster: `states` by control. `errors` are raised one after the other by each update, and `hidden` by reads."""

    def __init__(self, **states: str) -> None:
        self.states = states
        self.errors: list[Exception] = []
        self.stale_reads, self.seconds = 0, 0.0
        self.updates: list[dict[str, Any]] = []
        self.reads = 0

    def update_routing_control_states(self, **request: Any) -> None:
        self.updates.append(request)
        if self.errors:
            raise self.errors.pop(0)
        for entry in request["UpdateRoutingControlStateEntries"]:
            self.new = {**getattr(self, "new", self.states), entry["RoutingControlArn"]: entry["RoutingControlState"]}

    def get_routing_control_state(self, RoutingControlArn: str) -> Any:  # noqa: N803 - AWS's name
        self.reads += 1
        cluster_endpoints.time.sleep(self.seconds)
        shown = self.states if self.reads <= self.stale_reads else getattr(self, "new", self.states)
        return {"RoutingControlState": shown[RoutingControlArn]}


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> StubTime:
    made = StubTime()
    for module in (routing_controls, cluster_endpoints):
        monkeypatch.setattr(module, "time", made)
    return made


@pytest.fixture
def cluster(clock: StubTime, monkeypatch: pytest.MonkeyPatch) -> StubCluster:
    made = StubCluster(on="Off", off="On")
    monkeypatch.setattr(cluster_endpoints, "cluster_client", lambda endpoint: made)
    return made


def rejected(code: str, message: str, **members: str) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": message}, **members}
    return ClientError(response, "UpdateRoutingControlStates")


def test_controls_are_read_until_they_show_the_change(cluster: StubCluster, clock: StubTime) -> None:
    cluster.stale_reads = 4
    accepted, confirmed = switch_controls(ENDPOINTS, ["on"], ["off"], ["rule"])
    assert {accepted, confirmed} <= {"a", "b", "c"}
    assert (cluster.reads, [pause for pause in clock.pauses if pause]) == (6, [2.0, 2.0])
    assert cluster.updates == [
        {
            "UpdateRoutingControlStateEntries": [
                {"RoutingControlArn": "on", "RoutingControlState": "On"},
                {"RoutingControlArn": "off", "RoutingControlState": "Off"},
            ],
            "SafetyRulesToOverride": ["rule"],
        }
    ]


def test_controls_are_not_read_again_after_the_time_limit(cluster: StubCluster, clock: StubTime) -> None:
    cluster.stale_reads, cluster.seconds = 99, 9.0
    with pytest.raises(RouteUnconfirmed, match=r"took the change, but it does not show: on is Off, not On"):
        switch_controls(ENDPOINTS, ["on"], ["off"])
    assert (cluster.reads, clock.pauses) == (2, [9.0, 9.0])


def test_controls_that_never_show_the_change_are_named(cluster: StubCluster, clock: StubTime) -> None:
    cluster.stale_reads = 99
    cluster.states["same"] = "On"
    with pytest.raises(RouteUnconfirmed) as unconfirmed:
        switch_controls(ENDPOINTS, ["on", "same"], ["off"])
    assert str(unconfirmed.value).endswith(
        " took the change, but it does not show: on is Off, not On, off is On, not Off"
    )
    assert (cluster.reads, [pause for pause in clock.pauses if pause]) == (9, [2.0, 2.0])


@pytest.mark.parametrize(
    ("turn_on", "turn_off", "valid"),
    [
        (0, 0, False),
        (1, 0, True),
        (0, 1, True),
        (5, 5, True),
        (6, 5, False),
        (10, 0, True),
        (11, 0, False),
    ],
)
def test_one_to_ten_controls_are_switched(cluster: StubCluster, turn_on: int, turn_off: int, valid: bool) -> None:
    on, off = [f"on{n}" for n in range(turn_on)], [f"off{n}" for n in range(turn_off)]
    if valid:
        switch_controls(ENDPOINTS, on, off)
        assert len(cluster.updates) == 1
    else:
        with pytest.raises(InvalidInput, match=r"^one transaction switches 1 to 10 controls, each on or off; got \{"):
            switch_controls(ENDPOINTS, on, off)
        assert cluster.updates == []


def test_control_to_be_on_and_off_is_rejected() -> None:
    with pytest.raises(InvalidInput, match="each on or off"):
        switch_controls(ENDPOINTS, ["x", "y"], ["y"])


BLOCKED = "route53-recovery-cluster:UpdateRoutingControlStates: safety rule {}; nothing was changed"


@pytest.mark.parametrize(
    ("error", "rule"),
    [
        (rejected("ConflictException", "no", resourceType="SafetyRule", resourceId="rule-1"), "rule-1 (no)"),
        (rejected("ValidationException", "A Safety Rule blocks it"), "(A Safety Rule blocks it)"),
        (rejected("ValidationException", "an assertion rule blocks it"), "(an assertion rule blocks it)"),
        (rejected("ConflictException", "a gating rule blocks it"), "(a gating rule blocks it)"),
        *(
            (rejected("ConflictException", "in use", resourceType=kind, resourceId="x"), None)
            for kind in ("Cluster", "Zone")
        ),
        (rejected("ConflictException", "in use"), None),
    ],
)
def test_safety_rule_is_distinguished_from_other_conflicts(
    cluster: StubCluster, error: ClientError, rule: str | None
) -> None:
    cluster.errors = [error]
    if rule is None:
        switch_controls(ENDPOINTS, ["on"], ["off"])
        assert len(cluster.updates) == 2, "sent again"
        return
    with pytest.raises(SafetyRuleBlocked) as blocked:
        switch_controls(ENDPOINTS, ["on"], ["off"])
    assert str(blocked.value) == BLOCKED.format(rule)


@pytest.mark.parametrize("code", ["BreakdownException", "DeniedException", "XException"])
def test_rule_in_message_of_another_error_is_no_safety_rule(cluster: StubCluster, code: str) -> None:
    cluster.errors = [rejected(code, "safety rule")]
    with pytest.raises(Refused, match="safety rule"):
        switch_controls(ENDPOINTS, ["on"], ["off"])


@pytest.mark.parametrize(
    ("tries", "rounds", "seconds", "pauses"), [(9, 3, 0.0, [2.0, 2.0]), (3, 1, 0.0, []), (5, 3, 3.0, [2.0])]
)
def test_endpoints_are_tried_in_rounds_until_17_seconds(
    clock: StubTime, tries: int, rounds: int, seconds: float, pauses: list[float]
) -> None:
    tried = []

    def fail(_client: object) -> None:
        clock.now += seconds
        tried.append(clock.now)
        raise ServiceUnavailable(f"down {len(tried)}")

    with pytest.raises(RouteUnconfirmed, match=r"^none of the 3 cluster endpoints answered: a: down \d; b: down \d; c"):
        call_any_endpoint(ENDPOINTS, fail, Deadline(), rounds)
    assert (len(tried), clock.pauses) == (tries, pauses)


def test_three_rounds_are_the_default(clock: StubTime) -> None:
    def fail(_client: object) -> None:
        raise Busy("busy")

    with pytest.raises(RouteUnconfirmed):
        call_any_endpoint(ENDPOINTS, fail, Deadline())
    assert len(clock.pauses) == 2


@pytest.mark.parametrize(("seconds", "over"), [(16.9, False), (17.0, True), (17.1, True)])
def test_deadline_is_over_after_17_seconds(clock: StubTime, seconds: float, over: bool) -> None:
    deadline = Deadline()
    clock.now = seconds
    assert deadline.is_over is over

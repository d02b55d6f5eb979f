"""How launch settings and routing controls are judged, in each state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from leeward.drs.api.states import LaunchDisposition
from leeward.readiness.checks import (
    launch_settings,
    routing_controls,
)
from leeward.readiness.model.findings import (
    FindingStatus,
    ReadinessFinding,
)
from tests.drs.sample_records import instance
from tests.drs.stub_clients import StubDrs, StubEc2
from tests.readiness.stub_checks import Answers, StubClients, missing, run, web

OK, WARNING, FAILED, UNKNOWN = FindingStatus.OK, FindingStatus.WARNING, FindingStatus.FAILED, FindingStatus.UNKNOWN


def launches(
    template: dict[str, Any] | None = None,
    *,
    count: int = 1,
    disposition: str = "STARTED",
    offered: bool = True,
    groups: tuple[str, ...] = (),
    free: Mapping[str, int] | None = None,
    instances: Any = (),
    states: Mapping[str, str] | None = None,
) -> dict[str, list[ReadinessFinding]]:
    class Ec2(StubEc2):
        def describe_launch_template_versions(self, **_: object) -> Any:
            return {"LaunchTemplateVersions": [] if template is None else [{"LaunchTemplateData": template}]}

        def describe_instance_type_offerings(self, **_: object) -> Any:
            return {"InstanceTypeOfferings": [1] if offered else []}

        def describe_security_groups(self, **_: object) -> Any:
            return {"SecurityGroups": [{"GroupId": group} for group in groups]}

        def describe_subnets(self, **_: object) -> Any:
            shown = (free or {}).items()
            return {"Subnets": [{"SubnetId": name, "AvailableIpAddressCount": left} for name, left in shown]}

    answers = {"get_launch_configuration": {"launchDisposition": disposition, "ec2LaunchTemplateID": "lt-1"}}
    drs = StubDrs([web(n) for n in range(1, count + 1)], instances, answers=answers)
    return run(launch_settings.check, StubClients(drs, Ec2(states or {})))


@pytest.mark.parametrize("disposition", [*LaunchDisposition, "ZERO", "A"])
def test_instances_must_be_started(disposition: str) -> None:
    (found,) = launches({}, disposition=disposition)["launch.disposition"]
    assert found.status is (OK if disposition == "STARTED" else FAILED)


def test_missing_template_is_a_failure() -> None:
    (found,) = launches(None)["launch.template"]
    assert (found.status, found.detail) == (FAILED, "its launch template lt-1 does not exist")
    assert launches({})["launch.template"][0].status is OK


@pytest.mark.parametrize("offered", [True, False])
def test_type_must_be_offered(offered: bool) -> None:
    (found,) = launches({"InstanceType": "m5.large"}, offered=offered)["launch.instance_type"]
    assert found.status is (OK if offered else FAILED)
    assert "launch.instance_type" not in launches({})


@pytest.mark.parametrize(
    ("template", "detail"),
    [
        ({"SecurityGroupIds": ["sg-1", "sg-2"]}, "sg-1, sg-2 exist"),
        ({"SecurityGroupIds": ["sg-1", "sg-9", "sg-8"]}, "sg-8, sg-9 does not exist"),
        ({"NetworkInterfaces": [{"Groups": ["sg-3"]}]}, "sg-3 does not exist"),
        ({"NetworkInterfaces": [{"Groups": ["sg-2"]}], "SecurityGroupIds": ["sg-1"]}, "sg-2, sg-1 exist"),
        ({}, None),
    ],
)
def test_security_groups_must_exist(template: dict[str, Any], detail: str | None) -> None:
    found = launches(template, groups=("sg-1", "sg-2")).get("launch.security_groups", [])
    assert [finding.detail for finding in found] == ([detail] if detail else [])
    assert all(
        (finding.status is OK) is finding.detail.endswith(" exist") or "not" in finding.detail for finding in found
    )


@pytest.mark.parametrize(
    ("left", "status"), [(1, FAILED), (2, WARNING), (9, WARNING), (10, OK), (11, OK), (None, FAILED)]
)
def test_subnet_needs_room_for_two_servers_and_eight_more(left: int | None, status: FindingStatus) -> None:
    template = {"NetworkInterfaces": [{"SubnetId": "subnet-1"}]}
    (found,) = launches(template, count=2, free={} if left is None else {"subnet-1": left})["launch.subnet"]
    absent = "it does not exist, and 2 servers would launch into it"
    assert (found.status, found.detail) == (status, absent if left is None else f"{left} free addresses for 2 servers")


@pytest.mark.parametrize(("left", "status"), [(8, FAILED), (9, WARNING), (16, WARNING), (17, OK)])
def test_subnet_needs_room_for_nine_servers_and_eight_more(left: int, status: FindingStatus) -> None:
    template = {"NetworkInterfaces": [{"SubnetId": "subnet-1"}]}
    (found,) = launches(template, count=9, free={"subnet-1": left})["launch.subnet"]
    assert found.status is status


@pytest.mark.parametrize(("is_drill", "blocks"), [(False, True), (True, False)])
def test_live_instance_blocks_a_launch(is_drill: bool, blocks: bool) -> None:
    found = launches({}, count=2, instances=[instance(1, isDrill=is_drill)], states={"i-1": "running"})[
        "launch.in_the_way"
    ]
    assert [finding.status for finding in found] == [FAILED if blocks else OK, OK]
    assert not blocks or found[0].detail == "a launch would replace the running recovery instance i-1"


@pytest.mark.parametrize(
    ("on", "both_on", "status"),
    [
        ((), False, FAILED),
        (("a",), False, OK),
        (("b",), True, OK),
        (("a", "b"), False, FAILED),
        (("a", "b"), True, OK),
        ((), True, FAILED),
    ],
)
@pytest.mark.parametrize("down", [0, 1, 2, 3, 5])
def test_states_of_controls_and_endpoints_are_judged(
    monkeypatch: pytest.MonkeyPatch, on: tuple[str, ...], both_on: bool, status: FindingStatus, down: int
) -> None:
    states = {region: "On" if region in on else "Off" for region in ("a", "b")}
    working = Answers(
        get_routing_control_state=lambda RoutingControlArn: {"RoutingControlState": states[RoutingControlArn[-1]]}  # noqa: N803 - AWS's name
    )
    broken = Answers(get_routing_control_state=missing("InternalServerException"))
    monkeypatch.setattr(routing_controls, "cluster_client", lambda e: broken if int(e.region) < down else working)
    endpoints = [{"region": str(n), "url": f"https://{n}"} for n in range(5)]
    controls = {"a": "arn:a", "b": "arn:b"}
    found = run(routing_controls.check, StubClients(), endpoints=endpoints, controls=controls, both_on=both_on)
    (reached,), (set_,) = found["routing.endpoints"], found["routing.controls"]
    assert reached.status is (OK if down == 0 else WARNING if down <= 2 else FAILED)
    assert reached.detail.startswith(f"{5 - down} of 5 endpoints respond")
    assert set_.status is (UNKNOWN if down == 5 else status)
    assert down == 5 or set_.detail == f"on: {', '.join(on) or 'none'}"

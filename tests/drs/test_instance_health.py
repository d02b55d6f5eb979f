"""EC2's view of recovery instances: what their states mean, and how many are read per call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.common.errors import NotFound, SurprisingAnswer
from leeward.drs.api.states import Ec2State
from leeward.drs.inventory.recovery_instances import (
    Ec2Instance,
    InstanceHealth,
    are_starting,
    assess_instance,
    describe_instances,
    describe_missing_instances,
    earliest_launch,
    require_recovered_groups,
    require_recovery_instances,
)
from leeward.drs.inventory.server_groups import ServerGroup
from tests.drs.sample_records import NOW, ec2_instance, instance, server
from tests.drs.stub_clients import StubDrs, StubEc2

STATES = {
    "pending": Ec2State.PENDING,
    "running": Ec2State.RUNNING,
    "stopping": Ec2State.STOPPING,
    "stopped": Ec2State.STOPPED,
    "shutting-down": Ec2State.SHUTTING_DOWN,
    "terminated": Ec2State.TERMINATED,
}
GONE = {Ec2State.SHUTTING_DOWN, Ec2State.TERMINATED, Ec2State.NOT_FOUND}


@pytest.mark.parametrize("state", list(Ec2State))
def test_ended_states_are_gone(state: Ec2State) -> None:
    assert Ec2Instance("i-1", state).is_gone is (state in GONE)


@pytest.mark.parametrize("state", list(Ec2State))
def test_recovery_instance_is_live_until_it_has_ended(state: Ec2State) -> None:
    assert instance(state=state).is_live is (state not in (Ec2State.TERMINATED, Ec2State.NOT_FOUND))


@pytest.mark.parametrize(
    ("state", "health", "text"),
    [
        (Ec2State.TERMINATED, InstanceHealth.GONE, "i-1 is terminated"),
        (Ec2State.NOT_FOUND, InstanceHealth.GONE, "i-1 is not_found"),
        (Ec2State.SHUTTING_DOWN, InstanceHealth.GONE, "i-1 is shutting-down"),
        (Ec2State.STOPPED, InstanceHealth.STOPPED, "i-1 is stopped"),
        (Ec2State.STOPPING, InstanceHealth.STOPPED, "i-1 is stopping"),
        (Ec2State.PENDING, InstanceHealth.STARTING, "i-1 is pending"),
    ],
)
def test_state_decides_health(state: Ec2State, health: InstanceHealth, text: str) -> None:
    assert assess_instance(instance(state=state), None) == (health, text)
    other = "STOPPED" if state is Ec2State.TERMINATED else "TERMINATED"
    assert assess_instance(instance(state=other), ec2_instance(state=state)) == (health, text), "EC2's state counts"


@pytest.mark.parametrize(
    ("checks", "health", "text"),
    [
        (("ok", "ok"), InstanceHealth.READY, "i-1 runs and its status checks are ok"),
        (("ok", "impaired"), InstanceHealth.STARTING, "i-1 runs, status checks ok and impaired"),
        (("initializing", "initializing"), InstanceHealth.STARTING, "i-1 runs, status checks initializing"),
        ((), InstanceHealth.STARTING, "i-1 runs, status checks not known yet"),
    ],
)
def test_status_checks_decide_health_of_running_instance(
    checks: tuple[str, ...], health: InstanceHealth, text: str
) -> None:
    assert assess_instance(instance(), ec2_instance(checks=checks)) == (health, text)


def test_running_instance_that_ec2_does_not_show_is_starting() -> None:
    assert assess_instance(instance(), None) == (InstanceHealth.STARTING, "EC2 does not show i-1 yet")


def test_instances_are_described_with_state_checks_and_launch_time() -> None:
    """DescribeInstanceStatus is called for running instances only."""
    ec2 = StubEc2(
        {f"i-{name}": name for name in STATES} | {"i-other": "running"}, checks={"i-running": ("ok", "initializing")}
    )
    client: Any = ec2
    found = describe_instances(client, [f"i-{name}" for name in STATES] + ["i-unknown"])
    assert found == {
        f"i-{name}": Ec2Instance(f"i-{name}", state, ("ok", "initializing") if name == "running" else (), NOW)
        for name, state in STATES.items()
    }
    assert ec2.reads == [("describe_instances", 7), ("describe_instance_status", 1)]


def test_no_call_is_made_without_instances() -> None:
    ec2 = StubEc2({"i-1": "running"})
    client: Any = ec2
    assert describe_instances(client, []) == {}
    assert not are_starting(client, [])
    assert ec2.reads == []


def test_instances_are_read_in_batches_of_hundred() -> None:
    ec2 = StubEc2({f"i-{n}": "running" for n in range(201)}, checks={"i-200": ("ok", "initializing")})
    client: Any = ec2
    assert len(describe_instances(client, list(ec2.states))) == 201
    assert [size for operation, size in ec2.reads if operation == "describe_instances"] == [100, 100, 1]
    ec2.reads.clear()
    assert are_starting(client, list(ec2.states))
    assert ec2.reads == [("describe_instance_status", size) for size in (100, 100, 1)]


@pytest.mark.parametrize(
    ("states", "checks", "starting"),
    [
        ({"i-1": "running", "i-2": "running"}, {}, False),
        ({"i-1": "running", "i-2": "running"}, {"i-2": ("ok", "initializing")}, True),
        ({"i-1": "running", "i-2": "running"}, {"i-1": ("initializing", "ok")}, True),
        ({"i-1": "pending", "i-2": "running"}, {"i-1": ("not-applicable", "not-applicable")}, True),
        ({"i-1": "running"}, {"i-1": ("ok", "initializing")}, False),
        *(({"i-1": "running", "i-2": state}, {"i-1": ("ok", "initializing")}, False)
          for state in ("stopping", "stopped", "shutting-down", "terminated")),
    ],
)  # fmt: skip
def test_instances_are_starting_while_one_of_them_is_not_up(
    states: dict[str, str], checks: dict[str, tuple[str, str]], starting: bool
) -> None:
    client: Any = StubEc2(states, checks=checks)
    assert are_starting(client, ["i-1", "i-2"]) is starting


def test_unknown_state_and_unknown_check_are_rejected() -> None:
    stranded: Any = StubEc2({"i-1": "hibernated"})
    with pytest.raises(SurprisingAnswer, match="an instance's state is 'hibernated'"):
        describe_instances(stranded, ["i-1"])
    failing: Any = StubEc2({"i-1": "running"}, checks={"i-1": ("ok", "fine")})
    with pytest.raises(SurprisingAnswer, match="a status check is 'fine'"):
        describe_instances(failing, ["i-1"])


def test_earliest_launch_ignores_instances_without_one() -> None:
    later = NOW + timedelta(minutes=1)
    found = {
        "i-1": Ec2Instance("i-1", Ec2State.RUNNING, (), later),
        "i-2": Ec2Instance("i-2", Ec2State.RUNNING, (), NOW),
        "i-3": Ec2Instance("i-3", Ec2State.RUNNING),
    }
    assert earliest_launch(found, ["i-1", "i-2", "i-3", "i-4"]) == NOW.isoformat()
    assert earliest_launch(found, ["i-1"]) == later.isoformat()
    assert earliest_launch(found, ["i-3", "i-4"]) is None
    assert earliest_launch(found, []) is None


@pytest.mark.parametrize(
    ("up", "text"),
    [
        ([1, 2], ""),
        ([1], "; without a recovery instance, so left out: s-2 (web-2)"),
        ([], "; without a recovery instance, so left out: s-1 (web-1), s-2 (web-2)"),
    ],
)
def test_servers_without_instance_are_named(up: list[int], text: str) -> None:
    assert describe_missing_instances([server(1), server(2)], {f"s-{n}": instance(n) for n in up}) == text


def test_live_instance_of_each_server_is_required() -> None:
    drs: Any = StubDrs(instances=[instance(1), instance(2, state="TERMINATED"), instance(3)])
    assert require_recovery_instances(drs, [server(1), server(2)], "b") == {"s-1": instance(1)}
    with pytest.raises(NotFound) as missing:
        require_recovery_instances(drs, [server(2), server(4)], "b")
    assert str(missing.value) == "no recovery instance in b of s-2 (web-2), s-4 (web-4)"


def test_each_group_needs_a_live_instance() -> None:
    web, mail = (ServerGroup(name=name, tags={"Role": name}) for name in ("web", "mail"))
    members = [server(n, tags={"Role": "web" if n < 3 else "mail"}) for n in (1, 2, 3, 4)]
    instances = [instance(1), instance(2, state="TERMINATED"), instance(4)]
    drs: Any = StubDrs(members, instances)
    found = require_recovered_groups(drs, [web, mail], "b")
    assert {name: sorted(live) for name, (_, live) in found.items()} == {"web": ["s-1"], "mail": ["s-4"]}
    assert [one.id for one in found["web"][0]] == ["s-1", "s-2"]
    drs = StubDrs(members, instances[:2])
    with pytest.raises(NotFound) as missing:
        require_recovered_groups(drs, [web, mail], "b")
    assert str(missing.value) == "no recovery instance in b of s-3, s-4"

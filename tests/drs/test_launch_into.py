"""Launching into instances that are there already."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.common.errors import InvalidInput
from leeward.drs.launch.target_instances import selector_for_server
from leeward.twin.engine import FaultKind
from tests.drs.samples import server
from tests.lambdas.world import TARGET, Failed, World, recover


def body(world: World, *, stopped: bool = True, allowed: bool = True, **tags: str) -> str:
    """An instance in the target Region, stopped and tagged for it, unless otherwise said."""
    given = {"Pool": "spare", **tags} | ({"AWSDRS": "AllowLaunchingIntoThisInstance"} if allowed else {})
    ec2 = world.client("ec2")
    made = ec2.run_instances(
        ImageId="ami-0d5eff06f840b45e9",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in given.items()]}],
    )["Instances"][0]["InstanceId"]
    if stopped:
        ec2.stop_instances(InstanceIds=[made])
    return str(made)


def into(world: World, role: str, selectors: dict[str, Any], **more: Any) -> dict[str, Any]:
    return world.drive("drs_launch_into", **recover(role, into=selectors, **more))


def test_a_server_comes_up_in_the_instance_that_is_named(world: World) -> None:
    waiting = body(world)
    into(world, "database", {"database": waiting})
    (up,) = world.drs.recovery_instances(TARGET)
    assert up.ec2_instance_id == waiting
    assert up.recovery_instance_id != waiting


def test_each_server_of_a_group_finds_its_own_by_its_name(world: World) -> None:
    bodies = {name: body(world, Name=name) for name in ("web-1", "web-2")}
    into(world, "web", {"web": {"Pool": "spare"}})
    names = {s.server_id: s.tags["Name"] for s in world.drs.servers(TARGET)}
    assert {names[i.server_id]: i.ec2_instance_id for i in world.drs.recovery_instances(TARGET)} == bodies


def test_everything_that_stands_in_the_way_is_told_before_anything_is_changed(world: World) -> None:
    running, untagged = body(world, stopped=False), body(world, allowed=False)
    with pytest.raises(Failed) as failed:
        into(world, "web", {"web-1": running, "web-2": untagged})
    assert failed.value.error == "NotReady"
    assert f"{running} is running; stop it" in failed.value.cause
    assert f"{untagged} lacks the tag AWSDRS=AllowLaunchingIntoThisInstance" in failed.value.cause
    assert world.jobs() == []
    assert world.calls("drs:UpdateLaunchConfiguration") == 0


def test_two_servers_do_not_share_an_instance(world: World) -> None:
    one = body(world)
    with pytest.raises(Failed, match=rf"NotReady: .*{one} is wanted by .*web-\d.* and .*web-\d"):
        into(world, "web", {"web-1": one, "web-2": one})


@pytest.mark.parametrize(("made", "told"), [(0, "found none"), (2, r"found i-\w+, i-\w+")])
def test_tags_must_find_one_instance(world: World, made: int, told: str) -> None:
    for _ in range(made):
        body(world)
    with pytest.raises(Failed, match=rf"NotReady: .*one instance is wanted in us-west-2, {told}"):
        into(world, "database", {"database": {"Pool": "spare"}})


def test_a_wildcard_in_a_tag_is_no_wildcard(world: World) -> None:
    body(world)
    with pytest.raises(Failed, match="found none"):
        into(world, "database", {"database": {"Pool": "*"}})


@pytest.mark.parametrize("call", ["UpdateLaunchConfiguration", "StartRecovery"])
@pytest.mark.parametrize("fault", [FaultKind.CONNECTION_REFUSED, FaultKind.ANSWER_LOST, FaultKind.THROTTLED])
def test_broken_off_it_is_completed_with_one_launch(world: World, call: str, fault: FaultKind) -> None:
    waiting = body(world)
    world.engine.interceptor.inject_fault(f"drs:{call}", fault, times=3 if call == "UpdateLaunchConfiguration" else 1)
    into(world, "database", {"database": waiting})
    assert len(world.started()) == 1
    assert world.drs.recovery_instances(TARGET)[0].ec2_instance_id == waiting


def test_called_again_it_does_not_mind_that_the_instance_runs(world: World) -> None:
    waiting = body(world)
    into(world, "database", {"database": waiting})
    into(world, "database", {"database": waiting})
    assert len(world.started()) == 1


def test_a_launch_elsewhere_is_a_failure(world: World) -> None:
    waiting = body(world)
    world.drive("drs_recover", **recover("database"))
    with pytest.raises(Failed, match=rf"LaunchFailed: .*was launched into i-\w+, not {waiting}"):
        into(world, "database", {"database": waiting})


def test_what_names_no_instance_is_refused() -> None:
    one = server(1)
    assert selector_for_server(one, "web", {"s-1": "i-1", "web-1": "i-2", "web": "i-3"}, 2) == "i-1"
    assert selector_for_server(one, "web", {"web-1": "i-2", "web": "i-3"}, 2) == "i-2"
    assert selector_for_server(one, "web", {"web": "i-3"}, 1) == "i-3"
    assert selector_for_server(one, "web", {"web": {"Pool": "spare"}}, 2) == {"Pool": "spare", "Name": "web-1"}
    with pytest.raises(InvalidInput, match="nothing says which instance"):
        selector_for_server(one, "web", {"web-2": "i-2"}, 2)
    with pytest.raises(InvalidInput, match="all are to be launched into i-3"):
        selector_for_server(one, "web", {"web": "i-3"}, 2)
    with pytest.raises(InvalidInput, match="no Name tag"):
        selector_for_server(server(1, tags={}), "web", {"web": {"Pool": "spare"}}, 2)

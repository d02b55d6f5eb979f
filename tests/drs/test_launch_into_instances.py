"""Launching into instances that are there already."""

from __future__ import annotations

from typing import Any

import pytest

from leeward.common.errors import InvalidInput
from leeward.drs.launch.target_instances import selector_for_server
from leeward.twin.engine import FaultKind
from tests.drs.sample_records import server
from tests.support.task_world import TARGET, TaskFailed, TaskWorld, recover_parameters


def create_target_instance(world: TaskWorld, *, stopped: bool = True, allowed: bool = True, **tags: str) -> str:
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


def into(world: TaskWorld, role: str, selectors: dict[str, Any], **more: Any) -> dict[str, Any]:
    return world.run_until_done("drs_launch_into", **recover_parameters(role, into={role: selectors}, **more))


def test_server_launches_into_named_instance(world: TaskWorld) -> None:
    waiting = create_target_instance(world)
    into(world, "database", {"database": waiting})
    (up,) = world.drs.recovery_instances(TARGET)
    assert up.ec2_instance_id == waiting
    assert up.recovery_instance_id != waiting


def test_servers_are_matched_to_instances_by_name_tag(world: TaskWorld) -> None:
    bodies = {name: create_target_instance(world, Name=name) for name in ("web-1", "web-2")}
    into(world, "web", {"web": {"Pool": "spare"}})
    names = {s.server_id: s.tags["Name"] for s in world.drs.servers(TARGET)}
    assert {names[i.server_id]: i.ec2_instance_id for i in world.drs.recovery_instances(TARGET)} == bodies


def test_each_group_has_its_own_instances(world: TaskWorld) -> None:
    """The Name tag finds the web servers' instances, and the database is launched into the named one."""
    web = {create_target_instance(world, Name=name) for name in ("web-1", "web-2")}
    database = create_target_instance(world)
    selectors = {"web": {"web": {"Pool": "spare"}}, "database": {"database": database}}
    world.run_until_done("drs_launch_into", **recover_parameters("database", "web", into=selectors))
    assert {i.ec2_instance_id for i in world.drs.recovery_instances(TARGET)} == {*web, database}
    assert [job.tags["leeward:group"] for job in world.launch_jobs()] == ["database", "web"]


def test_all_obstacles_are_reported_before_any_change(world: TaskWorld) -> None:
    running, untagged = create_target_instance(world, stopped=False), create_target_instance(world, allowed=False)
    with pytest.raises(TaskFailed) as failed:
        into(world, "web", {"web-1": running, "web-2": untagged})
    assert failed.value.error == "NotReady"
    assert f"{running} is running; stop it" in failed.value.cause
    assert f"{untagged} lacks the tag AWSDRS=AllowLaunchingIntoThisInstance" in failed.value.cause
    assert world.launch_jobs() == []
    assert world.count_calls("drs:UpdateLaunchConfiguration") == 0


def test_two_servers_with_same_instance_are_rejected(world: TaskWorld) -> None:
    one = create_target_instance(world)
    with pytest.raises(TaskFailed, match=rf"NotReady: .*{one} is the target of .*web-\d.* and .*web-\d"):
        into(world, "web", {"web-1": one, "web-2": one})


@pytest.mark.parametrize(("made", "output"), [(0, "found none"), (2, r"found i-\w+, i-\w+")])
def test_tags_must_match_exactly_one_instance(world: TaskWorld, made: int, output: str) -> None:
    for _ in range(made):
        create_target_instance(world)
    with pytest.raises(TaskFailed, match=rf"NotReady: .*expected 1 instance in us-west-2, {output}"):
        into(world, "database", {"database": {"Pool": "spare"}})


def test_wildcard_in_tag_matches_literally(world: TaskWorld) -> None:
    create_target_instance(world)
    with pytest.raises(TaskFailed, match="found none"):
        into(world, "database", {"database": {"Pool": "*"}})


@pytest.mark.parametrize("call", ["UpdateLaunchConfiguration", "StartRecovery"])
@pytest.mark.parametrize("fault", [FaultKind.CONNECTION_REFUSED, FaultKind.ANSWER_LOST, FaultKind.THROTTLED])
def test_interrupted_launch_is_completed_once(world: TaskWorld, call: str, fault: FaultKind) -> None:
    waiting = create_target_instance(world)
    world.engine.interceptor.inject_fault(f"drs:{call}", fault, times=3 if call == "UpdateLaunchConfiguration" else 1)
    into(world, "database", {"database": waiting})
    assert len(world.started_servers()) == 1
    assert world.drs.recovery_instances(TARGET)[0].ec2_instance_id == waiting


def test_repeated_call_accepts_running_instance(world: TaskWorld) -> None:
    waiting = create_target_instance(world)
    into(world, "database", {"database": waiting})
    into(world, "database", {"database": waiting})
    assert len(world.started_servers()) == 1


def test_launch_into_another_instance_fails(world: TaskWorld) -> None:
    waiting = create_target_instance(world)
    world.run_until_done("drs_recover", **recover_parameters("database"))
    with pytest.raises(TaskFailed, match=rf"LaunchFailed: .*was launched into i-\w+, not {waiting}"):
        into(world, "database", {"database": waiting})


def test_missing_instance_selector_is_rejected() -> None:
    one = server(1)
    assert selector_for_server(one, "web", {"s-1": "i-1", "web-1": "i-2", "web": "i-3"}, 2) == "i-1"
    assert selector_for_server(one, "web", {"web-1": "i-2", "web": "i-3"}, 2) == "i-2"
    assert selector_for_server(one, "web", {"web": "i-3"}, 1) == "i-3"
    assert selector_for_server(one, "web", {"web": {"Pool": "spare"}}, 2) == {"Pool": "spare", "Name": "web-1"}
    with pytest.raises(InvalidInput, match="no target instance is given"):
        selector_for_server(one, "web", {"web-2": "i-2"}, 2)
    with pytest.raises(InvalidInput, match="all are to be launched into i-3"):
        selector_for_server(one, "web", {"web": "i-3"}, 2)
    with pytest.raises(InvalidInput, match="no Name tag"):
        selector_for_server(server(1, tags={}), "web", {"web": {"Pool": "spare"}}, 2)

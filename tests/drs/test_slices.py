"""Work that takes one AWS call or two for each server: how it is spread over the calls of its task."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from leeward.drs.preflight.launch_settings import LaunchSettingsCheck
from leeward.drs.protection.termination_protection import ProtectionChange
from tests.support.nonempty import nonempty
from tests.support.task_world import SHORT_POLL, TARGET, TaskFailed, TaskWorld, recover_parameters, server_group

# A call of a task may take 28 s, and the start of its function a little.
LONGEST_CALL_SECONDS = 28.5
SERVERS = 30
PREFLIGHT: dict[str, Any] = {"groups": [server_group()], "rpo_seconds": 300}
PROTECT: dict[str, Any] = {"groups": [server_group()]}
SET, SHOW, READ_SETTINGS = "ec2:ModifyInstanceAttribute", "ec2:DescribeInstanceAttribute", "drs:GetLaunchConfiguration"


@pytest.fixture
def large(world: TaskWorld) -> TaskWorld:
    """A world with 30 web servers."""
    world.servers(*(f"web-{number}" for number in range(3, SERVERS + 1)))
    world.advance(3600)
    return world


@pytest.fixture
def recovered(large: TaskWorld) -> TaskWorld:
    large.run_until_done("drs_recover", **recover_parameters())
    return large


def call_until_done(world: TaskWorld, task: str, *, keeps_memo: bool = True, **parameters: Any) -> list[dict[str, Any]]:
    """Call the task until it is done, as the state machine does. Return the output of each call.

    Each call must end in time.
    """
    progress: list[dict[str, Any]] = []
    while not progress or progress[-1]["status"] == "waiting":
        event = world.first_event(**parameters)
        if progress:
            last = progress[-1] if keeps_memo else progress[-1] | {"memo": None}
            members = ("attempt", "waited_seconds", "started_at", "news", "memo")
            event |= {"head": last["head"], "poll": SHORT_POLL | {name: last[name] for name in members}}
            world.advance(last["wait_seconds"])
        began = world.engine.clock.now()
        progress.append(world.call(task, event))
        assert (world.engine.clock.now() - began).total_seconds() < LONGEST_CALL_SECONDS
        assert len(progress) < 20
    return progress


def protected_instances(world: TaskWorld) -> list[str]:
    ec2 = world.client("ec2")
    ids = [instance.ec2_instance_id for instance in world.drs.recovery_instances(TARGET)]
    answers = {i: ec2.describe_instance_attribute(InstanceId=i, Attribute="disableApiTermination") for i in ids}
    return [instance for instance, answer in answers.items() if answer["DisableApiTermination"]["Value"]]


@pytest.mark.parametrize("seconds", [0.5, 1, 3])
def test_protection_continues_where_previous_call_stopped(recovered: TaskWorld, seconds: float) -> None:
    with recovered.slow_calls(seconds):
        progress = call_until_done(recovered, "drs_protect", step="protect", **PROTECT)
    assert len(progress) > 1
    done = [change.done for p in progress[:-1] if (change := ProtectionChange.parse(p["memo"])) is not None]
    assert done == sorted(set(done)), "each call changes further instances"
    assert len(nonempty(done)) == len(progress) - 1
    assert (recovered.count_calls(SET), recovered.count_calls(SHOW)) == (SERVERS, SERVERS), "nothing is done twice"
    assert len(protected_instances(recovered)) == SERVERS
    assert progress[-1]["memo"] is None


def test_protection_without_memo_reaches_same_result(recovered: TaskWorld) -> None:
    """After a crash, the change begins again. Setting the attribute again changes nothing."""
    with recovered.slow_calls(1):
        recovered.look_once("drs_protect", step="protect", **PROTECT)
    recovered.run_until_done("drs_protect", step="protect", **PROTECT)
    assert len(protected_instances(recovered)) == SERVERS


def test_removal_of_protection_continues_where_previous_call_stopped(recovered: TaskWorld) -> None:
    recovered.step("drs_protect", **PROTECT)
    before = recovered.count_calls(SET)
    with recovered.slow_calls(1):
        assert len(call_until_done(recovered, "drs_unprotect", step="protect", **PROTECT)) > 1
    assert recovered.count_calls(SET) - before == SERVERS
    assert protected_instances(recovered) == []


class LateEc2:
    """An EC2 that shows a change of the instance `late` only after it was set again."""

    def __init__(self, late: str) -> None:
        self.late, self.set = late, Counter[str]()

    def modify_instance_attribute(self, *, InstanceId: str, **_: object) -> None:  # noqa: N803 - AWS's name
        self.set[InstanceId] += 1

    def describe_instance_attribute(self, *, InstanceId: str, **_: object) -> Any:  # noqa: N803 - AWS's name
        return {"DisableApiTermination": {"Value": self.set[InstanceId] > (InstanceId == self.late)}}


def test_instance_that_does_not_show_its_change_is_set_again_after_others() -> None:
    ec2: Any = LateEc2("i-2")
    first = ProtectionChange(protected=True, ids=("i-1", "i-2", "i-3")).advance(ec2)
    assert (first.done, first.detail) == (False, "termination protection of 2 of 3 instances is on")
    assert ec2.set == {"i-1": 1, "i-2": 1, "i-3": 1}
    change = ProtectionChange.parse(first.memo)
    assert change is not None
    assert change.advance(ec2).done
    assert ec2.set == {"i-1": 1, "i-2": 2, "i-3": 1}


@pytest.mark.parametrize("seconds", [0.5, 1])
def test_preflight_reads_launch_settings_over_several_calls(large: TaskWorld, seconds: float) -> None:
    with large.slow_calls(seconds):
        progress = call_until_done(large, "preflight", step="check", **PREFLIGHT)
    assert len(progress) > 1
    assert progress[-1]["detail"].startswith(f"{SERVERS} servers ready")
    assert large.count_calls(READ_SETTINGS) == SERVERS, "each server once"
    left = [check.remaining for p in progress[:-1] if (check := LaunchSettingsCheck.parse(p["memo"])) is not None]
    assert left == sorted(set(left), reverse=True)
    assert len(nonempty(left)) == len(progress) - 1
    assert progress[0]["detail"] == f"the launch settings of {left[0]} servers are still to be read"


@pytest.mark.parametrize("place", [0, SERVERS // 2, SERVERS - 1])
def test_preflight_reports_launch_settings_of_every_call(large: TaskWorld, place: int) -> None:
    servers = sorted(server.server_id for server in large.drs.servers(TARGET) if server.tags["Role"] == "web")
    large.client("drs").update_launch_configuration(sourceServerID=servers[place], launchDisposition="STOPPED")
    with large.slow_calls(1), pytest.raises(TaskFailed, match=rf"NotReady: {servers[place]} .*launchDisposition"):
        call_until_done(large, "preflight", step="check", **PREFLIGHT)


@pytest.mark.parametrize("memo", ["", "{}", "no JSON", '{"version": 7}'])
def test_memo_of_another_version_is_ignored(memo: str) -> None:
    assert ProtectionChange.parse(memo) is None
    assert LaunchSettingsCheck.parse(memo) in (None, LaunchSettingsCheck())

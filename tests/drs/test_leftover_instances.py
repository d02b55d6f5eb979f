"""The machines that a failback leaves behind in EC2: ended, and none that serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leeward.twin.aws.drs.operations.source_server_operations import SourceServerOperations
from leeward.twin.engine import FaultKind
from tests.drs.round_trips import A, B, RoundTrip, create_source_instances, failed_back_world
from tests.support.task_world import TaskFailed, TaskWorld, open_task_world


@pytest.fixture
def trip() -> Iterator[RoundTrip]:
    with failed_back_world("web-1", "web-2") as made:
        yield made


def test_terminate_removes_only_leftover_instances(trip: RoundTrip) -> None:
    serving = trip.recovered_instances()
    trip.retire()
    assert trip.recovered_instances() == set(), "no record of DRS keeps them any more"
    others = trip.instances(B, "running")
    output = trip.terminate()
    assert trip.instances(A, "running") == serving
    assert trip.instances(B, "running") == others
    assert all(machine in output for machine in serving)


def test_instances_of_other_groups_are_kept(trip: RoundTrip) -> None:
    ec2 = trip.world.client("ec2", A)
    tags = [{"Key": "Application", "Value": "website"}, {"Key": "Role", "Value": "database"}]
    made = ec2.run_instances(
        ImageId="ami-0d5eff06f840b45e9",
        MinCount=1,
        MaxCount=1,
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )["Instances"][0]["InstanceId"]
    trip.retire()
    trip.terminate()
    assert ec2.describe_instances(InstanceIds=[made])["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"


def test_termination_protection_of_leftovers_is_removed(trip: RoundTrip) -> None:
    old = trip.instances(A, "running") - trip.recovered_instances()
    for machine in old:
        trip.world.client("ec2", A).modify_instance_attribute(InstanceId=machine, DisableApiTermination={"Value": True})
    trip.retire()
    trip.terminate()
    assert trip.instances(A, "running").isdisjoint(old)


def test_nothing_is_terminated_while_a_server_is_unprotected(trip: RoundTrip) -> None:
    trip.retire()
    before = trip.instances(A, "running")
    trip.world.drs.stall_replication(trip.original_servers()[0].server_id)
    with pytest.raises(TaskFailed, match=r"NotProtected: nothing is terminated in us-east-1: .*STALLED"):
        trip.terminate()
    assert trip.instances(A, "running") == before


def test_nothing_is_terminated_before_failback(world: TaskWorld) -> None:
    create_source_instances(world)
    trip = RoundTrip(world)
    before = trip.instances(A, "running")
    world.advance(60)
    trip.terminate()
    assert trip.instances(A, "running") == before != set()


def test_group_by_server_ids_is_rejected(trip: RoundTrip) -> None:
    ids = {"name": "web", "ids": [server.server_id for server in trip.original_servers()], "expect": None}
    with pytest.raises(TaskFailed, match="InvalidInput: leftover instances are found by tags"):
        trip.world.poll_once("ec2_terminate", groups=[ids], region=A, other_region=B, keep="recovered")


@pytest.mark.parametrize("call", ["TerminateInstances", "ModifyInstanceAttribute", "DescribeInstances"])
@pytest.mark.parametrize("fault", [FaultKind.CONNECTION_REFUSED, FaultKind.ANSWER_LOST])
def test_interrupted_termination_is_completed(call: str, fault: FaultKind) -> None:
    with failed_back_world("web-1") as trip:
        serving = trip.recovered_instances()
        trip.retire()
        trip.world.engine.interceptor.inject_fault(f"ec2:{call}", fault, times=3)
        trip.terminate()
        assert trip.instances(A, "running") == serving


def test_instance_of_server_missing_from_drs_list_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a group that does not say how many it has; the run's own journal knows what it launched."""
    with open_task_world() as world:
        world.servers("web-1", "web-2")
        create_source_instances(world)
        trip = RoundTrip(world).until_failed_back()
        serving = trip.recovered_instances()
        trip.retire()
        hidden = trip.original_servers()[1].server_id
        output = SourceServerOperations.describe_source_servers

        def incomplete(self: SourceServerOperations, params: Any) -> Any:
            answer: dict[str, Any] = dict(output(self, params))
            return {**answer, "items": [item for item in answer["items"] if item["sourceServerID"] != hidden]}

        monkeypatch.setattr(SourceServerOperations, "describe_source_servers", incomplete)
        with pytest.raises(TaskFailed, match="NotProtected: nothing is terminated in us-east-1: this run launched i-"):
            trip.terminate()
        assert serving <= trip.instances(A, "running")
        monkeypatch.undo()
        trip.terminate()
        assert trip.instances(A, "running") == serving

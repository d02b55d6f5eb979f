"""The machines that a failback leaves behind in EC2: ended, and none that serves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from leeward.twin.aws.drs.operations.source_server_operations import SourceServerOperations
from leeward.twin.engine import FaultKind
from tests.drs.trips import A, B, Trip, bodies, failed_back
from tests.lambdas.world import Failed, World, open_world


@pytest.fixture
def trip() -> Iterator[Trip]:
    with failed_back("web-1", "web-2") as made:
        yield made


def test_the_machines_left_behind_are_ended_and_nothing_else(trip: Trip) -> None:
    serving = trip.serving()
    trip.retire()
    assert trip.serving() == set(), "no record of DRS keeps them any more"
    others = trip.machines(B, "running")
    told = trip.terminate()
    assert trip.machines(A, "running") == serving
    assert trip.machines(B, "running") == others
    assert all(machine in told for machine in serving)


def test_the_database_stays(trip: Trip) -> None:
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


def test_termination_protection_of_an_earlier_failback_comes_off(trip: Trip) -> None:
    old = trip.machines(A, "running") - trip.serving()
    for machine in old:
        trip.world.client("ec2", A).modify_instance_attribute(InstanceId=machine, DisableApiTermination={"Value": True})
    trip.retire()
    trip.terminate()
    assert trip.machines(A, "running").isdisjoint(old)


def test_no_machine_is_ended_while_a_server_protects_none(trip: Trip) -> None:
    trip.retire()
    before = trip.machines(A, "running")
    trip.world.drs.stall_replication(trip.b1()[0].server_id)
    with pytest.raises(Failed, match=r"NotProtected: nothing is terminated in us-east-1: .*STALLED"):
        trip.terminate()
    assert trip.machines(A, "running") == before


def test_before_a_failback_every_machine_is_kept(world: World) -> None:
    bodies(world)
    trip = Trip(world)
    before = trip.machines(A, "running")
    world.later(60)
    trip.terminate()
    assert trip.machines(A, "running") == before != set()


def test_machines_cannot_be_told_by_ids_of_servers(trip: Trip) -> None:
    ids = {"name": "web", "ids": [server.server_id for server in trip.b1()], "expect": None}
    with pytest.raises(Failed, match="InvalidInput: machines are found by their tags"):
        trip.world.look("ec2_terminate", groups=[ids], region=A, other_region=B, keep="recovered")


@pytest.mark.parametrize("call", ["TerminateInstances", "ModifyInstanceAttribute", "DescribeInstances"])
@pytest.mark.parametrize("fault", [FaultKind.CONNECTION_REFUSED, FaultKind.ANSWER_LOST])
def test_broken_off_the_ending_is_completed(call: str, fault: FaultKind) -> None:
    with failed_back("web-1") as trip:
        serving = trip.serving()
        trip.retire()
        trip.world.engine.interceptor.inject_fault(f"ec2:{call}", fault, times=3)
        trip.terminate()
        assert trip.machines(A, "running") == serving


def test_a_server_that_drs_leaves_out_of_every_list_does_not_lose_its_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a group that does not say how many it has; the run's own journal knows what it launched."""
    with open_world() as world:
        world.servers("web-1", "web-2")
        bodies(world)
        trip = Trip(world).until_failed_back()
        serving = trip.serving()
        trip.retire()
        hidden = trip.b1()[1].server_id
        told = SourceServerOperations.describe_source_servers

        def incomplete(self: SourceServerOperations, params: Any) -> Any:
            answer: dict[str, Any] = dict(told(self, params))
            return {**answer, "items": [item for item in answer["items"] if item["sourceServerID"] != hidden]}

        monkeypatch.setattr(SourceServerOperations, "describe_source_servers", incomplete)
        with pytest.raises(Failed, match="NotProtected: nothing is terminated in us-east-1: this run launched i-"):
            trip.terminate()
        assert serving <= trip.machines(A, "running")
        monkeypatch.undo()
        trip.terminate()
        assert trip.machines(A, "running") == serving

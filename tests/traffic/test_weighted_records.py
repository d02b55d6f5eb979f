"""Weighted records, against moto's Route 53."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.traffic.routing.weighted_records import WeightedEntry, WeightedRecord, build_changes
from leeward.twin.engine import FaultKind
from tests.support.task_world import TaskFailed, TaskWorld

UPSERT = "route53:ChangeResourceRecordSets"


@pytest.fixture
def zone(world: TaskWorld) -> str:
    """A zone with the record's two entries, the first with a health check, and a neighbour."""
    route53 = world.client("route53", "us-east-1")
    zone = str(route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]).split("/")[-1]
    for name, identifier, weight, more in (
        ("www.example.com", "east", 100, {"HealthCheckId": "hc-1"}),
        ("www.example.com", "west", 0, {}),
        ("wwx.example.com", "east", 7, {}),
    ):
        record = {"Name": name, "Type": "A", "TTL": 300, "SetIdentifier": identifier, "Weight": weight} | more
        record["ResourceRecords"] = [{"Value": "192.0.2.1"}]
        route53.change_resource_record_sets(
            HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        )
    return zone


def weights_event(zone: str, east: int = 0, west: int = 100) -> dict[str, Any]:
    entries = [("east", "192.0.2.1", east), ("west", "192.0.2.2", west)]
    return {
        "hosted_zone": zone,
        "record": "www.example.com",
        "type": "A",
        "ttl": 30,
        "entries": [{"set_identifier": i, "value": v, "weight": w} for i, v, w in entries],
    }


def records(world: TaskWorld, zone: str) -> dict[tuple[str, str], Any]:
    answer = world.client("route53", "us-east-1").list_resource_record_sets(HostedZoneId=zone)
    return {(r["Name"], r["SetIdentifier"]): r for r in answer["ResourceRecordSets"] if "SetIdentifier" in r}


def test_weights_are_set_in_one_batch_and_verified(world: TaskWorld, zone: str) -> None:
    done = world.run_until_done("route53_weights", **weights_event(zone))
    assert done["detail"] == "www.example.com: weights are east 0, west 100"
    found = records(world, zone)
    east, west = found["www.example.com.", "east"], found["www.example.com.", "west"]
    assert (east["Weight"], west["Weight"], west["TTL"]) == (0, 100, 30)
    assert west["ResourceRecords"] == [{"Value": "192.0.2.2"}]
    assert world.count_calls(UPSERT) == 1


def test_health_check_of_record_is_kept(world: TaskWorld, zone: str) -> None:
    world.run_until_done("route53_weights", **weights_event(zone))
    assert records(world, zone)["www.example.com.", "east"]["HealthCheckId"] == "hc-1"


def test_other_records_are_unchanged(world: TaskWorld, zone: str) -> None:
    world.run_until_done("route53_weights", **weights_event(zone))
    assert records(world, zone)["wwx.example.com.", "east"]["Weight"] == 7


def test_repeated_call_sends_no_change(world: TaskWorld, zone: str) -> None:
    world.poll_once("route53_weights", **weights_event(zone))
    world.poll_once("route53_weights", **weights_event(zone))
    assert world.count_calls(UPSERT) == 1


def test_reverse_weights_are_a_new_change(world: TaskWorld, zone: str) -> None:
    world.poll_once("route53_weights", **weights_event(zone))
    world.poll_once("route53_weights", **weights_event(zone, east=100, west=0))
    assert records(world, zone)["www.example.com.", "east"]["Weight"] == 100


def test_weights_changed_by_others_are_not_done(world: TaskWorld, zone: str) -> None:
    world.poll_once("route53_weights", **weights_event(zone))
    record = records(world, zone)["www.example.com.", "west"] | {"Weight": 1}
    world.client("route53", "us-east-1").change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    )
    with pytest.raises(TaskFailed, match=r"RouteUnconfirmed: .*in sync, but west is weight 1 of 192.0.2.2, not 100"):
        world.poll_once("route53_weights", **weights_event(zone))


def test_lost_response_is_retried(world: TaskWorld, zone: str) -> None:
    world.engine.interceptor.inject_fault(UPSERT, FaultKind.ANSWER_LOST, times=3)
    world.run_until_done("route53_weights", **weights_event(zone))
    assert records(world, zone)["www.example.com.", "west"]["Weight"] == 100


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"hosted_zone": "Z0000000000000"}, "NotFound"),
        ({"entries": [{"set_identifier": "east", "value": "192.0.2.1", "weight": 0}]}, "InvalidInput: .*all weights"),
        ({"entries": [{"set_identifier": "north", "value": "192.0.2.1", "weight": 1}]}, "NotFound: .*'north'.*east, w"),
        ({"entries": [{"set_identifier": "east", "value": "x", "weight": 256}]}, "InvalidInput: .*weight"),
    ],
)
def test_invalid_weights_are_rejected(world: TaskWorld, zone: str, change: dict[str, Any], error: str) -> None:
    with pytest.raises(TaskFailed, match=error):
        world.poll_once("route53_weights", **weights_event(zone) | change)
    assert world.count_calls(UPSERT) == 0


@given(st.lists(st.integers(0, 255), min_size=1, max_size=5))
def test_all_entries_are_in_one_batch(weights: list[int]) -> None:
    entries = tuple(WeightedEntry(set_identifier=str(n), value="v", weight=w) for n, w in enumerate(weights))
    record = WeightedRecord(hosted_zone="Z", record="r", type="A", ttl=5, entries=entries)
    changes = build_changes(record, [])
    assert [c["ResourceRecordSet"].get("Weight") for c in changes] == weights
    assert {c["Action"] for c in changes} == {"UPSERT"}

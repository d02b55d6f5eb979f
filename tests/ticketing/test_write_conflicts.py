"""Writes that a write of the other Region replaced: found by the Region that wrote them, shown, never silent."""

from __future__ import annotations

from typing import Any

from tests.ticketing.two_region_service import HOME_REGION, OTHER_REGION, TicketingService, in_region
from workloads.ticketing.api import conflicts
from workloads.ticketing.api.service import ticket_store
from workloads.ticketing.simulated_identity.user_pool import ADA
from workloads.ticketing.table_schema import TABLE


def item(service: TicketingService, region: str, key: str) -> dict[str, Any]:
    return next(found for found in service.items(region) if found["id"]["S"] == key)


def replicate_and_process(service: TicketingService, key: str, at: str) -> int:
    """Replication brings the other Region's item, and the stream tells of it."""
    other = OTHER_REGION if at == HOME_REGION else HOME_REGION
    old, new = item(service, at, key), item(service, other, key)
    service.replicate(new, to=at)
    record = {"eventName": "MODIFY", "dynamodb": {"Keys": {"id": {"S": key}}, "OldImage": old, "NewImage": new}}
    with in_region(at):
        return conflicts.handler({"Records": [record]}, None)["lost"]


def create_in_both_regions(service: TicketingService) -> dict[str, Any]:
    made: dict[str, Any] = service.post(ADA, description="Hello").body
    service.replicate(item(service, HOME_REGION, made["id"]), to=OTHER_REGION)
    return made


def test_concurrent_writes_in_two_regions_record_lost_write(service: TicketingService) -> None:
    key = create_in_both_regions(service)["id"]
    service.post(ADA, HOME_REGION, id=key, version=1, description="From home", status="closed")
    service.post(ADA, OTHER_REGION, id=key, version=1, description="From away")

    assert replicate_and_process(service, key, at=HOME_REGION) == 1
    output = service.request("GET", f"/ticket/{key}", person=ADA).body
    assert output["description"] == "From away"
    assert [(w["description"], w["region"], w["status"]) for w in output["lostWrites"]] == [
        ("From home", HOME_REGION, "closed")
    ]
    # Not among the tickets.
    assert service.request("GET", "/ticket", person=ADA).body["Count"] == 1


def test_repeated_stream_batch_records_conflict_once(service: TicketingService) -> None:
    key = create_in_both_regions(service)["id"]
    service.post(ADA, HOME_REGION, id=key, version=1, description="From home")
    service.post(ADA, OTHER_REGION, id=key, version=1, description="From away")
    old, new = item(service, HOME_REGION, key), item(service, OTHER_REGION, key)
    record = {"eventName": "MODIFY", "dynamodb": {"Keys": {"id": {"S": key}}, "OldImage": old, "NewImage": new}}
    with in_region(HOME_REGION):
        for _ in range(2):
            conflicts.handler({"Records": [record]}, None)
    assert len(service.request("GET", f"/ticket/{key}", person=ADA).body["lostWrites"]) == 1


def test_later_write_is_no_conflict(service: TicketingService) -> None:
    key = create_in_both_regions(service)["id"]
    for version in range(1, 8):  # and they arrive together, as one
        service.post(ADA, OTHER_REGION, id=key, version=version, description=f"Change {version}")
    assert replicate_and_process(service, key, at=HOME_REGION) == 0
    assert service.request("GET", f"/ticket/{key}", person=ADA).body["lostWrites"] == []


def test_several_unseen_writes_are_a_conflict(service: TicketingService) -> None:
    key = create_in_both_regions(service)["id"]
    service.post(ADA, HOME_REGION, id=key, version=1, description="From home")
    for version in range(1, 8):
        service.post(ADA, OTHER_REGION, id=key, version=version, description=f"Change {version}")
    assert replicate_and_process(service, key, at=HOME_REGION) == 1


def test_same_create_in_both_regions_is_no_conflict(service: TicketingService) -> None:
    key = service.post(ADA, HOME_REGION, description="Once", clientToken="token-0001").body["id"]
    service.post(ADA, OTHER_REGION, description="Once", clientToken="token-0001")
    assert replicate_and_process(service, key, at=HOME_REGION) == 0


def test_create_overwriting_an_update_is_a_conflict(service: TicketingService) -> None:
    key = service.post(ADA, HOME_REGION, description="Once", clientToken="token-0001").body["id"]
    service.post(ADA, HOME_REGION, id=key, version=1, status="closed")
    service.post(ADA, OTHER_REGION, description="Once", clientToken="token-0001")
    assert replicate_and_process(service, key, at=HOME_REGION) == 1


def test_writes_beyond_history_length_are_no_conflict(service: TicketingService) -> None:
    key = create_in_both_regions(service)["id"]
    for version in range(1, 24):
        service.post(ADA, OTHER_REGION, id=key, version=version, description=f"Change {version}")
    assert replicate_and_process(service, key, at=HOME_REGION) == 0


def test_non_ticket_items_are_ignored(service: TicketingService) -> None:
    keys = {"id": {"S": f"#heartbeat#{HOME_REGION}"}}
    record = {"eventName": "MODIFY", "dynamodb": {"Keys": keys, "OldImage": keys, "NewImage": keys}}
    insert = {"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"S": "a"}}, "NewImage": {"id": {"S": "a"}}}}
    with in_region(HOME_REGION):
        assert conflicts.handler({"Records": [record, insert]}, None) == {"lost": 0}


def test_stream_view_type_has_both_images(service: TicketingService) -> None:
    table = ticket_store.dynamodb_client(HOME_REGION).describe_table(TableName=TABLE)["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}

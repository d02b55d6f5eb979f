"""Writes that a write of the other Region replaced: found by the Region that wrote them, shown, never silent."""

from __future__ import annotations

from typing import Any

from tests.ticketing.service import AWAY, HOME, Service, in_region
from workloads.ticketing.api import conflicts
from workloads.ticketing.api.service import ticket_store
from workloads.ticketing.simulated_identity.user_pool import ADA
from workloads.ticketing.table_schema import TABLE


def item(service: Service, region: str, key: str) -> dict[str, Any]:
    return next(found for found in service.stored(region) if found["id"]["S"] == key)


def arrives(service: Service, key: str, at: str) -> int:
    """Replication brings the other Region's item, and the stream tells of it."""
    other = AWAY if at == HOME else HOME
    old, new = item(service, at, key), item(service, other, key)
    service.replicate(new, to=at)
    record = {"eventName": "MODIFY", "dynamodb": {"Keys": {"id": {"S": key}}, "OldImage": old, "NewImage": new}}
    with in_region(at):
        return conflicts.handler({"Records": [record]}, None)["lost"]


def both_have(service: Service) -> dict[str, Any]:
    made: dict[str, Any] = service.post(ADA, description="Hello").body
    service.replicate(item(service, HOME, made["id"]), to=AWAY)
    return made


def test_writes_in_both_regions_at_once_lose_one_and_say_so(service: Service) -> None:
    key = both_have(service)["id"]
    service.post(ADA, HOME, id=key, version=1, description="From home", status="closed")
    service.post(ADA, AWAY, id=key, version=1, description="From away")

    assert arrives(service, key, at=HOME) == 1
    told = service.ask("GET", f"/ticket/{key}", person=ADA).body
    assert told["description"] == "From away"
    assert [(w["description"], w["region"], w["status"]) for w in told["lostWrites"]] == [("From home", HOME, "closed")]
    # Not among the tickets.
    assert service.ask("GET", "/ticket", person=ADA).body["Count"] == 1


def test_the_same_batch_again_records_it_once(service: Service) -> None:
    key = both_have(service)["id"]
    service.post(ADA, HOME, id=key, version=1, description="From home")
    service.post(ADA, AWAY, id=key, version=1, description="From away")
    old, new = item(service, HOME, key), item(service, AWAY, key)
    record = {"eventName": "MODIFY", "dynamodb": {"Keys": {"id": {"S": key}}, "OldImage": old, "NewImage": new}}
    with in_region(HOME):
        for _ in range(2):
            conflicts.handler({"Records": [record]}, None)
    assert len(service.ask("GET", f"/ticket/{key}", person=ADA).body["lostWrites"]) == 1


def test_a_write_that_had_seen_the_other_is_no_conflict(service: Service) -> None:
    key = both_have(service)["id"]
    for version in range(1, 8):  # and they arrive together, as one
        service.post(ADA, AWAY, id=key, version=version, description=f"Change {version}")
    assert arrives(service, key, at=HOME) == 0
    assert service.ask("GET", f"/ticket/{key}", person=ADA).body["lostWrites"] == []


def test_a_longer_line_of_writes_that_had_not_seen_it_is(service: Service) -> None:
    key = both_have(service)["id"]
    service.post(ADA, HOME, id=key, version=1, description="From home")
    for version in range(1, 8):
        service.post(ADA, AWAY, id=key, version=version, description=f"Change {version}")
    assert arrives(service, key, at=HOME) == 1


def test_a_create_sent_to_both_regions_is_no_conflict(service: Service) -> None:
    key = service.post(ADA, HOME, description="Once", clientToken="token-0001").body["id"]
    service.post(ADA, AWAY, description="Once", clientToken="token-0001")
    assert arrives(service, key, at=HOME) == 0


def test_a_late_create_that_buries_an_update_is(service: Service) -> None:
    key = service.post(ADA, HOME, description="Once", clientToken="token-0001").body["id"]
    service.post(ADA, HOME, id=key, version=1, status="closed")
    service.post(ADA, AWAY, description="Once", clientToken="token-0001")
    assert arrives(service, key, at=HOME) == 1


def test_more_writes_at_once_than_the_lineage_holds_are_not_called_a_loss(service: Service) -> None:
    key = both_have(service)["id"]
    for version in range(1, 24):
        service.post(ADA, AWAY, id=key, version=version, description=f"Change {version}")
    assert arrives(service, key, at=HOME) == 0


def test_what_is_no_ticket_is_passed_by(service: Service) -> None:
    keys = {"id": {"S": f"#heartbeat#{HOME}"}}
    record = {"eventName": "MODIFY", "dynamodb": {"Keys": keys, "OldImage": keys, "NewImage": keys}}
    insert = {"eventName": "INSERT", "dynamodb": {"Keys": {"id": {"S": "a"}}, "NewImage": {"id": {"S": "a"}}}}
    with in_region(HOME):
        assert conflicts.handler({"Records": [record, insert]}, None) == {"lost": 0}


def test_the_stream_carries_both_images(service: Service) -> None:
    table = ticket_store.dynamodb_client(HOME).describe_table(TableName=TABLE)["Table"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}

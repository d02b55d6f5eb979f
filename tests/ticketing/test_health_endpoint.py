"""Health: deep, shallow, the operator's switch, and the fence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.ticketing.two_region_service import HOME_REGION, OTHER_REGION, TicketingService, in_region
from workloads.ticketing import region_switch
from workloads.ticketing.api import heartbeat
from workloads.ticketing.api.service import ticket_store
from workloads.ticketing.api.service.tickets import format_instant
from workloads.ticketing.region_switch import SwitchPosition
from workloads.ticketing.simulated_identity.user_pool import ADA
from workloads.ticketing.table_schema import TABLE


def set_switch(to: SwitchPosition, region: str = HOME_REGION) -> None:
    region_switch.main([to, "--region", region, "--by", "jo", "--reason", "rehearsing"])


def test_health_needs_no_token_and_shows_region_and_version(service: TicketingService) -> None:
    for path in ("/health", "/health/shallow"):
        answer = service.request("GET", path, region=OTHER_REGION)
        assert (answer.status, answer.body["status"]) == (200, "healthy")
        assert (answer.body["region"], answer.body["version"]) == (OTHER_REGION, "test")


def test_health_switch_takes_region_out_of_service_and_back(service: TicketingService) -> None:
    set_switch(SwitchPosition.OUT)
    for path in ("/health", "/health/shallow"):
        answer = service.request("GET", path)
        assert (answer.status, answer.body["status"]) == (503, "out-of-service")
        assert "rehearsing" in answer.body["message"]
    # Replicated, it still says nothing of the other Region.
    service.replicate(service.items(HOME_REGION)[0], to=OTHER_REGION)
    assert service.request("GET", "/health/shallow", region=OTHER_REGION).status == 200
    # Only the health: whoever still comes here is served.
    assert service.post(ADA, description="Still served").status == 200

    set_switch(SwitchPosition.IN)
    assert service.request("GET", "/health/shallow").status == 200


def test_fence_rejects_only_writes(service: TicketingService) -> None:
    made = service.post(ADA, description="Before").body
    set_switch(SwitchPosition.FENCE)
    for body in ({"description": "After"}, {"id": made["id"], "version": 1, "status": "closed"}):
        refused = service.post(ADA, **body)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
    assert service.request("GET", "/ticket", person=ADA).body["Items"] == [made]
    assert service.request("GET", "/health").body["writes"] == "fenced"
    assert service.request("GET", "/health").status == 200
    assert service.post(ADA, OTHER_REGION, description="In the other Region").status == 200

    set_switch(SwitchPosition.OPEN)
    assert service.post(ADA, description="After").status == 200


def test_fence_and_health_switch_are_independent(service: TicketingService) -> None:
    set_switch(SwitchPosition.FENCE)
    set_switch(SwitchPosition.OUT)
    set_switch(SwitchPosition.IN)
    assert service.request("GET", "/health").body["writes"] == "fenced"


def test_unavailable_table_fails_only_deep_health(service: TicketingService) -> None:
    ticket_store.dynamodb_client(HOME_REGION).delete_table(TableName=TABLE)
    deep = service.request("GET", "/health")
    assert (deep.status, deep.body["status"]) == (503, "unhealthy")
    assert deep.body["table"] == {"reachable": False, "milliseconds": None}
    # Unknown is not unhealthy: Route 53 is not told to move everyone because of a hiccup.
    assert service.request("GET", "/health/shallow").status == 200
    for answer in (service.request("GET", "/ticket", person=ADA), service.post(ADA, description="Hello")):
        assert (answer.status, answer.kind) == (503, "application/problem+json")


@pytest.mark.parametrize(("age", "state"), [(0, "current"), (149, "current"), (152, "silent")])
def test_health_reports_heartbeat_of_other_region(service: TicketingService, age: int, state: str) -> None:
    at = format_instant(datetime.now(UTC) - timedelta(seconds=age))
    service.put_item({"id": f"#heartbeat#{OTHER_REGION}", "at": at, "region": OTHER_REGION})
    answer = service.request("GET", "/health")
    output = answer.body["replication"]
    assert (output["peer"], output["state"], output["lastHeartbeat"]) == (OTHER_REGION, state, at)
    # However long the other Region is silent, this one is well.
    assert answer.status == 200


def test_heartbeat_is_replicated(service: TicketingService) -> None:
    assert service.request("GET", "/health", region=OTHER_REGION).body["replication"]["state"] == "never-seen"
    with in_region(HOME_REGION):
        heartbeat.handler({}, None)
    service.replicate(service.items(HOME_REGION)[0], to=OTHER_REGION)
    assert service.request("GET", "/health", region=OTHER_REGION).body["replication"]["state"] == "current"

"""Health: deep, shallow, the operator's switch, and the fence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.ticketing.service import AWAY, HOME, Service, in_region
from workloads.ticketing import region_switch
from workloads.ticketing.api import heartbeat
from workloads.ticketing.api.service import ticket_store
from workloads.ticketing.api.service.tickets import format_instant
from workloads.ticketing.region_switch import SwitchPosition
from workloads.ticketing.simulated_identity.user_pool import ADA
from workloads.ticketing.table_schema import TABLE


def operate(to: SwitchPosition, region: str = HOME) -> None:
    region_switch.main([to, "--region", region, "--by", "jo", "--reason", "rehearsing"])


def test_health_is_open_and_tells_region_and_version(service: Service) -> None:
    for path in ("/health", "/health/shallow"):
        answer = service.ask("GET", path, region=AWAY)
        assert (answer.status, answer.body["status"]) == (200, "healthy")
        assert (answer.body["region"], answer.body["version"]) == (AWAY, "test")


def test_the_switch_takes_one_region_out_and_back(service: Service) -> None:
    operate(SwitchPosition.OUT)
    for path in ("/health", "/health/shallow"):
        answer = service.ask("GET", path)
        assert (answer.status, answer.body["status"]) == (503, "out-of-service")
        assert "rehearsing" in answer.body["message"]
    # Replicated, it still says nothing of the other Region.
    service.replicate(service.stored(HOME)[0], to=AWAY)
    assert service.ask("GET", "/health/shallow", region=AWAY).status == 200
    # Only the health: whoever still comes here is served.
    assert service.post(ADA, description="Still served").status == 200

    operate(SwitchPosition.IN)
    assert service.ask("GET", "/health/shallow").status == 200


def test_a_fence_stops_writes_and_nothing_else(service: Service) -> None:
    made = service.post(ADA, description="Before").body
    operate(SwitchPosition.FENCE)
    for body in ({"description": "After"}, {"id": made["id"], "version": 1, "status": "closed"}):
        refused = service.post(ADA, **body)
        assert (refused.status, refused.headers["Retry-After"]) == (503, "1")
    assert service.ask("GET", "/ticket", person=ADA).body["Items"] == [made]
    assert service.ask("GET", "/health").body["writes"] == "fenced"
    assert service.ask("GET", "/health").status == 200
    assert service.post(ADA, AWAY, description="In the other Region").status == 200

    operate(SwitchPosition.OPEN)
    assert service.post(ADA, description="After").status == 200


def test_both_halves_of_the_switch_are_kept_apart(service: Service) -> None:
    operate(SwitchPosition.FENCE)
    operate(SwitchPosition.OUT)
    operate(SwitchPosition.IN)
    assert service.ask("GET", "/health").body["writes"] == "fenced"


def test_a_table_that_does_not_answer_is_told_by_deep_health_alone(service: Service) -> None:
    ticket_store.dynamodb_client(HOME).delete_table(TableName=TABLE)
    deep = service.ask("GET", "/health")
    assert (deep.status, deep.body["status"]) == (503, "unhealthy")
    assert deep.body["table"] == {"reachable": False, "milliseconds": None}
    # Unknown is not unhealthy: Route 53 is not told to move everyone because of a hiccup.
    assert service.ask("GET", "/health/shallow").status == 200
    for answer in (service.ask("GET", "/ticket", person=ADA), service.post(ADA, description="Hello")):
        assert (answer.status, answer.kind) == (503, "application/problem+json")


@pytest.mark.parametrize(("age", "state"), [(0, "current"), (149, "current"), (152, "silent")])
def test_the_other_regions_heartbeat_is_looked_at(service: Service, age: int, state: str) -> None:
    at = format_instant(datetime.now(UTC) - timedelta(seconds=age))
    service.put({"id": f"#heartbeat#{AWAY}", "at": at, "region": AWAY})
    answer = service.ask("GET", "/health")
    told = answer.body["replication"]
    assert (told["peer"], told["state"], told["lastHeartbeat"]) == (AWAY, state, at)
    # However long the other Region is silent, this one is well.
    assert answer.status == 200


def test_a_heartbeat_is_written_here_and_seen_there(service: Service) -> None:
    assert service.ask("GET", "/health", region=AWAY).body["replication"]["state"] == "never-seen"
    with in_region(HOME):
        heartbeat.handler({}, None)
    service.replicate(service.stored(HOME)[0], to=AWAY)
    assert service.ask("GET", "/health", region=AWAY).body["replication"]["state"] == "current"

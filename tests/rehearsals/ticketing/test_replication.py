"""Replication of the tickets as the service itself sees it: `/health` of either Region, and writes that were lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.twin.internet.http import HttpRequest
from tests.rehearsals.ticketing.test_incidents_and_runs import IRELAND, SINGAPORE, ticketing_session, world_with_users
from workloads.ticketing.api import conflicts
from workloads.ticketing.on_twin import CONFLICTS, TicketingWorkload
from workloads.ticketing.simulated_identity.user_pool import ADA

TABLE = "ticketing-tickets"


@pytest.fixture(scope="module")
def stage() -> Iterator[RehearsalSession]:
    """Both Regions, all night long, with one user who sleeps."""
    with ticketing_session(world=world_with_users(users=2, every=86_400)) as made:
        yield made


def send_request(stage: RehearsalSession, region: str, method: str, path: str, **body: Any) -> Any:
    """One request of Ada's, straight at a Region."""
    front = stage.world.workload
    assert isinstance(front, TicketingWorkload)
    token = front.pool(region).issue_tokens(ADA, now=stage.engine.clock.now())["id_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    site = stage.application.site
    assert site is not None
    request = HttpRequest(method, path, headers, json.dumps(body) if body else "")
    return json.loads(stage.world.internet.send(site.endpoints[region], request).body)


def advance(stage: RehearsalSession, **span: float) -> None:
    stage.wait_until(stage.engine.clock.now() + timedelta(**span))


def replication(stage: RehearsalSession, region: str) -> str:
    answer = send_request(stage, region, "GET", "/health")
    assert answer["status"] == "healthy"  # whatever becomes of the other Region
    state: str = answer["replication"]["state"]
    return state


def processed_records(stage: RehearsalSession) -> int:
    return sum(1 for made in stage.engine.functions.invocations if made.function == CONFLICTS)


def test_health_reports_replication_state(stage: RehearsalSession) -> None:
    advance(stage, minutes=2)
    assert [replication(stage, region) for region in (IRELAND, SINGAPORE)] == ["current", "current"]
    stage.world.tables.pause(TABLE)
    advance(stage, minutes=1)
    assert replication(stage, SINGAPORE) == "current"  # a beat may be late
    advance(stage, minutes=2)
    assert [replication(stage, region) for region in (IRELAND, SINGAPORE)] == ["silent", "silent"]
    stage.world.tables.resume(TABLE)
    advance(stage, seconds=1)
    assert [replication(stage, region) for region in (IRELAND, SINGAPORE)] == ["current", "current"]


def test_health_reports_unavailable_region(stage: RehearsalSession) -> None:
    advance(stage, minutes=2)
    stage.region_outages.start(IRELAND)
    advance(stage, minutes=4)
    assert replication(stage, SINGAPORE) == "silent"
    stage.region_outages.end(IRELAND)
    advance(stage, minutes=2)
    assert [replication(stage, region) for region in (IRELAND, SINGAPORE)] == ["current", "current"]


def test_lost_update_is_recorded_in_both_regions(stage: RehearsalSession) -> None:
    made = send_request(stage, IRELAND, "POST", "/ticket", description="Hello")
    advance(stage, seconds=5)
    before = processed_records(stage)
    stage.world.tables.pause(TABLE)
    for region, words in ((IRELAND, "From Ireland"), (SINGAPORE, "From Singapore")):
        send_request(stage, region, "POST", "/ticket", id=made["id"], version=1, description=words)
        advance(stage, seconds=5)
    assert send_request(stage, IRELAND, "GET", f"/ticket/{made['id']}")["description"] == "From Ireland"
    stage.world.tables.resume(TABLE)
    advance(stage, seconds=5)
    for region in (IRELAND, SINGAPORE):
        ticket = send_request(stage, region, "GET", f"/ticket/{made['id']}")
        assert ticket["description"] == "From Singapore"
        assert [(lost["description"], lost["region"]) for lost in ticket["lostWrites"]] == [("From Ireland", IRELAND)]
    # Each Region checked its own write, and Ireland also the replicated one. Heartbeats and creates invoke no function.
    assert processed_records(stage) - before == 3


def test_sequential_updates_lose_nothing(stage: RehearsalSession) -> None:
    made = send_request(stage, IRELAND, "POST", "/ticket", description="Hello")
    advance(stage, seconds=5)
    for version, region in enumerate((SINGAPORE, IRELAND, SINGAPORE), start=1):
        send_request(stage, region, "POST", "/ticket", id=made["id"], version=version, description=f"Change {version}")
        advance(stage, seconds=5)
    assert send_request(stage, IRELAND, "GET", f"/ticket/{made['id']}")["lostWrites"] == []


def test_returning_region_processes_missed_stream_records(stage: RehearsalSession) -> None:
    made = send_request(stage, IRELAND, "POST", "/ticket", description="Hello")
    advance(stage, seconds=5)
    send_request(stage, IRELAND, "POST", "/ticket", id=made["id"], version=1, description="From Ireland")
    stage.region_outages.start(IRELAND)  # before the write has been carried, and before the stream was read
    advance(stage, seconds=30)
    send_request(stage, SINGAPORE, "POST", "/ticket", id=made["id"], version=1, description="From Singapore")
    advance(stage, seconds=30)
    stage.region_outages.end(IRELAND)
    advance(stage, seconds=30)
    lost = send_request(stage, SINGAPORE, "GET", f"/ticket/{made['id']}")["lostWrites"]
    assert [write["description"] for write in lost] == ["From Ireland"]


@contextmanager
def failing_stream_function(stage: RehearsalSession, times: int) -> Iterator[list[int]]:
    """The function of Ireland fails so many times; what is yielded counts the tries."""
    functions, tries = stage.engine.functions, [0]
    whole = functions.find(CONFLICTS, IRELAND)

    def handler(event: Any, context: Any) -> Any:
        tries[0] += 1
        if tries[0] <= times:
            raise RuntimeError("the table does not answer")
        return conflicts.handler(event, context)

    functions.register(IRELAND, CONFLICTS, handler, environment=whole.environment, latency_seconds=0)
    yield tries
    functions.register(IRELAND, CONFLICTS, whole.handler, environment=whole.environment, latency_seconds=0)


def write_in_both_regions(stage: RehearsalSession) -> str:
    """A ticket that was changed in both Regions at once; the changes are on their way to each other."""
    made: dict[str, str] = send_request(stage, IRELAND, "POST", "/ticket", description="Hello")
    advance(stage, seconds=5)
    stage.world.tables.pause(TABLE)
    for region in (IRELAND, SINGAPORE):
        send_request(stage, region, "POST", "/ticket", id=made["id"], version=1, description=f"From {region}")
        advance(stage, seconds=5)
    return made["id"]


def test_failed_stream_batch_is_retried(stage: RehearsalSession) -> None:
    ticket = write_in_both_regions(stage)
    with failing_stream_function(stage, times=2) as tries:
        stage.world.tables.resume(TABLE)
        advance(stage, seconds=30)
    assert tries == [3]
    assert len(send_request(stage, SINGAPORE, "GET", f"/ticket/{ticket}")["lostWrites"]) == 1


def test_permanently_failing_batch_is_discarded(stage: RehearsalSession) -> None:
    ticket = write_in_both_regions(stage)
    with failing_stream_function(stage, times=11) as tries:
        stage.world.tables.resume(TABLE)
        advance(stage, minutes=10)
        send_request(stage, SINGAPORE, "POST", "/ticket", id=ticket, version=2, description="And on")
        advance(stage, seconds=30)
    assert tries == [12]
    (given_up,) = [record for follower in stage.world.event_source_mappings for record in follower.discarded_records]
    assert given_up["dynamodb"]["Keys"] == {"id": {"S": ticket}}

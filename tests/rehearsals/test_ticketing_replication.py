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
from tests.rehearsals.test_ticketing import IRELAND, SINGAPORE, staged, told
from workloads.ticketing.api import conflicts
from workloads.ticketing.on_twin import CONFLICTS, TicketingWorkload
from workloads.ticketing.simulated_identity.user_pool import ADA

TABLE = "ticketing-tickets"


@pytest.fixture(scope="module")
def stage() -> Iterator[RehearsalSession]:
    """Both Regions, all night long, with one user who sleeps."""
    with staged(world=told(users=2, every=86_400)) as made:
        yield made


def ask(stage: RehearsalSession, region: str, method: str, path: str, **body: Any) -> Any:
    """One request of Ada's, straight at a Region."""
    front = stage.world.workload
    assert isinstance(front, TicketingWorkload)
    token = front.pool(region).issue_tokens(ADA, now=stage.engine.clock.now())["id_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    site = stage.application.site
    assert site is not None
    request = HttpRequest(method, path, headers, json.dumps(body) if body else "")
    return json.loads(stage.world.internet.send(site.endpoints[region], request).body)


def later(stage: RehearsalSession, **span: float) -> None:
    stage.wait_until(stage.engine.clock.now() + timedelta(**span))


def replication(stage: RehearsalSession, region: str) -> str:
    answer = ask(stage, region, "GET", "/health")
    assert answer["status"] == "healthy"  # whatever becomes of the other Region
    state: str = answer["replication"]["state"]
    return state


def looked_at(stage: RehearsalSession) -> int:
    return sum(1 for made in stage.engine.functions.invocations if made.function == CONFLICTS)


def test_health_tells_of_replication_as_it_is(stage: RehearsalSession) -> None:
    later(stage, minutes=2)
    assert [replication(stage, region) for region in (IRELAND, SINGAPORE)] == ["current", "current"]
    stage.world.tables.pause(TABLE)
    later(stage, minutes=1)
    assert replication(stage, SINGAPORE) == "current"  # a beat may be late
    later(stage, minutes=2)
    assert [replication(stage, region) for region in (IRELAND, SINGAPORE)] == ["silent", "silent"]
    stage.world.tables.resume(TABLE)
    later(stage, seconds=1)
    assert [replication(stage, region) for region in (IRELAND, SINGAPORE)] == ["current", "current"]


def test_health_tells_of_a_region_that_is_dark(stage: RehearsalSession) -> None:
    later(stage, minutes=2)
    stage.region_outages.start(IRELAND)
    later(stage, minutes=4)
    assert replication(stage, SINGAPORE) == "silent"
    stage.region_outages.end(IRELAND)
    later(stage, minutes=2)
    assert [replication(stage, region) for region in (IRELAND, SINGAPORE)] == ["current", "current"]


def test_a_lost_update_is_found_and_shown_in_both_regions(stage: RehearsalSession) -> None:
    made = ask(stage, IRELAND, "POST", "/ticket", description="Hello")
    later(stage, seconds=5)
    before = looked_at(stage)
    stage.world.tables.pause(TABLE)
    for region, words in ((IRELAND, "From Ireland"), (SINGAPORE, "From Singapore")):
        ask(stage, region, "POST", "/ticket", id=made["id"], version=1, description=words)
        later(stage, seconds=5)
    assert ask(stage, IRELAND, "GET", f"/ticket/{made['id']}")["description"] == "From Ireland"
    stage.world.tables.resume(TABLE)
    later(stage, seconds=5)
    for region in (IRELAND, SINGAPORE):
        ticket = ask(stage, region, "GET", f"/ticket/{made['id']}")
        assert ticket["description"] == "From Singapore"
        assert [(lost["description"], lost["region"]) for lost in ticket["lostWrites"]] == [("From Ireland", IRELAND)]
    # Each Region looked at its own write, and Ireland at the one that came: heartbeats and creates wake nobody.
    assert looked_at(stage) - before == 3


def test_updates_one_after_the_other_lose_nothing(stage: RehearsalSession) -> None:
    made = ask(stage, IRELAND, "POST", "/ticket", description="Hello")
    later(stage, seconds=5)
    for version, region in enumerate((SINGAPORE, IRELAND, SINGAPORE), start=1):
        ask(stage, region, "POST", "/ticket", id=made["id"], version=version, description=f"Change {version}")
        later(stage, seconds=5)
    assert ask(stage, IRELAND, "GET", f"/ticket/{made['id']}")["lostWrites"] == []


def test_what_a_dark_region_has_not_looked_at_it_looks_at_when_it_returns(stage: RehearsalSession) -> None:
    made = ask(stage, IRELAND, "POST", "/ticket", description="Hello")
    later(stage, seconds=5)
    ask(stage, IRELAND, "POST", "/ticket", id=made["id"], version=1, description="From Ireland")
    stage.region_outages.start(IRELAND)  # before the write has been carried, and before the stream was read
    later(stage, seconds=30)
    ask(stage, SINGAPORE, "POST", "/ticket", id=made["id"], version=1, description="From Singapore")
    later(stage, seconds=30)
    stage.region_outages.end(IRELAND)
    later(stage, seconds=30)
    lost = ask(stage, SINGAPORE, "GET", f"/ticket/{made['id']}")["lostWrites"]
    assert [write["description"] for write in lost] == ["From Ireland"]


@contextmanager
def failing(stage: RehearsalSession, times: int) -> Iterator[list[int]]:
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


def written_in_both(stage: RehearsalSession) -> str:
    """A ticket that was changed in both Regions at once; the changes are on their way to each other."""
    made: dict[str, str] = ask(stage, IRELAND, "POST", "/ticket", description="Hello")
    later(stage, seconds=5)
    stage.world.tables.pause(TABLE)
    for region in (IRELAND, SINGAPORE):
        ask(stage, region, "POST", "/ticket", id=made["id"], version=1, description=f"From {region}")
        later(stage, seconds=5)
    return made["id"]


def test_a_batch_that_fails_is_looked_at_again(stage: RehearsalSession) -> None:
    ticket = written_in_both(stage)
    with failing(stage, times=2) as tries:
        stage.world.tables.resume(TABLE)
        later(stage, seconds=30)
    assert tries == [3]
    assert len(ask(stage, SINGAPORE, "GET", f"/ticket/{ticket}")["lostWrites"]) == 1


def test_what_fails_for_ever_is_given_up_and_holds_nothing_up(stage: RehearsalSession) -> None:
    ticket = written_in_both(stage)
    with failing(stage, times=11) as tries:
        stage.world.tables.resume(TABLE)
        later(stage, minutes=10)
        ask(stage, SINGAPORE, "POST", "/ticket", id=ticket, version=2, description="And on")
        later(stage, seconds=30)
    assert tries == [12]
    (given_up,) = [record for follower in stage.world.event_source_mappings for record in follower.discarded_records]
    assert given_up["dynamodb"]["Keys"] == {"id": {"S": ticket}}

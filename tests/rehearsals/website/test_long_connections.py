"""A planned move of a site whose load balancers keep the users' connections for a long time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leeward.rehearsal.runner.single_rehearsal import play_run
from leeward.rehearsal.scenarios.scenario_documents import WorldDocument
from leeward.rehearsal.scenarios.scenario_loader import load_world_document
from leeward.rehearsal.worlds.users.settle_time import longest_settle_time
from tests.support.paths import REPOSITORY
from tests.support.website_session import WEST, compile_website, website_session

HOUR = timedelta(hours=1)


def world_with_lifetime(lifetime: timedelta) -> WorldDocument:
    world = load_world_document(REPOSITORY / "workloads", "website")
    return world.model_copy(update={"users": world.users.model_copy(update={"connection_lifetime": lifetime})})


def test_settle_time_depends_on_connection_lifetime() -> None:
    times = []
    for lifetime in (timedelta(minutes=1), HOUR):
        with website_session(world=world_with_lifetime(lifetime)) as stage:
            times.append(longest_settle_time(stage.application, stage.world.clients))
    assert times[1] - times[0] == HOUR - timedelta(minutes=1)
    # The propagation, TTL, and longer caching of an answer, the connection, and a request that times out.
    assert times[0] == timedelta(seconds=60 + 30 + 30 + 60 + 5 + 1)


@pytest.mark.verify("users of an hour, second by second")
def test_planned_move_is_observed_until_all_connections_are_closed() -> None:
    """Nothing is unavailable, so a user moves only when the load balancer closes the connection."""
    ready = compile_website()
    with website_session(ready=ready, world=world_with_lifetime(HOUR), failed_region=None) as stage:
        _, result = play_run(stage, ready, "move", {})
        assert stage.world.clients is not None
        assert {request.served_by for request in stage.world.clients.latest_requests} == {WEST}
        assert result.outcome == "succeeded", result.cause
        assert (result.rto.status, result.clients.moved) == ("measured", stage.world.clients.count)
        observed = stage.engine.clock.now() - result.steps[-1].ended_at
        assert timedelta(minutes=3) < observed < longest_settle_time(stage.application, stage.world.clients)

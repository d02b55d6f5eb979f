"""Launching the failback servers, and the protection events in the journal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.drs.round_trips import GROUPS, A, B, RoundTrip, open_round_trip
from tests.support.nonempty import nonempty
from tests.support.task_world import recover_parameters

pytestmark = pytest.mark.forked


@pytest.fixture(scope="module")
def trip() -> Iterator[RoundTrip]:
    """B serves, and A has copies in sync."""
    with open_round_trip() as made:
        made.fail_over()
        made.reverse()
        made.wait(A)
        yield made


def protection_events(trip: RoundTrip) -> list[tuple[str, list[str]]]:
    """What the run's journal tells of the copies: the event and the machines."""
    output = [e for e in trip.world.journal if e.event.value.startswith("protection.")]
    return [(e.event.value.removeprefix("protection."), sorted(dict(e.facts["machines"]))) for e in output]  # type: ignore[call-overload]


def test_replication_wait_requires_recovery_point_after_fence(trip: RoundTrip) -> None:
    for server in trip.world.drs.servers(A):
        trip.world.drs.set_lag(server.server_id, 90)
    began = trip.world.engine.clock.now()
    trip.wait(A)
    assert trip.world.engine.clock.now() - began < timedelta(seconds=5), "without a fence the lag allowed is enough"
    began = trip.world.engine.clock.now()
    trip.wait(A, since="fence")
    assert trip.world.engine.clock.now() - began > timedelta(seconds=90)


def test_failback_launches_only_failback_servers(trip: RoundTrip) -> None:
    other = trip.world.drs.add_source_server(
        A, "web-of-another", "eu-west-1", "i-0fedcba9876543210", tags={"Application": "website", "Role": "web"}
    )
    trip.fail_back()
    assert len(trip.world.drs.recovery_instances(A)) == 2
    assert other.server_id not in {i.server_id for i in trip.world.drs.recovery_instances(A)}


def test_failback_drill_launches_and_terminates_in_target(trip: RoundTrip) -> None:
    trip.world.start_new_run("drill", origin=B, target=A)
    trip.world.run_until_done("drs_recover", **recover_parameters(is_drill=True, region=A, direction="FAILBACK"))
    assert all(i.is_drill for i in nonempty(trip.world.drs.recovery_instances(A)))
    assert "protection.lost" not in [e.event.value for e in trip.world.journal]
    trip.world.run_until_done("drs_recover_undo", kind="drs.terminate", step="end", groups=GROUPS, region=A)
    assert trip.remaining_counts() == (2, 0, 2), "the failover's own machines serve on"
    assert "undone" not in trip.world.journal[-1].facts


def test_journal_records_when_instances_become_unprotected(trip: RoundTrip) -> None:
    there = sorted(i.ec2_instance_id for i in trip.world.drs.recovery_instances(B))
    assert protection_events(trip) == [("lost", there), ("reversed", there), ("proven", there)]
    lost = next(e for e in trip.world.journal if e.event == "protection.lost")
    assert lost.facts["region"] == B
    assert str(lost.facts["since"]) < lost.at.isoformat()
    trip.fail_back()
    trip.reverse_after_failback()
    back = sorted(trip.recovered_instances())
    assert protection_events(trip) == [("lost", back), ("reversed", back), ("proven", back)]

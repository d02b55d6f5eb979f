"""Every leftover of a run is a difference between two complete states."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from leeward.rehearsal.end_state.session_state import ComparableState, read_twin_state
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from tests.rehearsal.end_state.leftovers import ANY, HOME, THIRD_REGIONS, DrawnLeftover, Leftover, draw_leftovers
from tests.rehearsal.end_state.leftovers_anywhere import ANYWHERE
from tests.rehearsal.end_state.leftovers_of_samples import OF_TICKETING, OF_WEBSITE
from tests.support.paths import REPOSITORY

KINDS = {"website": (*ANYWHERE, *OF_WEBSITE), "ticketing": (*ANYWHERE, *OF_TICKETING)}


@pytest.fixture(params=KINDS)
def session(request: pytest.FixtureRequest) -> Iterator[RehearsalSession]:
    with open_sweep_session(SweepTarget(REPOSITORY, request.param, "drill", 7)) as (opened, _):
        yield opened


def drawn(session: RehearsalSession, kinds: tuple[Leftover, ...], count: int, seed: str) -> list[DrawnLeftover]:
    homes = session.application.regions.both
    regions = {HOME: homes, ANY: (*homes, *THIRD_REGIONS)}
    return list(draw_leftovers(kinds, seed, count, regions))


def differences_after(session: RehearsalSession, leftovers: list[DrawnLeftover]) -> dict[str, list[str]]:
    """Return the differences that each leftover makes, one after the other in the same world."""
    first = read_twin_state(session)
    known = first.generated_ids()
    before = ComparableState(first, known)
    found: dict[str, list[str]] = {}
    for each in leftovers:
        each.leave(session)
        after = ComparableState(read_twin_state(session), known)
        found[f"{each.number}: {each}"] = [str(difference) for difference in before.differences(after)]
        before = after
    return found


def test_drawn_leftovers_are_differences(session: RehearsalSession) -> None:
    found = differences_after(session, drawn(session, KINDS[session.application.application], 15, "7"))
    assert len(found) == 15
    assert [name for name, differences in found.items() if not differences] == []


@pytest.mark.verify("leaves every kind of leftover, in Regions drawn by three seeds")
@pytest.mark.parametrize("seed", ["1", "2", "3"])
def test_60_drawn_leftovers_are_differences(session: RehearsalSession, seed: str) -> None:
    found = differences_after(session, drawn(session, KINDS[session.application.application], 60, seed))
    assert len(found) == 60
    assert [name for name, differences in found.items() if not differences] == []


def test_time_and_reads_are_no_difference(session: RehearsalSession) -> None:
    """Reading in a Region creates moto's records of it, and time moves metrics, leases, and users' writes on."""
    first = read_twin_state(session)
    known = first.generated_ids()
    session.engine.clock.sleep(timedelta(minutes=3).total_seconds())
    for region in (*session.application.regions.both, *THIRD_REGIONS):
        session.engine.client("ec2", region).describe_instances()
        session.engine.client("events", region).list_rules()
        session.engine.client("sns", region).list_topics()
        session.engine.client("cloudwatch", region).describe_alarms()
        session.engine.client("elbv2", region).describe_target_groups()
    second = read_twin_state(session)
    assert {key.region for key in second.document} >= set(THIRD_REGIONS)
    before, after = ComparableState(first, known), ComparableState(second, known)
    assert list(map(str, before.differences(after))) == []
    # Another session, such as a trial's, may not have used a service at all that the first one has only read.
    assert list(map(str, after.differences(before))) == []


def test_service_that_one_session_never_used_is_no_difference() -> None:
    target = SweepTarget(REPOSITORY, "website", "drill", 7)
    with open_sweep_session(target) as (opened, _):
        opened.engine.client("events", "eu-north-1").list_rules()
        opened.engine.client("stepfunctions", "eu-north-1").list_state_machines()
        opened.engine.client("route53-recovery-control-config", "us-west-2").list_clusters()
        first = read_twin_state(opened)
    assert "events" in {key.service for key in first.document}
    with open_sweep_session(target) as (opened, _):
        second = read_twin_state(opened)
        assert "events" not in {key.service for key in second.document}
        known = first.generated_ids() & second.generated_ids()
        found = ComparableState(first, known).differences(ComparableState(second, known))
        assert list(map(str, found)) == []
        opened.engine.client("events", "eu-north-1").put_rule(Name="left", ScheduleExpression="rate(1 day)")
        third = ComparableState(read_twin_state(opened), known)
        assert ComparableState(first, known).differences(third) != []

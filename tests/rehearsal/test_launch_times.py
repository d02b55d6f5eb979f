"""Launch times from `world.yaml` to the twin, and from the twin to the result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from pydantic import ValidationError

from leeward.rehearsal.results.launch_times import launch_times
from leeward.rehearsal.results.result_models import LaunchTimeReport
from leeward.rehearsal.scenarios.fast_timings import with_fast_timings
from leeward.rehearsal.scenarios.scenario_documents import ServerGroupSettings, WorldDocument
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.twin.aws.drs import MeasuredTimes
from leeward.twin.realism.realism_settings import Realism, RealismPart
from tests.support.website_session import WEST, compile_website, drill_scenario

MEASURED = {"launch_times": {"snapshot": "20s", "conversion": "3m", "launch": "40s"}, "initial_sync": "2h"}
LARGE = WorldDocument.model_validate(
    {"application": "website", "servers": {"database": {"disks_gib": [8, 2048]}, "home-page": MEASURED}}
)


@contextmanager
def website(realism: Realism | None = None) -> Iterator[RehearsalSession]:
    scenario = drill_scenario(failed_region=None)
    with RehearsalSession(compile_website(), LARGE, scenario, 7, realism=realism) as session:
        yield session


def reports_of(session: RehearsalSession) -> dict[str, LaunchTimeReport]:
    """Launch all servers, and return what the result says of each group."""
    begin = session.engine.clock.now()
    servers = [{"sourceServerID": each} for ids in session.world.source_servers.values() for each in ids]
    session.engine.client("drs", WEST).start_recovery(sourceServers=servers)
    session.wait_without_users(timedelta(minutes=30))
    reports = launch_times(session.world.drs, WEST, begin=begin, end=session.engine.clock.now())
    assert [report.group for report in reports] == sorted(session.world.source_servers)
    return {report.group: report for report in reports}


def test_result_names_assumed_and_measured_launches() -> None:
    with website() as session:
        reports = reports_of(session)
    database, home = reports["database"], reports["home-page"]
    assert (database.assumed, database.disks_gib) == (True, 2056)
    assert 13 * 60 < database.seconds < 19 * 60
    assert (home.assumed, home.disks_gib) == (False, 8)
    assert 240 * 0.85 <= home.seconds <= 240 * 1.15 + 10
    assert home.seconds < reports["catalogue-page"].seconds < database.seconds


def test_disk_size_has_no_effect_without_its_realism_part() -> None:
    with website(Realism().without(RealismPart.LAUNCH_BY_DISK_SIZE)) as session:
        flat = reports_of(session)
    with website() as session:
        by_size = reports_of(session)
    assert flat["database"].seconds < by_size["database"].seconds - 300
    assert abs(flat["database"].seconds - flat["catalogue-page"].seconds) < 200  # jitter only
    # Only jitter: the home page has measured times.
    assert abs(flat["home-page"].seconds - by_size["home-page"].seconds) < 50


def test_launches_outside_the_run_are_not_reported() -> None:
    with website() as session:
        reports_of(session)
        later = session.engine.clock.now() - timedelta(minutes=1)
        assert launch_times(session.world.drs, WEST, begin=later, end=session.engine.clock.now()) == []


def test_world_document_sets_measured_times() -> None:
    with website() as session:
        servers = {server.name: server.measured_times for server in session.world.drs.servers(WEST)}
    assert servers["home-page"] == MeasuredTimes(20, 180, 40, 7200)
    assert servers["database"] == MeasuredTimes()


def test_fast_timings_ignore_measured_times() -> None:
    fast = with_fast_timings(LARGE).servers["home-page"]
    assert (fast.launch_times.conversion, fast.initial_sync) == (None, None)


@pytest.mark.parametrize("wrong", [{"conversion": "0s"}, {"conversion": "soon"}, {"boot": "1m"}])
def test_invalid_launch_times_are_rejected(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        ServerGroupSettings.model_validate({"launch_times": wrong})

"""The world of an application without a `world.yaml`, and the short waits of sweeps."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from leeward.rehearsal.scenarios.fast_timings import FAST_DRS_TIMINGS, with_fast_timings
from leeward.rehearsal.scenarios.scenario_loader import load_world_document
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.state_machines.components.drs_servers import ServerGroupComponent
from leeward.twin.aws.drs import DrsTimings
from tests.support.paths import REPOSITORY
from tests.support.website_session import EAST, compile_website, drill_scenario


def test_world_without_a_document_has_one_small_server_for_each_expected_one(tmp_path: Path) -> None:
    ready = compile_website()
    world = load_world_document(tmp_path, "website")
    with RehearsalSession(ready, world, drill_scenario(failed_region=None), 7) as session:
        reservations = session.engine.client("ec2", EAST).describe_instances()["Reservations"]
    instances = [instance for each in reservations for instance in each["Instances"]]
    groups = [group for _, group in ready.application.components_of_kind(ServerGroupComponent)]
    assert len(groups) == 3
    assert len(instances) == sum(group.expect or 1 for group in groups)
    assert {instance["InstanceType"] for instance in instances} == {"t3.small"}


def test_fast_timings_boot_in_ten_seconds_with_at_most_two_users() -> None:
    usual = load_world_document(REPOSITORY / "workloads", "website")
    fast = with_fast_timings(usual)
    assert usual.users.count > fast.users.count == 2
    assert {server.boots_in for server in fast.servers.values()} == {timedelta(seconds=10)}


def test_fast_launch_takes_about_a_tenth_of_the_usual_time() -> None:
    def launch(timings: DrsTimings, gib: int = 8) -> float:
        grows = (timings.snapshot_per_gib + timings.conversion_per_gib) * gib
        return timings.snapshot + timings.conversion + timings.launch + grows

    assert 0.05 < launch(FAST_DRS_TIMINGS) / launch(DrsTimings()) < 0.15

"""The preflight of the servers: what it judges, and what it finds in a world."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leeward.drs.launch.launch_plan import LaunchQuotas
from leeward.drs.preflight.launch_checks import (
    PreflightConditions,
    estimate_loss,
    launch_obstacles,
    losses_over_rpo,
    quota_problems,
)
from leeward.twin.engine import FaultKind
from tests.drs.sample_records import NOW, job, server
from tests.support.task_world import TARGET, TaskFailed, TaskWorld, recover_parameters, server_group

LAG: dict[str, Any] = {"dataReplicationInfo": {"dataReplicationState": "STALLED", "lagDuration": "PT7M"}}


def run_seen_after(minutes_since_incident: float | None = None) -> PreflightConditions:
    incident = None if minutes_since_incident is None else NOW - timedelta(minutes=minutes_since_incident)
    return PreflightConditions(NOW, incident, None)


def test_expected_data_loss_is_replication_lag() -> None:
    assert estimate_loss(server(**LAG), run_seen_after()).expected == timedelta(minutes=7)


def test_expected_data_loss_excludes_time_since_incident() -> None:
    assert estimate_loss(server(**LAG), run_seen_after(6)).expected == timedelta(minutes=1)
    assert estimate_loss(server(**LAG), run_seen_after(10)).expected == timedelta(0)


def test_missing_lag_is_zero_when_continuous_and_unknown_when_stalled() -> None:
    assert estimate_loss(server(), run_seen_after()).expected == timedelta(0)
    stalled = server(state="STALLED")
    assert estimate_loss(stalled, run_seen_after()).expected is None
    assert "the data loss is not known" in launch_obstacles([stalled], run_seen_after())[0]


def test_expected_data_loss_of_point_in_time() -> None:
    taken = NOW - timedelta(hours=2)
    pinned = PreflightConditions(NOW, NOW - timedelta(hours=1), taken, {"s-1": taken})
    assert estimate_loss(server(), pinned).expected == timedelta(hours=1)
    assert "no point in time" in launch_obstacles([server(2)], pinned)[0]


def test_lag_equal_to_objective_passes() -> None:
    losses = [estimate_loss(server(**LAG), run_seen_after())]
    assert losses_over_rpo(losses, timedelta(minutes=7)) == []
    assert losses_over_rpo(losses, timedelta(minutes=6, seconds=59)) == losses


def test_exceeded_quotas_are_reported() -> None:
    jobs = [job(f"j{n}", {n: "PENDING"}) for n in range(2)]
    assert quota_problems(2, 3, jobs, LaunchQuotas()) == []
    found = quota_problems(9, 11, jobs, LaunchQuotas(jobs=2, servers_in_jobs=8, replicating_servers=10))
    assert [text.split(",")[0] for text in found] == [
        "11 source servers",
        "9 servers to launch",
        "2 jobs are already running",
    ]


PREFLIGHT: dict[str, Any] = {"groups": [server_group(), server_group("database")], "rpo_seconds": 300}


def test_ready_servers_pass(world: TaskWorld) -> None:
    answer = world.step("preflight", **PREFLIGHT)
    assert answer["detail"].startswith("3 servers ready, worst expected data loss")


def test_preflight_reports_all_problems_together(world: TaskWorld) -> None:
    first = world.drs.servers(TARGET)[0]
    world.client("drs").update_launch_configuration(sourceServerID=first.server_id, launchDisposition="STOPPED")
    world.run_until_done("drs_recover", **recover_parameters("database"))
    world.start_new_run()
    world.client("drs").stop_replication(sourceServerID=world.drs.servers(TARGET)[1].server_id)
    with pytest.raises(TaskFailed) as failed:
        world.step("preflight", **PREFLIGHT)
    assert failed.value.error == "NotReady"
    assert "launchDisposition" in failed.value.cause
    assert "live recovery instance" in failed.value.cause
    assert "(web-2): replication is STOPPED" in failed.value.cause


def test_preflight_ignores_instances_of_taken_over_run(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", **recover_parameters("database"))
    world.start_new_run(take_over=world.run["id"])
    assert "3 servers ready" in world.step("preflight", **PREFLIGHT)["detail"]


def test_lag_beyond_objective_fails_with_next_step(world: TaskWorld) -> None:
    world.drs.set_lag(world.drs.servers(TARGET)[0].server_id, 600)
    with pytest.raises(TaskFailed, match=r"RpoExceeded: .*5m: s-\w+ \(web-1\) would lose 10m.*accept_data_loss"):
        world.step("preflight", **PREFLIGHT)


def test_accepted_data_loss_passes_and_is_recorded(world: TaskWorld) -> None:
    world.drs.set_lag(world.drs.servers(TARGET)[0].server_id, 600)
    world.start_new_run(accept_data_loss=True)
    world.step("preflight", **PREFLIGHT)
    assert world.event_names() == ["step.started", "data_loss.accepted", "step.done"]


def test_preflight_subtracts_time_since_incident(world: TaskWorld) -> None:
    world.drs.lose_origin_region("us-east-1")
    incident = world.engine.clock.now()
    world.advance(900)
    with pytest.raises(TaskFailed, match="RpoExceeded"):
        world.step("preflight", **PREFLIGHT)
    world.start_new_run(incident_at=incident.isoformat())
    assert "3 servers ready" in world.step("preflight", **PREFLIGHT)["detail"]


def test_preflight_reads_all_pages(world: TaskWorld) -> None:
    world.servers(*(f"web-{n}" for n in range(3, 73)))
    with pytest.raises(TaskFailed, match=r"NotFound.*72 source servers match, 73 are expected"):
        world.step("preflight", groups=[server_group(expect=73)], rpo_seconds=300)


def test_unknown_server_id_is_named(world: TaskWorld) -> None:
    unknown = {"name": "web", "ids": ["s-0000000000000000f"], "expect": None}
    with pytest.raises(TaskFailed, match="there is no source server s-0000000000000000f"):
        world.step("preflight", groups=[unknown], rpo_seconds=300)


def test_denied_call_raises_access_denied(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("drs:DescribeSourceServers", FaultKind.ACCESS_DENIED, times=99)
    with pytest.raises(TaskFailed, match="AccessDenied: drs:DescribeSourceServers"):
        world.step("preflight", **PREFLIGHT)


def test_termination_protection_is_set_verified_and_undone(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", **recover_parameters())
    groups = [server_group()]
    ids = [i.ec2_instance_id for i in world.drs.recovery_instances(TARGET)]

    def protected() -> list[bool]:
        ec2 = world.client("ec2")
        answers = [ec2.describe_instance_attribute(InstanceId=i, Attribute="disableApiTermination") for i in ids]
        return [answer["DisableApiTermination"]["Value"] for answer in answers]

    world.step("drs_protect", groups=groups)
    assert protected() == [True, True]
    own = world.run
    world.start_new_run()
    world.step("drs_unprotect", groups=groups)
    assert protected() == [True, True], "another run's instances stay protected"
    world.run = own
    world.step("drs_unprotect", groups=groups)
    assert protected() == [False, False]


def test_protect_fails_without_recovery_instance(world: TaskWorld) -> None:
    with pytest.raises(TaskFailed, match=r"NotFound: no recovery instance in us-west-2 of .*web-2.*web-1"):
        world.step("drs_protect", groups=[server_group()])


def test_protect_names_unlaunched_servers_and_protects_others(world: TaskWorld) -> None:
    lost = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(lost, "no capacity", times=1)
    with pytest.raises(TaskFailed, match="LaunchFailed"):
        world.run_until_done("drs_recover", **recover_parameters())
    output = world.step("drs_protect", groups=[server_group(), server_group("database")])["detail"]
    (up,) = world.drs.recovery_instances(TARGET)
    assert output.startswith(f"termination protection is on: {up.ec2_instance_id}; without a recovery instance")
    assert f"{lost} (web-1)" in output
    assert "(database)" in output
    answer = world.client("ec2").describe_instance_attribute(
        InstanceId=up.ec2_instance_id, Attribute="disableApiTermination"
    )
    assert answer["DisableApiTermination"]["Value"] is True

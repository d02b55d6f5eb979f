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
from tests.drs.samples import NOW, job, server
from tests.lambdas.world import TARGET, Failed, World, group, recover

LAG: dict[str, Any] = {"dataReplicationInfo": {"dataReplicationState": "STALLED", "lagDuration": "PT7M"}}


def seen(minutes_since_incident: float | None = None) -> PreflightConditions:
    incident = None if minutes_since_incident is None else NOW - timedelta(minutes=minutes_since_incident)
    return PreflightConditions(NOW, incident, None)


def test_the_loss_is_the_lag() -> None:
    assert estimate_loss(server(**LAG), seen()).expected == timedelta(minutes=7)


def test_what_nobody_wrote_since_the_incident_is_no_loss() -> None:
    assert estimate_loss(server(**LAG), seen(6)).expected == timedelta(minutes=1)
    assert estimate_loss(server(**LAG), seen(10)).expected == timedelta(0)


def test_continuous_without_a_lag_loses_nothing_and_a_stall_without_one_is_unknown() -> None:
    assert estimate_loss(server(), seen()).expected == timedelta(0)
    stalled = server(state="STALLED")
    assert estimate_loss(stalled, seen()).expected is None
    assert "the data loss is not known" in launch_obstacles([stalled], seen())[0]


def test_a_point_in_time_loses_what_came_after_it() -> None:
    taken = NOW - timedelta(hours=2)
    pinned = PreflightConditions(NOW, NOW - timedelta(hours=1), taken, {"s-1": taken})
    assert estimate_loss(server(), pinned).expected == timedelta(hours=1)
    assert "no point in time" in launch_obstacles([server(2)], pinned)[0]


def test_the_objective_itself_is_met() -> None:
    losses = [estimate_loss(server(**LAG), seen())]
    assert losses_over_rpo(losses, timedelta(minutes=7)) == []
    assert losses_over_rpo(losses, timedelta(minutes=6, seconds=59)) == losses


def test_quotas_that_would_be_exceeded_are_told() -> None:
    jobs = [job(f"j{n}", {n: "PENDING"}) for n in range(2)]
    assert quota_problems(2, 3, jobs, LaunchQuotas()) == []
    found = quota_problems(9, 11, jobs, LaunchQuotas(jobs=2, servers_in_jobs=8, replicating_servers=10))
    assert [text.split(",")[0] for text in found] == ["11 source servers", "9 servers to launch", "2 jobs run already"]


PREFLIGHT: dict[str, Any] = {"groups": [group(), group("database")], "rpo_seconds": 300}


def test_ready_servers_pass(world: World) -> None:
    answer = world.step("preflight", **PREFLIGHT)
    assert answer["detail"].startswith("3 servers ready, worst expected data loss")


def test_everything_that_is_wrong_is_told_at_once(world: World) -> None:
    first = world.drs.servers(TARGET)[0]
    world.client("drs").update_launch_configuration(sourceServerID=first.server_id, launchDisposition="STOPPED")
    world.drive("drs_recover", **recover("database"))
    world.new_run()
    world.client("drs").stop_replication(sourceServerID=world.drs.servers(TARGET)[1].server_id)
    with pytest.raises(Failed) as failed:
        world.step("preflight", **PREFLIGHT)
    assert failed.value.error == "NotReady"
    assert "launchDisposition" in failed.value.cause
    assert "live recovery instance" in failed.value.cause
    assert "(web-2): replication is STOPPED" in failed.value.cause


def test_a_run_that_takes_over_is_not_hindered_by_its_predecessors_instances(world: World) -> None:
    world.drive("drs_recover", **recover("database"))
    world.new_run(take_over=world.run["id"])
    assert "3 servers ready" in world.step("preflight", **PREFLIGHT)["detail"]


def test_a_lag_beyond_the_objective_stops_and_names_the_way_on(world: World) -> None:
    world.drs.set_lag(world.drs.servers(TARGET)[0].server_id, 600)
    with pytest.raises(Failed, match=r"RpoExceeded: .*5m: s-\w+ \(web-1\) would lose 10m.*accept_data_loss"):
        world.step("preflight", **PREFLIGHT)


def test_an_accepted_loss_goes_on_and_is_on_record(world: World) -> None:
    world.drs.set_lag(world.drs.servers(TARGET)[0].server_id, 600)
    world.new_run(accept_data_loss=True)
    world.step("preflight", **PREFLIGHT)
    assert world.events() == ["step.started", "data_loss.accepted", "step.done"]


def test_the_time_since_the_incident_is_taken_off(world: World) -> None:
    world.drs.lose_origin_region("us-east-1")
    incident = world.engine.clock.now()
    world.later(900)
    with pytest.raises(Failed, match="RpoExceeded"):
        world.step("preflight", **PREFLIGHT)
    world.new_run(incident_at=incident.isoformat())
    assert "3 servers ready" in world.step("preflight", **PREFLIGHT)["detail"]


def test_all_pages_of_servers_are_read(world: World) -> None:
    world.servers(*(f"web-{n}" for n in range(3, 73)))
    with pytest.raises(Failed, match=r"NotFound.*72 source servers match, 73 are expected"):
        world.step("preflight", groups=[group(expect=73)], rpo_seconds=300)


def test_an_unknown_id_is_named(world: World) -> None:
    unknown = {"name": "web", "ids": ["s-0000000000000000f"], "expect": None}
    with pytest.raises(Failed, match="there is no source server s-0000000000000000f"):
        world.step("preflight", groups=[unknown], rpo_seconds=300)


def test_a_denied_call_is_no_verdict_on_the_servers(world: World) -> None:
    world.engine.interceptor.inject_fault("drs:DescribeSourceServers", FaultKind.ACCESS_DENIED, times=99)
    with pytest.raises(Failed, match="AccessDenied: drs:DescribeSourceServers"):
        world.step("preflight", **PREFLIGHT)


def test_protection_is_set_verified_and_taken_back(world: World) -> None:
    world.drive("drs_recover", **recover())
    groups = [group()]
    ids = [i.ec2_instance_id for i in world.drs.recovery_instances(TARGET)]

    def protected() -> list[bool]:
        ec2 = world.client("ec2")
        answers = [ec2.describe_instance_attribute(InstanceId=i, Attribute="disableApiTermination") for i in ids]
        return [answer["DisableApiTermination"]["Value"] for answer in answers]

    world.step("drs_protect", groups=groups)
    assert protected() == [True, True]
    own = world.run
    world.new_run()
    world.step("drs_unprotect", groups=groups)
    assert protected() == [True, True], "another run's instances stay protected"
    world.run = own
    world.step("drs_unprotect", groups=groups)
    assert protected() == [False, False]


def test_a_server_without_a_recovery_instance_cannot_be_protected(world: World) -> None:
    with pytest.raises(Failed, match=r"NotFound: no recovery instance in us-west-2 of .*web-2.*web-1"):
        world.step("drs_protect", groups=[group()])


def test_servers_that_did_not_launch_are_named_and_the_others_protected(world: World) -> None:
    lost = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(lost, "no capacity", times=1)
    with pytest.raises(Failed, match="LaunchFailed"):
        world.drive("drs_recover", **recover())
    told = world.step("drs_protect", groups=[recover()["group"], recover("database")["group"]])["detail"]
    (up,) = world.drs.recovery_instances(TARGET)
    assert told.startswith(f"termination protection is on: {up.ec2_instance_id}; without a recovery instance")
    assert f"{lost} (web-1)" in told
    assert "(database)" in told
    answer = world.client("ec2").describe_instance_attribute(
        InstanceId=up.ec2_instance_id, Attribute="disableApiTermination"
    )
    assert answer["DisableApiTermination"]["Value"] is True

"""Recovering a group, whole: through the handler, against the simulated DRS."""

from __future__ import annotations

import pytest

from leeward.twin.engine import FaultKind
from tests.lambdas.world import TARGET, Failed, World, recover


def test_a_group_is_recovered_by_one_job(world: World) -> None:
    progress = world.drive("drs_recover", **recover())
    assert progress["detail"].startswith("web: 2 of 2 recovered")
    assert len(world.jobs()) == 1
    assert len(world.started()) == 2
    assert world.jobs()[0].tags == {
        "leeward:run": "website.failover.run-1",
        "leeward:step": "step",
        "leeward:group": "web",
        "leeward:attempt": "1",
        "leeward:batch": "1",
    }


def test_done_means_that_the_machines_are_up(world: World) -> None:
    world.drive("drs_recover", **recover())
    ids = [i.ec2_instance_id for i in world.drs.recovery_instances(TARGET)]
    states = world.client("ec2").describe_instance_status(InstanceIds=ids)["InstanceStatuses"]
    assert [s["InstanceState"]["Name"] for s in states] == ["running", "running"]
    assert {s["SystemStatus"]["Status"] for s in states} == {"ok"}


def test_a_failed_server_fails_the_step_with_the_job_logs_reason(world: World) -> None:
    first = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(first, "An error occurred (InsufficientInstanceCapacity): no capacity", times=1)
    with pytest.raises(Failed) as failed:
        world.drive("drs_recover", **recover())
    assert failed.value.error == "LaunchFailed"
    assert failed.value.cause.startswith("1 of 2 servers of group 'web' did not launch")
    assert first in failed.value.cause
    assert "(web-1)" in failed.value.cause
    assert "InsufficientInstanceCapacity" in failed.value.cause


def test_every_failed_server_is_told_with_its_own_reason(world: World) -> None:
    first, second = (server.server_id for server in world.drs.servers(TARGET)[:2])
    world.drs.fail_launch(first, "no capacity here", times=1)
    world.drs.fail_launch(second, "no such subnet", times=1)
    with pytest.raises(Failed, match="2 of 2 servers") as failed:
        world.drive("drs_recover", **recover())
    assert f"{first} (web-1): LAUNCH_FAILED: no capacity here" in failed.value.cause
    assert f"{second} (web-2): LAUNCH_FAILED: no such subnet" in failed.value.cause


def test_a_retry_starts_only_what_failed(world: World) -> None:
    first, second = (server.server_id for server in world.drs.servers(TARGET)[:2])
    world.drs.fail_launch(first, "no capacity", times=1)
    with pytest.raises(Failed, match="LaunchFailed"):
        world.drive("drs_recover", **recover())
    world.attempt = 2
    world.drive("drs_recover", **recover())
    assert world.started() == sorted([first, first, second])
    assert world.jobs()[-1].tags["leeward:attempt"] == "2"


@pytest.mark.parametrize(
    "fault",
    [
        FaultKind.ANSWER_LOST,
        FaultKind.SERVER_ERROR,
        FaultKind.THROTTLED,
        FaultKind.CONNECTION_REFUSED,
        FaultKind.CONNECTION_TIMED_OUT,
    ],
)
def test_whatever_becomes_of_the_call_each_server_is_started_once(world: World, fault: FaultKind) -> None:
    world.engine.interceptor.inject_fault("drs:StartRecovery", fault)
    world.drive("drs_recover", **recover())
    assert len(world.started()) == 2


def test_a_lost_answer_is_sent_once_by_the_client_itself(world: World) -> None:
    world.engine.interceptor.inject_fault("drs:StartRecovery", FaultKind.ANSWER_LOST)
    progress = world.look("drs_recover", **recover())
    assert progress["status"] == "waiting"
    assert "may have been carried out" in progress["detail"]
    assert world.calls("drs:StartRecovery") == 1


def test_after_a_lost_answer_a_blind_look_starts_nothing(world: World) -> None:
    """DescribeJobs that does not show the new job yet: here, one that fails while the order is young."""
    world.engine.interceptor.inject_fault(
        "drs:StartRecovery", FaultKind.CONNECTION_REFUSED
    )  # nothing was carried out, but that can't be known
    world.look("drs_recover", **recover())
    progress = world.look("drs_recover", **recover())
    assert "StartRecovery was sent at" in progress["detail"]
    assert world.calls("drs:StartRecovery") == 1
    world.later(121)
    world.look("drs_recover", **recover())
    assert world.calls("drs:StartRecovery") == 2


def test_access_denied_fails_the_step_and_starts_nothing(world: World) -> None:
    world.engine.interceptor.inject_fault("drs:StartRecovery", FaultKind.ACCESS_DENIED, times=99)
    with pytest.raises(Failed, match=r"AccessDenied.*Grant drs:StartRecovery"):
        world.drive("drs_recover", **recover())
    assert world.jobs() == []


def test_a_throttle_that_lasts_fails_the_step_and_starts_nothing(world: World) -> None:
    world.engine.interceptor.inject_fault("drs:StartRecovery", FaultKind.THROTTLED, times=99)
    with pytest.raises(Failed, match="Throttled"):
        world.drive("drs_recover", **recover())
    assert world.jobs() == []


@pytest.mark.parametrize("operation", ["dynamodb:PutItem", "dynamodb:Query", "drs:DescribeJobs"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_a_call_that_fails_anywhere_leads_to_no_second_launch(world: World, operation: str, nth: int) -> None:
    """Crash before and after each call: the invocation dies at its n-th call, and is made again."""
    world.engine.interceptor.inject_fault(operation, FaultKind.ANSWER_LOST, nth=nth, times=4)
    world.drive("drs_recover", **recover())
    assert len(world.started()) == 2


def test_two_calls_at_once_start_one_job(world: World) -> None:
    other: list[str] = []
    world.engine.clock.call_later(0.0, lambda: other.append(world.look("drs_recover", **recover())["status"]))
    world.look("drs_recover", **recover())
    world.later(5)
    assert other == ["waiting"]
    assert len(world.jobs()) == 1


def test_batches_keep_to_the_quotas(world: World) -> None:
    progress = world.look("drs_recover", **recover(max_servers_per_job=1, max_jobs=1))
    assert "1 wait for room" in progress["detail"]
    assert len(world.jobs()) == 1
    world.drive("drs_recover", **recover(max_servers_per_job=1, max_jobs=1))
    assert len(world.started()) == 2
    assert [job.tags["leeward:batch"] for job in world.jobs()] == ["1", "2"]


def test_a_group_without_its_servers_is_named(world: World) -> None:
    with pytest.raises(Failed, match=r"NotFound: group 'mail' \(tags Application=website, Role=mail\) in us-west-2"):
        world.look("drs_recover", **recover("mail"))


def test_too_few_servers_are_too_few(world: World) -> None:
    parameters = recover()
    parameters["group"]["expect"] = 3
    with pytest.raises(Failed, match=r"NotFound.*2 source servers match, 3 are expected"):
        world.look("drs_recover", **parameters)


def test_a_point_in_time_is_recovered_to(world: World) -> None:
    point = "2026-03-01T08:30:00Z"
    world.drive("drs_recover", **recover(point_in_time=point))
    times = {i.data_time.isoformat() for i in world.drs.recovery_instances(TARGET)}
    assert all("2026-03-01T08:20" <= at <= "2026-03-01T08:30:00+00:00" for at in times)


def test_a_point_in_time_before_all_snapshots_is_named(world: World) -> None:
    with pytest.raises(Failed, match="NotFound: no point in time at or before 2020"):
        world.look("drs_recover", **recover(point_in_time="2020-01-01T00:00:00Z"))
    assert world.jobs() == []


def test_a_drill_is_marked_as_one(world: World) -> None:
    world.drive("drs_recover", **recover(is_drill=True))
    assert all(i.is_drill for i in world.drs.recovery_instances(TARGET))


def test_a_live_recovery_instance_is_never_replaced_by_another_run(world: World) -> None:
    world.drive("drs_recover", **recover())
    world.new_run()
    with pytest.raises(Failed, match=r"NotReady.*live recovery instance.*take_over"):
        world.drive("drs_recover", **recover())
    with pytest.raises(Failed, match="NotReady"):
        world.drive("drs_recover", **recover(is_drill=True))
    assert len(world.jobs()) == 1


def test_a_run_that_takes_over_goes_on_with_what_was_launched(world: World) -> None:
    first = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(first, "no capacity", times=1)
    with pytest.raises(Failed, match="LaunchFailed"):
        world.drive("drs_recover", **recover())
    world.new_run(take_over=world.run["id"])
    world.drive("drs_recover", **recover())
    assert world.started().count(first) == 2
    assert len(world.started()) == 3
    assert len(world.recovered()) == 2


def test_a_drills_instances_are_not_taken_for_a_recovery(world: World) -> None:
    world.drive("drs_recover", **recover(is_drill=True))
    world.new_run(take_over=world.run["id"])
    world.drive("drs_recover", **recover())
    assert len(world.jobs()) == 2
    assert not any(i.is_drill for i in world.drs.recovery_instances(TARGET))


def test_a_strangers_job_is_waited_for(world: World) -> None:
    ids = [s.server_id for s in world.drs.servers(TARGET)[:2]]
    world.client("drs").start_recovery(isDrill=True, sourceServers=[{"sourceServerID": i} for i in ids])
    progress = world.look("drs_recover", **recover())
    assert "a job that no run of ours started" in progress["detail"]
    world.drive("drs_recover", **recover())
    assert len(world.jobs()) == 2


def test_an_instance_that_was_terminated_is_a_failure_then_launched_anew(world: World) -> None:
    world.drive("drs_recover", **recover())
    world.later(120)  # the job ends a little after its servers
    gone = world.drs.recovery_instances(TARGET)[0]
    world.client("drs").terminate_recovery_instances(recoveryInstanceIDs=[gone.recovery_instance_id])
    world.later(600)
    with pytest.raises(Failed, match=r"LaunchFailed.*gone"):
        world.drive("drs_recover", **recover())
    world.attempt = 2
    world.drive("drs_recover", **recover())
    assert world.started().count(gone.server_id) == 2
    assert len(world.started()) == 3


def test_undo_terminates_what_this_run_launched_and_nothing_else(world: World) -> None:
    world.drive("drs_recover", **recover("database"))
    world.new_run()
    world.drive("drs_recover", **recover())
    progress = world.drive("drs_recover_undo", groups=[recover()["group"], recover("database")["group"]])
    assert "no instance that this run launched is left" in progress["detail"]
    assert world.recovered() == {world.drs.servers(TARGET)[2].server_id}


def test_undo_lets_a_launch_end_first(world: World) -> None:
    world.look("drs_recover", **recover())
    progress = world.look("drs_recover_undo", groups=[recover()["group"]])
    assert "still launches" in progress["detail"]
    world.drive("drs_recover_undo", groups=[recover()["group"]])
    assert world.recovered() == set()


def test_undo_waits_for_a_launch_of_which_no_answer_came(world: World) -> None:
    world.engine.interceptor.inject_fault("drs:StartRecovery", FaultKind.CONNECTION_REFUSED)
    world.look("drs_recover", **recover())
    progress = world.look("drs_recover_undo", groups=[recover()["group"]])
    assert progress["status"] == "waiting"
    world.drive("drs_recover_undo", groups=[recover()["group"]])

"""Recovering a group, whole: through the handler, against the simulated DRS."""

from __future__ import annotations

import pytest

from leeward.twin.engine import FaultKind
from tests.support.nonempty import nonempty
from tests.support.task_world import TARGET, TaskFailed, TaskWorld, recover_parameters, server_group


def test_recover_starts_one_job_per_group(world: TaskWorld) -> None:
    progress = world.run_until_done("drs_recover", **recover_parameters())
    assert progress["detail"].startswith("web: 2 of 2 recovered")
    assert len(world.launch_jobs()) == 1
    assert len(world.started_servers()) == 2
    assert world.launch_jobs()[0].tags == {
        "leeward:run": "website.failover.run-1",
        "leeward:step": "step",
        "leeward:group": "web",
        "leeward:attempt": "1",
        "leeward:batch": "1",
    }


def test_recover_is_done_when_instances_are_running(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", **recover_parameters())
    ids = [i.ec2_instance_id for i in world.drs.recovery_instances(TARGET)]
    states = world.client("ec2").describe_instance_status(InstanceIds=ids)["InstanceStatuses"]
    assert [s["InstanceState"]["Name"] for s in states] == ["running", "running"]
    assert {s["SystemStatus"]["Status"] for s in states} == {"ok"}


def test_recover_fails_with_job_log_reason(world: TaskWorld) -> None:
    first = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(first, "An error occurred (InsufficientInstanceCapacity): no capacity", times=1)
    with pytest.raises(TaskFailed) as failed:
        world.run_until_done("drs_recover", **recover_parameters())
    assert failed.value.error == "LaunchFailed"
    assert failed.value.cause.startswith("1 of 2 servers of group 'web' did not launch")
    assert first in failed.value.cause
    assert "(web-1)" in failed.value.cause
    assert "InsufficientInstanceCapacity" in failed.value.cause


def test_recover_reports_reason_of_each_failed_server(world: TaskWorld) -> None:
    first, second = (server.server_id for server in world.drs.servers(TARGET)[:2])
    world.drs.fail_launch(first, "no capacity here", times=1)
    world.drs.fail_launch(second, "no such subnet", times=1)
    with pytest.raises(TaskFailed, match="2 of 2 servers") as failed:
        world.run_until_done("drs_recover", **recover_parameters())
    assert f"{first} (web-1): LAUNCH_FAILED: no capacity here" in failed.value.cause
    assert f"{second} (web-2): LAUNCH_FAILED: no such subnet" in failed.value.cause


def test_retry_launches_only_failed_servers(world: TaskWorld) -> None:
    first, second = (server.server_id for server in world.drs.servers(TARGET)[:2])
    world.drs.fail_launch(first, "no capacity", times=1)
    with pytest.raises(TaskFailed, match="LaunchFailed"):
        world.run_until_done("drs_recover", **recover_parameters())
    world.attempt = 2
    world.run_until_done("drs_recover", **recover_parameters())
    assert world.started_servers() == sorted([first, first, second])
    assert world.launch_jobs()[-1].tags["leeward:attempt"] == "2"


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
def test_faulty_start_call_launches_each_server_once(world: TaskWorld, fault: FaultKind) -> None:
    world.engine.interceptor.inject_fault("drs:StartRecovery", fault)
    world.run_until_done("drs_recover", **recover_parameters())
    assert len(world.started_servers()) == 2


def test_client_does_not_repeat_start_after_lost_response(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("drs:StartRecovery", FaultKind.ANSWER_LOST)
    progress = world.poll_once("drs_recover", **recover_parameters())
    assert progress["status"] == "waiting"
    assert "may have been carried out" in progress["detail"]
    assert world.count_calls("drs:StartRecovery") == 1


def test_recover_starts_nothing_while_jobs_are_unreadable_after_lost_response(world: TaskWorld) -> None:
    """DescribeJobs that does not show the new job yet: here, one that fails while the order is young."""
    world.engine.interceptor.inject_fault(
        "drs:StartRecovery", FaultKind.CONNECTION_REFUSED
    )  # nothing was carried out, but that can't be known
    world.poll_once("drs_recover", **recover_parameters())
    progress = world.poll_once("drs_recover", **recover_parameters())
    assert "StartRecovery was sent at" in progress["detail"]
    assert world.count_calls("drs:StartRecovery") == 1
    world.advance(121)
    world.poll_once("drs_recover", **recover_parameters())
    assert world.count_calls("drs:StartRecovery") == 2


def test_recover_fails_on_access_denied_without_job(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("drs:StartRecovery", FaultKind.ACCESS_DENIED, times=99)
    with pytest.raises(TaskFailed, match=r"AccessDenied.*Grant drs:StartRecovery"):
        world.run_until_done("drs_recover", **recover_parameters())
    assert world.launch_jobs() == []


def test_recover_fails_on_lasting_throttling_without_job(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("drs:StartRecovery", FaultKind.THROTTLED, times=99)
    with pytest.raises(TaskFailed, match=r"TimedOut: .*ThrottlingException: Rate exceeded"):
        world.run_until_done("drs_recover", **recover_parameters())
    assert world.launch_jobs() == []


@pytest.mark.parametrize(
    "operation", ["dynamodb:PutItem", "dynamodb:TransactWriteItems", "dynamodb:Query", "drs:DescribeJobs"]
)
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_failing_call_causes_no_second_launch(world: TaskWorld, operation: str, nth: int) -> None:
    """Crash before and after each call: the invocation dies at its n-th call, and is made again."""
    world.engine.interceptor.inject_fault(operation, FaultKind.ANSWER_LOST, nth=nth, times=4)
    world.run_until_done("drs_recover", **recover_parameters())
    assert len(world.started_servers()) == 2


def test_concurrent_recover_calls_start_one_job(world: TaskWorld) -> None:
    other: list[str] = []
    world.engine.clock.call_later(
        0.0, lambda: other.append(world.poll_once("drs_recover", **recover_parameters())["status"])
    )
    world.poll_once("drs_recover", **recover_parameters())
    world.advance(5)
    assert other == ["waiting"]
    assert len(world.launch_jobs()) == 1


def test_recover_batches_respect_quotas(world: TaskWorld) -> None:
    progress = world.poll_once("drs_recover", **recover_parameters(max_servers_per_job=1, max_jobs=1))
    assert "1 wait for room" in progress["detail"]
    assert len(world.launch_jobs()) == 1
    world.run_until_done("drs_recover", **recover_parameters(max_servers_per_job=1, max_jobs=1))
    assert len(world.started_servers()) == 2
    assert [job.tags["leeward:batch"] for job in world.launch_jobs()] == ["1", "2"]


def test_recover_fails_for_group_without_servers(world: TaskWorld) -> None:
    with pytest.raises(
        TaskFailed, match=r"NotFound: group 'mail' \(tags Application=website, Role=mail\) in us-west-2"
    ):
        world.poll_once("drs_recover", **recover_parameters("mail"))


def test_recover_fails_when_fewer_servers_match_than_expected(world: TaskWorld) -> None:
    parameters = recover_parameters()
    parameters["waves"][0][0]["expect"] = 3
    with pytest.raises(TaskFailed, match=r"NotFound.*2 source servers match, 3 are expected"):
        world.poll_once("drs_recover", **parameters)


def test_recover_uses_point_in_time(world: TaskWorld) -> None:
    point = "2026-03-01T08:30:00Z"
    world.run_until_done("drs_recover", **recover_parameters(point_in_time=point))
    times = {i.data_time.isoformat() for i in world.drs.recovery_instances(TARGET)}
    assert all("2026-03-01T08:20" <= at <= "2026-03-01T08:30:00+00:00" for at in nonempty(times))


def test_recover_rejects_point_in_time_before_first_snapshot(world: TaskWorld) -> None:
    with pytest.raises(TaskFailed, match="NotFound: no point in time at or before 2020"):
        world.poll_once("drs_recover", **recover_parameters(point_in_time="2020-01-01T00:00:00Z"))
    assert world.launch_jobs() == []


def test_recover_marks_drill_instances(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", **recover_parameters(is_drill=True))
    assert all(i.is_drill for i in nonempty(world.drs.recovery_instances(TARGET)))


def test_recover_never_replaces_live_instance_of_another_run(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", **recover_parameters())
    world.start_new_run()
    with pytest.raises(TaskFailed, match=r"NotReady.*live recovery instance.*take_over"):
        world.run_until_done("drs_recover", **recover_parameters())
    with pytest.raises(TaskFailed, match="NotReady"):
        world.run_until_done("drs_recover", **recover_parameters(is_drill=True))
    assert len(world.launch_jobs()) == 1


def test_take_over_continues_with_launched_servers(world: TaskWorld) -> None:
    first = world.drs.servers(TARGET)[0].server_id
    world.drs.fail_launch(first, "no capacity", times=1)
    with pytest.raises(TaskFailed, match="LaunchFailed"):
        world.run_until_done("drs_recover", **recover_parameters())
    world.start_new_run(take_over=world.run["id"])
    world.run_until_done("drs_recover", **recover_parameters())
    assert world.started_servers().count(first) == 2
    assert len(world.started_servers()) == 3
    assert len(world.recovered_servers()) == 2


def test_recover_ignores_drill_instances(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", **recover_parameters(is_drill=True))
    world.start_new_run(take_over=world.run["id"])
    world.run_until_done("drs_recover", **recover_parameters())
    assert len(world.launch_jobs()) == 2
    assert not any(i.is_drill for i in nonempty(world.drs.recovery_instances(TARGET)))


def test_recover_waits_for_job_of_another_run(world: TaskWorld) -> None:
    ids = [s.server_id for s in world.drs.servers(TARGET)[:2]]
    world.client("drs").start_recovery(isDrill=True, sourceServers=[{"sourceServerID": i} for i in ids])
    progress = world.poll_once("drs_recover", **recover_parameters())
    assert "a job that no run of ours started" in progress["detail"]
    world.run_until_done("drs_recover", **recover_parameters())
    assert len(world.launch_jobs()) == 2


def test_terminated_instance_fails_then_is_relaunched(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", **recover_parameters())
    world.advance(120)  # the job ends a little after its servers
    gone = world.drs.recovery_instances(TARGET)[0]
    world.client("drs").terminate_recovery_instances(recoveryInstanceIDs=[gone.recovery_instance_id])
    world.advance(600)
    with pytest.raises(TaskFailed, match=r"LaunchFailed.*gone"):
        world.run_until_done("drs_recover", **recover_parameters())
    world.attempt = 2
    world.run_until_done("drs_recover", **recover_parameters())
    assert world.started_servers().count(gone.server_id) == 2
    assert len(world.started_servers()) == 3


def test_undo_terminates_only_instances_of_this_run(world: TaskWorld) -> None:
    world.run_until_done("drs_recover", **recover_parameters("database"))
    world.start_new_run()
    world.run_until_done("drs_recover", **recover_parameters())
    progress = world.run_until_done("drs_recover_undo", groups=[server_group(), server_group("database")])
    assert "no instance that this run launched is left" in progress["detail"]
    assert world.recovered_servers() == {world.drs.servers(TARGET)[2].server_id}


def test_undo_waits_for_active_launch(world: TaskWorld) -> None:
    world.poll_once("drs_recover", **recover_parameters())
    progress = world.poll_once("drs_recover_undo", groups=[server_group()])
    assert "still launches" in progress["detail"]
    world.run_until_done("drs_recover_undo", groups=[server_group()])
    assert world.recovered_servers() == set()


def test_undo_waits_for_launch_with_lost_response(world: TaskWorld) -> None:
    world.engine.interceptor.inject_fault("drs:StartRecovery", FaultKind.CONNECTION_REFUSED)
    world.poll_once("drs_recover", **recover_parameters())
    progress = world.poll_once("drs_recover_undo", groups=[server_group()])
    assert progress["status"] == "waiting"
    world.run_until_done("drs_recover_undo", groups=[server_group()])

"""Recovering several groups in waves: the order, what a look costs, and exactly one launch of each server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from leeward.drs.recovery.wave_recovery import LaunchMemo
from leeward.twin.aws.moto_fixes import ec2_status_checks
from leeward.twin.engine import FaultKind
from leeward.twin.realism.realism_settings import SeededDraws
from tests.support.nonempty import nonempty
from tests.support.task_world import START, TARGET, TaskFailed, TaskWorld, open_task_world, recover_parameters

ONE_WAVE: tuple[tuple[str, ...], ...] = (("web", "database"),)
TWO_WAVES = (("database",), ("web",))
POLL: dict[str, Any] = {"first_seconds": 60, "longest_seconds": 60, "timeout_seconds": 2400}


def look(world: TaskWorld, *waves: tuple[str, ...], last: dict[str, Any] | None = None, **poll: Any) -> dict[str, Any]:
    """Make one call that looks once: the first, or the next one after the output `last`."""
    event = world.event(**recover_parameters(*waves)) | {"poll": POLL | poll}
    if last is not None:
        event["head"] = last["head"]
        event["poll"] |= {name: last[name] for name in ("attempt", "waited_seconds", "started_at", "news", "memo")}
        event["poll"] |= poll
    return dict(world.call("drs_recover", event))


def calls_of_look(world: TaskWorld, *waves: tuple[str, ...], last: dict[str, Any], **poll: Any) -> list[str]:
    before = len(world.engine.interceptor.calls)
    look(world, *waves, last=last, **poll)
    return [call.operation for call in world.engine.interceptor.calls[before:]]


def groups_of_jobs(world: TaskWorld) -> list[str]:
    return [job.tags["leeward:group"] for job in world.launch_jobs()]


def test_groups_of_one_wave_start_together(world: TaskWorld) -> None:
    progress = look(world, *ONE_WAVE)
    assert groups_of_jobs(world) == ["web", "database"]
    assert "web: 0 of 2 recovered" in progress["detail"]
    assert "database: 0 of 1 recovered" in progress["detail"]


def test_wave_starts_when_previous_wave_is_up(world: TaskWorld) -> None:
    progress = look(world, *TWO_WAVES)
    ups: list[int] = []
    while progress["status"] == "waiting":
        if groups_of_jobs(world) == ["database"]:
            ups.append(len(world.recovered_servers()))
        world.advance(progress["wait_seconds"])
        progress = look(world, *TWO_WAVES, last=progress)
    assert groups_of_jobs(world) == ["database", "web"]
    assert nonempty(ups)[0] == 0
    lost = [entry for entry in world.journal if entry.event == "protection.lost"]
    assert len(lost) == 2, "each wave once"
    web = world.launch_jobs()[1]
    database = next(i for i in world.drs.recovery_instances(TARGET) if i.server_id not in web_servers(world))
    assert web.created_at >= database.launched_at


def web_servers(world: TaskWorld) -> set[str]:
    return {server.server_id for server in world.drs.servers(TARGET) if server.tags["Role"] == "web"}


@pytest.mark.parametrize("waves", [ONE_WAVE, TWO_WAVES])
def test_look_at_active_jobs_is_one_call(world: TaskWorld, waves: tuple[tuple[str, ...], ...]) -> None:
    progress = look(world, *waves)
    for _ in range(3):
        world.advance(30)
        assert calls_of_look(world, *waves, last=progress) == ["drs:DescribeJobs"]


@pytest.fixture
def slow_checks() -> Iterator[None]:
    """Status checks of new instances that take about two minutes."""
    ec2_status_checks.set_draws(SeededDraws(7, "status checks"))
    yield
    ec2_status_checks.set_draws(None)


@pytest.mark.usefixtures("slow_checks")
def test_look_at_starting_instances_is_one_call(world: TaskWorld) -> None:
    """Between the end of the job and the status checks of its instances."""
    progress, seen = look(world, ("database",)), set()
    while progress["status"] == "waiting":
        memo = LaunchMemo.parse(progress["memo"])
        assert memo is not None
        world.advance(5)
        before = len(world.engine.interceptor.calls)
        progress = look(world, ("database",), last=progress)
        made = [call.operation for call in world.engine.interceptor.calls[before:]]
        if len(made) == 1:
            seen.add((bool(memo.jobs), made[0]))
    assert seen == {(True, "drs:DescribeJobs"), (False, "ec2:DescribeInstanceStatus")}


def test_estimate_never_delays_first_look_beyond_active_job(world: TaskWorld) -> None:
    """The state machine waits until the job can have ended at the earliest."""
    assert look(world, ("web",), longest_ready_seconds=480)["wait_seconds"] == 480


@pytest.mark.parametrize(
    "memo",
    ["", "{}", "no JSON", json.dumps({"version": 7}), json.dumps({"waves": "all", "ready_at": START.isoformat()})],
)
def test_memo_of_another_version_is_ignored(world: TaskWorld, memo: str) -> None:
    progress = look(world, *ONE_WAVE)
    assert LaunchMemo.parse(memo) is None
    assert look(world, *ONE_WAVE, last=progress, memo=memo)["status"] == "waiting"
    world.run_until_done("drs_recover", **recover_parameters(*ONE_WAVE))
    assert len(world.started_servers()) == 3


@pytest.mark.parametrize("waves", [ONE_WAVE, TWO_WAVES])
def test_calls_without_memo_reach_same_result(world: TaskWorld, waves: tuple[tuple[str, ...], ...]) -> None:
    """Each call is as if an earlier one had crashed: it knows nothing of what was started."""
    progress = look(world, *waves)
    while progress["status"] == "waiting":
        world.advance(120)
        progress = look(world, *waves, last=progress, memo=None)
    assert "web: 2 of 2 recovered" in progress["detail"]
    assert "database: 1 of 1 recovered" in progress["detail"]
    lost = [sorted(entry.facts["machines"]) for entry in world.journal if entry.event == "protection.lost"]  # type: ignore[call-overload]
    assert sorted(len(machines) for machines in lost) == [1, 2], "each group once"
    assert len(world.started_servers()) == len(set(world.started_servers())) == 3


def test_failed_group_is_reported_when_other_groups_are_up(world: TaskWorld) -> None:
    (first, *_) = sorted(web_servers(world))
    world.drs.fail_launch(first, "no capacity", times=1)
    with pytest.raises(TaskFailed, match=r"LaunchFailed: 1 of 2 servers of group 'web' did not launch") as failed:
        world.run_until_done("drs_recover", **recover_parameters(*ONE_WAVE))
    assert "no capacity" in failed.value.cause
    assert len(world.recovered_servers()) == 2
    lost = [entry for entry in world.journal if entry.event == "protection.lost"]
    assert len(lost) == 1, "of the group that is up"


def test_wave_after_failed_wave_does_not_start(world: TaskWorld) -> None:
    (database,) = {server.server_id for server in world.drs.servers(TARGET)} - web_servers(world)
    world.drs.fail_launch(database, "no capacity", times=1)
    with pytest.raises(TaskFailed, match="LaunchFailed"):
        world.run_until_done("drs_recover", **recover_parameters(*TWO_WAVES))
    assert groups_of_jobs(world) == ["database"]
    world.attempt = 2
    world.run_until_done("drs_recover", **recover_parameters(*TWO_WAVES))
    assert groups_of_jobs(world) == ["database", "database", "web"]


def test_incomplete_group_of_later_wave_starts_nothing(world: TaskWorld) -> None:
    with pytest.raises(TaskFailed, match="NotFound: group 'mail'"):
        look(world, ("web",), ("mail",))
    assert world.launch_jobs() == []


def test_quotas_count_jobs_of_other_groups_of_same_call(world: TaskWorld) -> None:
    parameters = recover_parameters(*ONE_WAVE, max_jobs=1)
    progress = world.look_once("drs_recover", **parameters)
    assert len(world.launch_jobs()) == 1
    assert "1 wait for room in DRS's quotas" in progress["detail"]
    world.run_until_done("drs_recover", **parameters)
    assert len(world.started_servers()) == 3


@contextmanager
def replicating_world() -> Iterator[TaskWorld]:
    """The world of the fixture, for tests that need several in turn."""
    with open_task_world() as made:
        made.servers("web-1", "web-2", "database")
        made.advance((START - made.engine.clock.now()).total_seconds())
        yield made


def kill_points(waves: tuple[tuple[str, ...], ...]) -> list[int]:
    """Return the numbers of a clean recovery's AWS calls, but of repeated calls only the first and the last."""
    with replicating_world() as world:
        world.run_until_done("drs_recover", longest=600, **recover_parameters(*waves))
        made = [call.operation for call in world.engine.interceptor.calls]
    around = zip(["", *made], made, [*made[1:], ""], strict=False)
    return [number for number, operations in enumerate(around, 1) if len({*operations}) > 1]


@pytest.mark.parametrize("waves", [ONE_WAVE, TWO_WAVES])
def test_kill_after_any_call_launches_each_server_once(waves: tuple[tuple[str, ...], ...]) -> None:
    """The process dies after a call, so before the next one. The state machine calls the task again."""
    order = [group for wave in waves for group in wave]
    for nth in nonempty(kill_points(waves)):
        with replicating_world() as world:
            rule = world.engine.interceptor.inject_fault("*", FaultKind.KILLED_AFTER_CALL, nth=nth)
            world.run_until_done("drs_recover", longest=600, **recover_parameters(*waves))
            assert rule.injected_count == 1, nth
            assert len(world.started_servers()) == len(set(world.started_servers())) == 3, nth
            assert sorted(groups_of_jobs(world)) == sorted(order), nth
            assert len(waves) == 1 or groups_of_jobs(world) == order, nth

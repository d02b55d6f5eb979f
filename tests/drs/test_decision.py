"""What to start now: the pure decision, case by case and at random."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leeward.common.errors import SurprisingAnswer
from leeward.drs.api.models import Job, RecoveryInstance, SourceServer
from leeward.drs.api.states import Ec2State
from leeward.drs.launch.launch_intents import UNANSWERED_HOLD, LaunchIntent
from leeward.drs.launch.launch_plan import LaunchQuotas, fill_batches, plan_launches, quota_headroom
from leeward.drs.launch.server_status import ObservedState, RecoveryRequest, RecoveryState, assess_server
from tests.drs.samples import BEGAN, NOW, QUEST, ended, instance, job, machine, order, picture, server

RETRY = replace(QUEST, attempt=2)


def state(seen: ObservedState, quest: RecoveryRequest = QUEST) -> RecoveryState:
    return assess_server(seen.servers[0], quest, seen).state


def test_a_server_that_nothing_touched_is_started() -> None:
    assert state(picture([server()])) is RecoveryState.TO_START


@pytest.mark.parametrize("status", ["PENDING", "IN_PROGRESS"])
def test_a_server_in_our_job_is_waited_for(status: str) -> None:
    assert state(picture([server()], [job("j", {1: status})])) is RecoveryState.WAITING


@pytest.mark.parametrize(
    ("ec2", "checks", "expected"),
    [
        (Ec2State.RUNNING, ("ok", "ok"), RecoveryState.RECOVERED),
        (Ec2State.RUNNING, ("ok", "initializing"), RecoveryState.WAITING),
        (Ec2State.RUNNING, ("impaired", "ok"), RecoveryState.WAITING),
        (Ec2State.RUNNING, ("insufficient-data", "ok"), RecoveryState.WAITING),
        (Ec2State.RUNNING, (), RecoveryState.WAITING),
        (Ec2State.PENDING, (), RecoveryState.WAITING),
        (Ec2State.STOPPED, (), RecoveryState.FAILED),
        (Ec2State.STOPPING, (), RecoveryState.FAILED),
        (Ec2State.SHUTTING_DOWN, (), RecoveryState.FAILED),
        (Ec2State.TERMINATED, (), RecoveryState.FAILED),
        (Ec2State.NOT_FOUND, (), RecoveryState.FAILED),
    ],
)
def test_launched_is_recovered_only_when_the_machine_is_up(
    ec2: Ec2State, checks: tuple[str, ...], expected: RecoveryState
) -> None:
    seen = picture([server()], [ended("j", {1: "LAUNCHED"})], [instance()], [machine(state=ec2, checks=checks)])
    assert state(seen) is expected


def test_a_machine_that_ec2_does_not_show_yet_is_waited_for() -> None:
    assert state(picture([server()], [ended("j", {1: "LAUNCHED"})], [instance()])) is RecoveryState.WAITING


def test_an_instance_not_listed_yet_is_waited_for_then_gone() -> None:
    just_ended = ended("j", {1: "LAUNCHED"}, minutes_ago=0.5)
    assert state(picture([server()], [just_ended])) is RecoveryState.WAITING
    assert state(picture([server()], [ended("j", {1: "LAUNCHED"})])) is RecoveryState.FAILED
    assert state(picture([server()], [ended("j", {1: "LAUNCHED"})]), RETRY) is RecoveryState.TO_START


@pytest.mark.parametrize("status", ["FAILED", "TERMINATED"])
def test_a_failure_is_this_attempts_and_the_next_one_starts_again(status: str) -> None:
    seen = picture([server()], [ended("j", {1: status})])
    assert state(seen) is RecoveryState.FAILED
    assert state(seen, RETRY) is RecoveryState.TO_START


@pytest.mark.parametrize("status", ["PENDING", "IN_PROGRESS"])
def test_a_job_that_ended_without_the_server_failed_it(status: str) -> None:
    assert state(picture([server()], [ended("j", {1: status}, minutes_ago=0.5)])) is RecoveryState.WAITING
    assert state(picture([server()], [ended("j", {1: status})])) is RecoveryState.FAILED


def test_what_launched_in_an_earlier_attempt_is_done() -> None:
    seen = picture([server()], [ended("j", {1: "LAUNCHED"})], [instance()], [machine()])
    assert state(seen, RETRY) is RecoveryState.RECOVERED


def test_what_an_earlier_attempt_still_launches_is_waited_for() -> None:
    assert state(picture([server()], [job("j", {1: "IN_PROGRESS"})]), RETRY) is RecoveryState.WAITING


def test_the_latest_attempt_counts() -> None:
    jobs = [ended("j1", {1: "FAILED"}), job("j2", {1: "IN_PROGRESS"}, attempt=2)]
    assert state(picture([server()], jobs), RETRY) is RecoveryState.WAITING
    jobs = [ended("j2", {1: "FAILED"}, attempt=2), ended("j1", {1: "FAILED"})]
    assert state(picture([server()], jobs), RETRY) is RecoveryState.FAILED


@pytest.mark.parametrize("stopped", [Ec2State.STOPPED, Ec2State.STOPPING])
def test_a_stopped_instance_is_never_replaced_unasked(stopped: Ec2State) -> None:
    seen = picture([server()], [ended("j", {1: "LAUNCHED"})], [instance()], [machine(state=stopped, checks=())])
    assert state(seen, RETRY) is RecoveryState.FAILED


@pytest.mark.parametrize("status", ["CLONED", ""])
def test_an_unknown_launch_status_is_never_guessed_at(status: str) -> None:
    with pytest.raises(SurprisingAnswer, match="the launch status of s-1 in j is"):
        state(picture([server()], [job("j", {1: status})]))


def test_an_unknown_job_status_is_never_guessed_at() -> None:
    with pytest.raises(SurprisingAnswer, match="the status of j is 'CANCELLED'"):
        state(picture([server()], [job("j", {1: "PENDING"}, status="CANCELLED")]))


def test_a_strangers_strange_job_is_no_reason_to_stop() -> None:
    strange = job("x", {9: "CLONED"}, run="other", type="CLONE", status="CANCELLED")
    assert state(picture([server()], [strange])) is RecoveryState.TO_START


def test_a_strangers_active_job_is_waited_for() -> None:
    assert state(picture([server()], [job("x", {1: "PENDING"}, run="other")])) is RecoveryState.WAITING
    assert state(picture([server()], [job("x", {1: "PENDING"}, tags={}, type="TERMINATE")])) is RecoveryState.WAITING


def test_a_strangers_live_instance_is_unsafe_to_replace() -> None:
    seen = picture([server()], [ended("x", {1: "LAUNCHED"}, run="other")], [instance(by="x")], [machine()])
    assert state(seen) is RecoveryState.UNSAFE
    assert plan_launches(QUEST, picture([server(), server(2)], instances=[instance()]), LaunchQuotas()).start == ()


def test_a_drills_instance_or_a_terminated_one_is_no_obstacle() -> None:
    assert state(picture([server()], instances=[instance(isDrill=True)])) is RecoveryState.TO_START
    assert state(picture([server()], instances=[instance(state="TERMINATED")])) is RecoveryState.TO_START
    gone = machine(state=Ec2State.TERMINATED)
    assert state(picture([server()], instances=[instance()], machines=[gone])) is RecoveryState.TO_START


@pytest.mark.parametrize("replication", ["STOPPED", "DISCONNECTED", "INITIATING", "INITIAL_SYNC"])
def test_without_a_recovery_point_nothing_can_be_launched(replication: str) -> None:
    assert state(picture([server(state=replication)])) is RecoveryState.FAILED


@pytest.mark.parametrize("replication", ["STALLED", "BACKLOG", "PAUSED", "RESCAN", "CREATING_SNAPSHOT"])
def test_lag_and_stall_do_not_prevent_a_launch(replication: str) -> None:
    assert state(picture([server(state=replication)])) is RecoveryState.TO_START


def test_an_order_without_an_answer_holds_its_servers_back() -> None:
    seen = picture([server(), server(2)], orders=[order(1, 1)])
    assert state(seen) is RecoveryState.WAITING
    assert plan_launches(QUEST, seen, LaunchQuotas()).start == (("s-2",),)
    assert plan_launches(QUEST, seen, LaunchQuotas()).first_intent_number == 2
    assert (
        state(picture([server()], orders=[order(1, 1, seconds_ago=UNANSWERED_HOLD.total_seconds())]))
        is RecoveryState.TO_START
    )


def test_an_answered_order_holds_its_servers_until_its_job_is_listed() -> None:
    old = order(1, 1, seconds_ago=9999, job="j")
    assert state(picture([server()], orders=[old])) is RecoveryState.WAITING
    assert state(picture([server()], [ended("j", {1: "FAILED"})], orders=[old]), RETRY) is RecoveryState.TO_START


def test_a_job_of_ours_that_comes_without_its_tags_is_never_passed_over() -> None:
    seen = picture([server()], [ended("j", {1: "LAUNCHED"}, tags={})], orders=[order(1, 1, job="j")])
    with pytest.raises(SurprisingAnswer, match="j came without the tags"):
        state(seen)


@pytest.mark.parametrize("listed", [{}, {2: "LAUNCHED"}])
def test_a_job_of_ours_that_comes_without_its_servers_is_never_passed_over(listed: dict[int, str]) -> None:
    seen = picture([server()], [ended("j", listed)], orders=[order(1, 1, job="j")])
    with pytest.raises(SurprisingAnswer, match="j came without s-1, which it was started for"):
        state(seen)


def test_a_launch_that_the_server_itself_tells_of_is_believed() -> None:
    def begun(minutes_ago: float) -> SourceServer:
        initiated = {"apiCallDateTime": (NOW - timedelta(minutes=minutes_ago)).isoformat(), "jobID": "unseen"}
        return server(lifeCycle={"lastLaunch": {"initiated": initiated}})

    assert state(picture([begun(1)])) is RecoveryState.WAITING
    assert state(picture([begun(29)])) is RecoveryState.TO_START, "its job would have been listed long since"
    assert state(picture([begun(45)])) is RecoveryState.TO_START, "before this run began"


def test_a_predecessors_launch_is_kept() -> None:
    heir = replace(QUEST, run="r2", predecessors=("r",))
    seen = picture([server()], [ended("j", {1: "LAUNCHED"})], [instance()], [machine()])
    assert state(seen, heir) is RecoveryState.RECOVERED
    assert state(picture([server()], [job("j", {1: "IN_PROGRESS"})]), heir) is RecoveryState.WAITING
    assert state(picture([server()], [ended("j", {1: "FAILED"})]), heir) is RecoveryState.TO_START


def test_a_predecessors_launch_of_another_point_in_time_is_not_what_is_wanted() -> None:
    point = BEGAN - timedelta(hours=1)
    heir = replace(QUEST, run="r2", predecessors=("r",), point_in_time=point, snapshot_times={"s-1": point})
    jobs = [ended("j", {1: "LAUNCHED"})]

    def with_data_of(at: object) -> ObservedState:
        return picture([server()], jobs, [instance(pointInTimeSnapshotDateTime=at)], [machine()])

    assert state(with_data_of(BEGAN.isoformat()), heir) is RecoveryState.UNSAFE
    assert state(with_data_of((point - timedelta(hours=1)).isoformat()), heir) is RecoveryState.UNSAFE
    assert state(with_data_of(point.isoformat()), heir) is RecoveryState.RECOVERED


def test_the_quotas_leave_room_beside_everyones_active_jobs() -> None:
    jobs = [job(f"x{n}", dict.fromkeys(range(10), "PENDING"), run="other") for n in range(3)]
    left = quota_headroom(
        [*jobs, ended("done", {1: "LAUNCHED"})], LaunchQuotas(servers_per_job=4, jobs=5, servers_in_jobs=37)
    )
    assert (left.jobs, left.servers) == (2, 7)
    assert fill_batches([str(n) for n in range(9)], left, 4) == (("0", "1", "2", "3"), ("4", "5", "6"))
    assert fill_batches([str(n) for n in range(20)], replace(left, servers=500), 4)[-1] == ("4", "5", "6", "7")
    assert quota_headroom(jobs, LaunchQuotas(jobs=1, servers_in_jobs=1)).jobs == 0


STATUSES = st.sampled_from(["PENDING", "IN_PROGRESS", "LAUNCHED", "FAILED", "TERMINATED"])


@st.composite
def pictures(draw: st.DrawFn) -> ObservedState:
    numbers = range(1, draw(st.integers(1, 6)) + 1)
    servers = [server(n, draw(st.sampled_from(["CONTINUOUS", "STALLED", "STOPPED"]))) for n in numbers]
    jobs: list[Job] = []
    for n in range(draw(st.integers(0, 4))):
        members = {m: draw(STATUSES) for m in draw(st.sets(st.sampled_from(numbers)))}
        make = draw(st.sampled_from([job, ended]))
        owner = draw(st.sampled_from(["r", "other", "before"]))
        jobs.append(make(f"j{n}", members, run=owner, attempt=draw(st.integers(1, 2))))
    instances: list[RecoveryInstance] = [
        instance(n, f"j{draw(st.integers(0, 4))}", draw(st.sampled_from(["RUNNING", "TERMINATED"])))
        for n in draw(st.sets(st.sampled_from(numbers)))
    ]
    machines = [machine(n) for n in draw(st.sets(st.sampled_from(numbers)))]
    orders: list[LaunchIntent] = [
        order(
            n + 1,
            *draw(st.sets(st.sampled_from(numbers), min_size=1)),
            seconds_ago=draw(st.integers(0, 300)),
            job=draw(st.sampled_from([None, "j0", "unseen"])),
        )
        for n in range(draw(st.integers(0, 2)))
    ]
    return picture(servers, jobs, instances, machines, orders)


@given(pictures(), st.integers(1, 3), st.integers(1, 3), st.integers(0, 4), st.integers(0, 6))
def test_whatever_is_seen_no_server_is_started_twice(
    seen: ObservedState, attempt: int, per_job: int, most_jobs: int, most_servers: int
) -> None:
    quest = replace(QUEST, attempt=attempt, predecessors=("before",))
    try:
        decision = plan_launches(quest, seen, LaunchQuotas(per_job, most_jobs, most_servers))
    except SurprisingAnswer:
        return  # an order's own job came as somebody else's: nothing is started
    started = [server for batch in decision.start for server in batch]
    judged = [
        *(s.server.id for s in (*decision.recovered, *decision.waiting, *decision.failed, *decision.unsafe)),
        *started,
        *decision.deferred_servers,
    ]
    if not decision.unsafe:
        assert sorted(judged) == sorted(s.id for s in seen.servers), "each server is judged once"
    assert len(set(started)) == len(started)
    assert all(len(batch) <= per_job for batch in decision.start)
    active = [j for j in seen.jobs if j.is_active]
    assert not started or len(active) + len(decision.start) <= most_jobs
    assert not started or sum(len(j.participants) for j in active) + len(started) <= most_servers
    for each in started:
        assert not any(j.participant(each) for j in active), "it is in a job"
        assert not any(each in o.servers and o.is_unanswered(seen.now) for o in seen.intents), "its order is open"
        assert not any(
            each in o.servers and o.job is not None and o.job not in {j.id for j in seen.jobs} for o in seen.intents
        ), "its job is only not listed yet"
    assert decision.is_done == (len(decision.recovered) == len(seen.servers))

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
from tests.drs.sample_records import (
    BEGAN,
    NOW,
    REQUEST,
    ec2_instance,
    ended_job,
    instance,
    intent,
    job,
    observed_state,
    server,
)

RETRY = replace(REQUEST, attempt=2)


def state(seen: ObservedState, request: RecoveryRequest = REQUEST) -> RecoveryState:
    return assess_server(seen.servers[0], request, seen).state


def test_untouched_server_is_started() -> None:
    assert state(observed_state([server()])) is RecoveryState.TO_START


@pytest.mark.parametrize("status", ["PENDING", "IN_PROGRESS"])
def test_server_in_own_job_is_waiting(status: str) -> None:
    assert state(observed_state([server()], [job("j", {1: status})])) is RecoveryState.WAITING


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
def test_launched_server_is_recovered_when_instance_checks_pass(
    ec2: Ec2State, checks: tuple[str, ...], expected: RecoveryState
) -> None:
    seen = observed_state(
        [server()], [ended_job("j", {1: "LAUNCHED"})], [instance()], [ec2_instance(state=ec2, checks=checks)]
    )
    assert state(seen) is expected


def test_instance_missing_in_ec2_is_waiting() -> None:
    assert state(observed_state([server()], [ended_job("j", {1: "LAUNCHED"})], [instance()])) is RecoveryState.WAITING


def test_unlisted_recovery_instance_is_waiting_then_failed() -> None:
    just_ended = ended_job("j", {1: "LAUNCHED"}, minutes_ago=0.5)
    assert state(observed_state([server()], [just_ended])) is RecoveryState.WAITING
    assert state(observed_state([server()], [ended_job("j", {1: "LAUNCHED"})])) is RecoveryState.FAILED
    assert state(observed_state([server()], [ended_job("j", {1: "LAUNCHED"})]), RETRY) is RecoveryState.TO_START


@pytest.mark.parametrize("status", ["FAILED", "TERMINATED"])
def test_failed_launch_is_restarted_by_next_attempt(status: str) -> None:
    seen = observed_state([server()], [ended_job("j", {1: status})])
    assert state(seen) is RecoveryState.FAILED
    assert state(seen, RETRY) is RecoveryState.TO_START


@pytest.mark.parametrize("status", ["PENDING", "IN_PROGRESS"])
def test_job_ended_without_launch_is_failure(status: str) -> None:
    assert state(observed_state([server()], [ended_job("j", {1: status}, minutes_ago=0.5)])) is RecoveryState.WAITING
    assert state(observed_state([server()], [ended_job("j", {1: status})])) is RecoveryState.FAILED


def test_server_launched_in_earlier_attempt_is_recovered() -> None:
    seen = observed_state([server()], [ended_job("j", {1: "LAUNCHED"})], [instance()], [ec2_instance()])
    assert state(seen, RETRY) is RecoveryState.RECOVERED


def test_server_launching_in_earlier_attempt_is_waiting() -> None:
    assert state(observed_state([server()], [job("j", {1: "IN_PROGRESS"})]), RETRY) is RecoveryState.WAITING


def test_latest_attempt_decides_state() -> None:
    jobs = [ended_job("j1", {1: "FAILED"}), job("j2", {1: "IN_PROGRESS"}, attempt=2)]
    assert state(observed_state([server()], jobs), RETRY) is RecoveryState.WAITING
    jobs = [ended_job("j2", {1: "FAILED"}, attempt=2), ended_job("j1", {1: "FAILED"})]
    assert state(observed_state([server()], jobs), RETRY) is RecoveryState.FAILED


@pytest.mark.parametrize("stopped", [Ec2State.STOPPED, Ec2State.STOPPING])
def test_stopped_instance_is_failed_not_replaced(stopped: Ec2State) -> None:
    seen = observed_state(
        [server()], [ended_job("j", {1: "LAUNCHED"})], [instance()], [ec2_instance(state=stopped, checks=())]
    )
    assert state(seen, RETRY) is RecoveryState.FAILED


@pytest.mark.parametrize("status", ["CLONED", ""])
def test_unknown_launch_status_is_rejected(status: str) -> None:
    with pytest.raises(SurprisingAnswer, match="the launch status of s-1 in j is"):
        state(observed_state([server()], [job("j", {1: status})]))


def test_unknown_job_status_is_rejected() -> None:
    with pytest.raises(SurprisingAnswer, match="the status of j is 'CANCELLED'"):
        state(observed_state([server()], [job("j", {1: "PENDING"}, status="CANCELLED")]))


def test_unknown_job_of_another_run_is_ignored() -> None:
    strange = job("x", {9: "CLONED"}, run="other", type="CLONE", status="CANCELLED")
    assert state(observed_state([server()], [strange])) is RecoveryState.TO_START


def test_active_job_of_another_run_is_waited_for() -> None:
    assert state(observed_state([server()], [job("x", {1: "PENDING"}, run="other")])) is RecoveryState.WAITING
    assert (
        state(observed_state([server()], [job("x", {1: "PENDING"}, tags={}, type="TERMINATE")]))
        is RecoveryState.WAITING
    )


def test_live_instance_of_another_run_is_unsafe() -> None:
    seen = observed_state(
        [server()], [ended_job("x", {1: "LAUNCHED"}, run="other")], [instance(by="x")], [ec2_instance()]
    )
    assert state(seen) is RecoveryState.UNSAFE
    assert (
        plan_launches(REQUEST, observed_state([server(), server(2)], instances=[instance()]), LaunchQuotas()).start
        == ()
    )


def test_drill_or_terminated_instance_does_not_block_start() -> None:
    assert state(observed_state([server()], instances=[instance(isDrill=True)])) is RecoveryState.TO_START
    assert state(observed_state([server()], instances=[instance(state="TERMINATED")])) is RecoveryState.TO_START
    gone = ec2_instance(state=Ec2State.TERMINATED)
    assert state(observed_state([server()], instances=[instance()], machines=[gone])) is RecoveryState.TO_START


@pytest.mark.parametrize("replication", ["STOPPED", "DISCONNECTED", "INITIATING", "INITIAL_SYNC"])
def test_server_without_recovery_point_fails(replication: str) -> None:
    assert state(observed_state([server(state=replication)])) is RecoveryState.FAILED


@pytest.mark.parametrize("replication", ["STALLED", "BACKLOG", "PAUSED", "RESCAN", "CREATING_SNAPSHOT"])
def test_lagging_or_stalled_server_is_started(replication: str) -> None:
    assert state(observed_state([server(state=replication)])) is RecoveryState.TO_START


def test_unanswered_launch_intent_blocks_its_servers() -> None:
    seen = observed_state([server(), server(2)], intents=[intent(1, 1)])
    assert state(seen) is RecoveryState.WAITING
    assert plan_launches(REQUEST, seen, LaunchQuotas()).start == (("s-2",),)
    assert plan_launches(REQUEST, seen, LaunchQuotas()).first_intent_number == 2
    assert (
        state(observed_state([server()], intents=[intent(1, 1, seconds_ago=UNANSWERED_HOLD.total_seconds())]))
        is RecoveryState.TO_START
    )


def test_answered_launch_intent_waits_until_job_is_listed() -> None:
    old = intent(1, 1, seconds_ago=9999, job="j")
    assert state(observed_state([server()], intents=[old])) is RecoveryState.WAITING
    assert (
        state(observed_state([server()], [ended_job("j", {1: "FAILED"})], intents=[old]), RETRY)
        is RecoveryState.TO_START
    )


def test_own_job_without_tags_is_rejected() -> None:
    seen = observed_state([server()], [ended_job("j", {1: "LAUNCHED"}, tags={})], intents=[intent(1, 1, job="j")])
    with pytest.raises(SurprisingAnswer, match="j came without the tags"):
        state(seen)


@pytest.mark.parametrize("listed", [{}, {2: "LAUNCHED"}])
def test_own_job_without_its_servers_is_rejected(listed: dict[int, str]) -> None:
    seen = observed_state([server()], [ended_job("j", listed)], intents=[intent(1, 1, job="j")])
    with pytest.raises(SurprisingAnswer, match="j came without s-1, which it was started for"):
        state(seen)


def test_launch_seen_only_in_server_lifecycle_is_waited_for() -> None:
    def begun(minutes_ago: float) -> SourceServer:
        initiated = {"apiCallDateTime": (NOW - timedelta(minutes=minutes_ago)).isoformat(), "jobID": "unseen"}
        return server(lifeCycle={"lastLaunch": {"initiated": initiated}})

    assert state(observed_state([begun(1)])) is RecoveryState.WAITING
    assert state(observed_state([begun(29)])) is RecoveryState.TO_START, "its job would have been listed long since"
    assert state(observed_state([begun(45)])) is RecoveryState.TO_START, "before this run began"


def test_launch_of_taken_over_run_is_kept() -> None:
    heir = replace(REQUEST, run="r2", predecessors=("r",))
    seen = observed_state([server()], [ended_job("j", {1: "LAUNCHED"})], [instance()], [ec2_instance()])
    assert state(seen, heir) is RecoveryState.RECOVERED
    assert state(observed_state([server()], [job("j", {1: "IN_PROGRESS"})]), heir) is RecoveryState.WAITING
    assert state(observed_state([server()], [ended_job("j", {1: "FAILED"})]), heir) is RecoveryState.TO_START


def test_taken_over_launch_with_other_point_in_time_is_unsafe() -> None:
    point = BEGAN - timedelta(hours=1)
    heir = replace(REQUEST, run="r2", predecessors=("r",), point_in_time=point, snapshot_times={"s-1": point})
    jobs = [ended_job("j", {1: "LAUNCHED"})]

    def with_data_of(at: object) -> ObservedState:
        return observed_state([server()], jobs, [instance(pointInTimeSnapshotDateTime=at)], [ec2_instance()])

    assert state(with_data_of(BEGAN.isoformat()), heir) is RecoveryState.UNSAFE
    assert state(with_data_of((point - timedelta(hours=1)).isoformat()), heir) is RecoveryState.UNSAFE
    assert state(with_data_of(point.isoformat()), heir) is RecoveryState.RECOVERED


def test_quotas_count_active_jobs_of_all_runs() -> None:
    jobs = [job(f"x{n}", dict.fromkeys(range(10), "PENDING"), run="other") for n in range(3)]
    left = quota_headroom(
        [*jobs, ended_job("done", {1: "LAUNCHED"})], LaunchQuotas(servers_per_job=4, jobs=5, servers_in_jobs=37)
    )
    assert (left.jobs, left.servers) == (2, 7)
    assert fill_batches([str(n) for n in range(9)], left, 4) == (("0", "1", "2", "3"), ("4", "5", "6"))
    assert fill_batches([str(n) for n in range(20)], replace(left, servers=500), 4)[-1] == ("4", "5", "6", "7")
    assert quota_headroom(jobs, LaunchQuotas(jobs=1, servers_in_jobs=1)).jobs == 0


STATUSES = st.sampled_from(["PENDING", "IN_PROGRESS", "LAUNCHED", "FAILED", "TERMINATED"])


@st.composite
def observed_states(draw: st.DrawFn) -> ObservedState:
    numbers = range(1, draw(st.integers(1, 6)) + 1)
    servers = [server(n, draw(st.sampled_from(["CONTINUOUS", "STALLED", "STOPPED"]))) for n in numbers]
    jobs: list[Job] = []
    for n in range(draw(st.integers(0, 4))):
        members = {m: draw(STATUSES) for m in draw(st.sets(st.sampled_from(numbers)))}
        make = draw(st.sampled_from([job, ended_job]))
        owner = draw(st.sampled_from(["r", "other", "before"]))
        jobs.append(make(f"j{n}", members, run=owner, attempt=draw(st.integers(1, 2))))
    instances: list[RecoveryInstance] = [
        instance(n, f"j{draw(st.integers(0, 4))}", draw(st.sampled_from(["RUNNING", "TERMINATED"])))
        for n in draw(st.sets(st.sampled_from(numbers)))
    ]
    machines = [ec2_instance(n) for n in draw(st.sets(st.sampled_from(numbers)))]
    orders: list[LaunchIntent] = [
        intent(
            n + 1,
            *draw(st.sets(st.sampled_from(numbers), min_size=1)),
            seconds_ago=draw(st.integers(0, 300)),
            job=draw(st.sampled_from([None, "j0", "unseen"])),
        )
        for n in range(draw(st.integers(0, 2)))
    ]
    return observed_state(servers, jobs, instances, machines, orders)


@given(observed_states(), st.integers(1, 3), st.integers(1, 3), st.integers(0, 4), st.integers(0, 6))
def test_no_observed_state_starts_a_server_twice(
    seen: ObservedState, attempt: int, per_job: int, most_jobs: int, most_servers: int
) -> None:
    recovery_request = replace(REQUEST, attempt=attempt, predecessors=("before",))
    try:
        decision = plan_launches(recovery_request, seen, LaunchQuotas(per_job, most_jobs, most_servers))
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

"""What the recovery of a group starts, waits for, and says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from leeward.common.claims.types.server_claims import Launched, LaunchedServer, Launching
from leeward.common.errors import AccessDenied, LaunchFailed, NotReady, QuotaExceeded
from leeward.drs.api.states import Ec2State, JobStatus
from leeward.drs.inventory.recovery_instances import Ec2Instance
from leeward.drs.launch.launch_intents import LaunchIntent
from leeward.drs.launch.launch_plan import LaunchQuotas
from leeward.drs.launch.server_status import ObservedState
from leeward.drs.recovery.group_recovery import GroupProgress, GroupRecovery
from tests.drs.sample_records import (
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
from tests.drs.stub_clients import WEB, StubDrs, refused


class Intents:
    """The intents of one call. `taken` numbers were used by another call."""

    def __init__(self, taken: Sequence[int] = ()) -> None:
        self.taken, self.recorded, self.jobs = taken, dict[int, LaunchIntent](), dict[int, str]()

    def record(self, intent: LaunchIntent) -> bool:
        self.recorded[intent.number] = intent
        return intent.number not in self.taken

    def record_job(self, intent: LaunchIntent, job: str) -> None:
        self.jobs[intent.number] = job

    def withdraw(self, intent: LaunchIntent) -> None:
        del self.recorded[intent.number]


def started_jobs(*names: str) -> dict[str, Any]:
    left = list(names)
    return {"start_recovery": lambda **_: {"job": {"jobID": left.pop(0)}}}


def advance(
    seen: ObservedState,
    drs: StubDrs | None = None,
    *,
    intents: Intents | None = None,
    quotas: LaunchQuotas | None = None,
    is_last: bool = False,
) -> GroupProgress:
    client: Any = drs or StubDrs(answers=started_jobs("j1", "j2", "j3"))
    store: Any = intents or Intents()
    recovery = GroupRecovery(client, client, store, WEB, "b", REQUEST, quotas or LaunchQuotas(), "someone")
    return recovery.advance(seen, is_last=is_last)


@pytest.mark.parametrize(
    ("count", "more"),
    [(1, None), (5, None), (6, "and 1 more under way"), (7, "and 2 more under way"), (16, "and 11 more under way")],
)
def test_five_waiting_servers_are_listed(count: int, more: str | None) -> None:
    active = job("j", dict.fromkeys(range(1, count + 1), "PENDING"))
    progress = advance(observed_state([server(n) for n in range(1, count + 1)], [active]))
    assert progress.result.detail.split("; ") == [
        f"web: 0 of {count} recovered",
        *(f"s-{n} (web-{n}): j is launching it" for n in range(1, min(count, 5) + 1)),
        *([more] if more else []),
    ]
    assert progress.result.claims == (Launching(group="web", jobs=("j",)),)


def mixed_group() -> ObservedState:
    """One server is recovered, one waits, one failed, and two have not started."""
    jobs = [ended_job("j", {1: "LAUNCHED", 3: "FAILED"}), job("k", {2: "PENDING"})]
    return observed_state([server(n) for n in range(1, 6)], jobs, [instance(1)], [ec2_instance(1)])


def test_progress_counts_servers_by_state() -> None:
    progress = advance(mixed_group(), quotas=LaunchQuotas(jobs=2, servers_per_job=1))
    assert progress.result.detail == (
        "web: 1 of 5 recovered; j1 started for 1; s-2 (web-2): k is launching it; "
        "1 wait for room in DRS's quotas; 1 failed, reported when the others finish"
    )
    assert progress.result.claims == (Launching(group="web", jobs=("j", "j1", "k"), recovered=("s-1",)),)
    assert progress.started == {"j1": ("s-4",)}
    assert progress.watched is None, "a server waits for room in the quotas"


def test_failure_is_raised_when_nothing_is_under_way_or_in_the_last_poll() -> None:
    logs = {"j": [{"event": "LAUNCH_FAILED", "eventData": {"sourceServerID": "s-3", "rawError": "no capacity"}}]}
    with pytest.raises(LaunchFailed) as failed:
        advance(mixed_group(), StubDrs(logs=logs), is_last=True)
    assert str(failed.value) == (
        "1 of 5 servers of group 'web' did not launch: s-3 (web-3): LAUNCH_FAILED: no capacity (j)"
    )
    (claim,) = failed.value.claims
    assert isinstance(claim, Launched)
    assert claim.servers == (
        LaunchedServer(id="s-1", name="web-1", instance="i-1", job="j"),
        LaunchedServer(id="s-3", name="web-3", job="j", reason="LAUNCH_FAILED: no capacity (j)"),
    )
    ended = replace(mixed_group(), servers=[server(1), server(3)])
    with pytest.raises(LaunchFailed, match="1 of 2 servers"):
        advance(ended, StubDrs(logs=logs))


def test_recovered_group_is_claimed_with_times() -> None:
    point, launched = NOW - timedelta(hours=1), NOW - timedelta(minutes=9)
    seen = observed_state(
        [server(1), server(2)],
        [ended_job("j", {1: "LAUNCHED", 2: "LAUNCHED"})],
        [instance(1, pointInTimeSnapshotDateTime=point.isoformat()), instance(2)],
        [Ec2Instance("i-1", Ec2State.RUNNING, ("ok", "ok"), launched), ec2_instance(2)],
    )
    progress = advance(seen)
    assert progress.result.claims == (
        Launched(
            group="web",
            region="b",
            since=launched.isoformat(),
            servers=(
                LaunchedServer(
                    id="s-1", name="web-1", instance="i-1", job="j",
                    recovery_point=point.isoformat(), launched_at=launched.isoformat(),
                ),
                LaunchedServer(id="s-2", name="web-2", instance="i-2", job="j"),
            ),
        ),
    )  # fmt: skip


def test_live_instance_of_others_is_named() -> None:
    with pytest.raises(NotReady) as unsafe:
        advance(observed_state([server(1), server(2)], instances=[instance(1, "x")], machines=[ec2_instance()]))
    assert str(unsafe.value) == (
        "group 'web' was not launched: s-1 (web-1): it has a live recovery instance, i-1, that this step did not "
        "launch and that a new launch would replace. Terminate the instance if it is not needed, or start with "
        '{"take_over": "<the run that launched it>"} to continue with it'
    )


def test_batches_are_numbered_tagged_and_recorded() -> None:
    drs, intents = StubDrs(answers=started_jobs("j1", "j2")), Intents()
    earlier = [
        ended_job("j", {1: "LAUNCHED"}, tags=job("j", {}).tags | {"leeward:batch": "4"}),
        ended_job("k", {9: "LAUNCHED"}, run="other", tags=job("k", {}, run="other").tags | {"leeward:batch": "8"}),
    ]
    seen = observed_state([server(n) for n in range(2, 5)], earlier, intents=[intent(6, 9, seconds_ago=999, job="k")])
    progress = advance(seen, drs, intents=intents, quotas=LaunchQuotas(servers_per_job=2))
    batches = [given["tags"]["leeward:batch"] for _, given in drs.changes]
    assert batches == ["5", "6"]
    assert [given["isDrill"] for _, given in drs.changes] == [False, False]
    assert {number: each.servers for number, each in intents.recorded.items()} == {7: ("s-2", "s-3"), 8: ("s-4",)}
    assert intents.jobs == {7: "j1", 8: "j2"}
    assert "j1 started for 2; j2 started for 1" in progress.result.detail


def test_intent_of_another_call_starts_nothing() -> None:
    drs, intents = StubDrs(answers=started_jobs("j1")), Intents(taken=[2])
    progress = advance(
        observed_state([server(1), server(2)]), drs, intents=intents, quotas=LaunchQuotas(servers_per_job=1)
    )
    assert list(progress.started) == ["j1"]
    assert "another call is starting servers of this group" in progress.result.detail
    assert progress.watched is None


@pytest.mark.parametrize(
    ("code", "withdrawn"),
    [("ConflictException", True), ("ThrottlingException", True), ("InternalServerException", False)],
)
def test_refused_start_withdraws_its_intent(code: str, withdrawn: bool) -> None:
    intents = Intents()
    progress = advance(observed_state([server()]), StubDrs(answers={"start_recovery": refused(code)}), intents=intents)
    assert progress.result.detail.endswith("; looking again")
    assert (not intents.recorded) is withdrawn


@pytest.mark.parametrize("status", list(JobStatus))
def test_exceeded_quota_is_waited_for_while_a_job_is_active(status: JobStatus) -> None:
    other = job("x", {9: "PENDING"}, run="other", status=status, creationDateTime="2999-01-01T00:00:00Z")
    drs = StubDrs(jobs=[other], answers={"start_recovery": refused("ServiceQuotaExceededException")})
    if status is JobStatus.COMPLETED:
        with pytest.raises(QuotaExceeded):
            advance(observed_state([server()]), drs)
    else:
        assert advance(observed_state([server()]), drs).result.detail.endswith("; looking again")


def test_denied_start_fails() -> None:
    intents = Intents()
    with pytest.raises(AccessDenied):
        advance(
            observed_state([server()]), StubDrs(answers={"start_recovery": refused("AccessDenied")}), intents=intents
        )
    assert not intents.recorded


@pytest.mark.parametrize(
    ("seen", "jobs", "instances", "ready_in"),
    [
        (observed_state([server()]), ("j1",), (), timedelta(minutes=8)),
        (observed_state([server()], [job("j", {1: "PENDING"})]), ("j",), (), timedelta(minutes=-22)),
        (
            observed_state([server(), server(2)], [job("j", {1: "PENDING"})]),
            ("j", "j1"),
            (),
            timedelta(minutes=8),
        ),
        (
            observed_state([server()], [ended_job("j", {1: "LAUNCHED"})], [instance()]),
            (),
            ("i-1",),
            timedelta(seconds=110),
        ),
        (
            observed_state(
                [server()],
                [ended_job("j", {1: "LAUNCHED"})],
                [instance()],
                [Ec2Instance("i-1", Ec2State.RUNNING, (), NOW - timedelta(seconds=60))],
            ),
            (),
            ("i-1",),
            timedelta(seconds=50),
        ),
    ],
)
def test_jobs_and_starting_instances_are_watched(
    seen: ObservedState, jobs: tuple[str, ...], instances: tuple[str, ...], ready_in: timedelta
) -> None:
    watched = advance(seen).watched
    assert watched is not None
    assert (watched.jobs, watched.instances, watched.ready_at - NOW) == (jobs, instances, ready_in)


@pytest.mark.parametrize(
    "seen",
    [
        observed_state([server()], intents=[intent(1, 1)]),
        observed_state([server()], [ended_job("j", {1: "LAUNCHED"}, minutes_ago=0.5)]),
    ],
)
def test_wait_for_anything_else_is_not_watched(seen: ObservedState) -> None:
    assert advance(seen).watched is None

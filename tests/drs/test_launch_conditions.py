"""What a preflight finds in a Region: losses, obstacles, quotas, and instances that block a launch."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from leeward.drs.api.models import Job, RecoveryInstance, Snapshot, SourceServer
from leeward.drs.api.states import LaunchDisposition, ReplicationDirection, ReplicationState
from leeward.drs.launch.launch_plan import LaunchQuotas
from leeward.drs.preflight.launch_checks import (
    ExpectedLoss,
    PreflightConditions,
    describe_losses,
    disposition_problems,
    estimate_loss,
    launch_obstacles,
    live_instance_problems,
    quota_problems,
)
from leeward.drs.preflight.launch_settings import LaunchSettingsCheck
from leeward.drs.preflight.server_inspection import PreflightFindings, inspect_servers
from tests.drs.sample_records import NOW, ended_job, instance, job, server
from tests.drs.stub_clients import WEB, StubDrs, StubEc2

RPO = timedelta(minutes=5)


def lagging(number: int, lag: str | None, state: str = "CONTINUOUS", role: str = "web") -> SourceServer:
    info = {"dataReplicationState": state} | ({"lagDuration": lag} if lag else {})
    return server(number, tags={"Role": role, "Name": f"web-{number}"}, dataReplicationInfo=info)


def inspect(
    servers: list[SourceServer],
    *,
    instances: tuple[RecoveryInstance, ...] = (),
    jobs: tuple[Job, ...] = (),
    states: dict[str, str] | None = None,
    snapshots: dict[str, list[Snapshot]] | None = None,
    stopped: tuple[str, ...] = (),
    point: datetime | None = None,
    **more: Any,
) -> PreflightFindings:
    def settings(sourceServerID: str) -> dict[str, str]:  # noqa: N803 - AWS's name
        return {"launchDisposition": "STOPPED" if sourceServerID in stopped else "STARTED"}

    answers = {"get_launch_configuration": settings}
    drs: Any = StubDrs(servers, instances, jobs, snapshots=snapshots or {}, answers=answers)
    ec2: Any = StubEc2(states or {})
    given = {"now": NOW, "incident_at": None} | more
    found = inspect_servers(drs, ec2, [WEB], "b", RPO, point_in_time=point, **given)
    assert isinstance(found, PreflightFindings)
    return found


# -- checks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", list(ReplicationState))
def test_server_without_recovery_point_or_known_loss_is_an_obstacle(state: ReplicationState) -> None:
    conditions = PreflightConditions(NOW, None, None)
    found = launch_obstacles([server(1, state)], conditions)
    if state in ("STOPPED", "INITIATING", "INITIAL_SYNC", "DISCONNECTED"):
        assert found == [f"s-1 (web-1): replication is {state.value}, so nothing can be launched"]
    elif state is ReplicationState.CONTINUOUS:
        assert found == []
        assert estimate_loss(server(1, state), conditions).expected == timedelta(0)
    else:
        unknown = f"replication is {state.value} and reports no lag, so the data loss is not known"
        assert found == [f"s-1 (web-1): {unknown}"]


def test_missing_point_in_time_is_an_obstacle() -> None:
    conditions = PreflightConditions(NOW, None, NOW, {"s-1": NOW - timedelta(minutes=3)})
    assert launch_obstacles([server(1), server(2)], conditions) == [
        "s-2 (web-2): no point in time at or before 2026-03-01T10:00:00+00:00 exists"
    ]
    assert estimate_loss(server(1), conditions).expected == timedelta(minutes=3)
    assert estimate_loss(server(2), conditions).expected is None
    future = PreflightConditions(NOW, NOW - timedelta(hours=1), NOW, {"s-1": NOW})
    assert estimate_loss(server(1), future).expected == timedelta(0)


@pytest.mark.parametrize("disposition", list(LaunchDisposition))
def test_disposition_other_than_started_is_a_problem(disposition: LaunchDisposition) -> None:
    found = disposition_problems({"s-1": disposition}, [server()])
    text = "s-1 (web-1): its launch settings leave the instance STOPPED; set launchDisposition to STARTED"
    assert found == ([] if disposition is LaunchDisposition.STARTED else [text])


def test_live_instance_is_named_with_the_way_to_continue() -> None:
    assert live_instance_problems([server(1), server(2)], [instance(2)]) == [
        "s-2 (web-2): it has a live recovery instance, i-2, that a new launch would replace; terminate it, or start "
        'with {"take_over": "<the run that launched it>"} to continue with it'
    ]


@pytest.mark.parametrize(
    ("launches", "servers", "jobs", "problems"),
    [
        (8, 10, 1, []),
        (8, 11, 1, ["11 source servers, and DRS replicates 10 per Region"]),
        (9, 10, 1, ["9 servers to launch, and DRS has at most 8 in jobs at a time"]),
        (8, 10, 2, ["2 jobs are already running, as many as DRS allows"]),
        (8, 10, 3, ["2 jobs are already running, as many as DRS allows"]),
    ],
)
def test_quotas_are_exceeded_beyond_their_value(launches: int, servers: int, jobs: int, problems: list[str]) -> None:
    quotas = LaunchQuotas(jobs=2, servers_in_jobs=8, replicating_servers=10)
    active = [job(f"j{n}", {n: "PENDING"}) for n in range(jobs)]
    assert quota_problems(launches, servers, [*active, ended_job("done", {})], quotas) == problems


@pytest.mark.parametrize("incident", [None, NOW])
def test_losses_are_described_with_the_way_to_continue(incident: datetime | None) -> None:
    losses = [ExpectedLoss(server(1), timedelta(minutes=7)), ExpectedLoss(server(2), timedelta(hours=1))]
    hint = "" if incident else ", or with incident_at if the incident began before now"
    assert describe_losses(losses, RPO, PreflightConditions(NOW, incident, None)) == (
        "the objective allows a data loss of 5m: s-1 (web-1) would lose 7m; s-2 (web-2) would lose 1h. Start with "
        f'{{"accept_data_loss": true}} to continue anyway{hint}'
    )


# -- inspection -------------------------------------------------------------------------------------


def test_losses_are_found_by_group() -> None:
    found = inspect([lagging(1, "PT4M"), lagging(2, "PT5M"), lagging(3, "PT6M"), lagging(4, "PT9M", role="mail")])
    assert (found.servers, found.problems, found.worst_loss_seconds) == (3, (), 360)
    assert [loss.server.id for loss in found.losses] == ["s-3"]
    assert found.loss_text.startswith("the objective allows a data loss of 5m: s-3 (web-3) would lose 6m. ")
    assert found.loss_by_group == {"web": 360}


def test_unknown_loss_makes_that_of_the_group_unknown() -> None:
    found = inspect([lagging(1, "PT4M"), lagging(2, None, "STALLED")])
    assert (found.losses, found.loss_text, found.worst_loss_seconds) == ((), "", 240)
    assert found.loss_by_group == {"web": None}
    assert len(found.problems) == 1


def test_stopped_disposition_is_found() -> None:
    (problem,) = inspect([lagging(n, None) for n in (1, 2, 3)], stopped=("s-2",)).problems
    assert problem.startswith("s-2 (web-2): its launch settings")


def test_only_servers_of_the_direction_are_inspected() -> None:
    back = lagging(2, "PT9M").model_copy(update={"direction": ReplicationDirection.FAILBACK})
    assert inspect([lagging(1, None), back], direction=ReplicationDirection.FAILOVER).servers == 1


def test_point_in_time_uses_newest_finished_snapshot() -> None:
    def snapshot(name: str, minutes: float | None) -> Snapshot:
        at = None if minutes is None else (NOW - timedelta(minutes=minutes)).isoformat()
        return Snapshot.model_validate({"snapshotID": name} | ({"timestamp": at} if at else {}))

    snapshots = {"s-1": [snapshot("old", 4), snapshot("new", 2), snapshot("unfinished", None)]}
    found = inspect([lagging(1, "PT1S"), lagging(2, "PT1S")], snapshots=snapshots, point=NOW)
    assert found.worst_loss_seconds == 120
    assert [problem.split(":")[0] for problem in found.problems] == ["s-2 (web-2)"]


@pytest.mark.parametrize(
    ("one", "state", "blocks"),
    [
        (instance(1, "x"), "running", True),
        (instance(1, "x"), "stopped", True),
        (instance(1, "x"), "terminated", False),
        (instance(1, "x"), "shutting-down", False),
        (instance(1, "x"), None, True),
        (instance(1, "x", isDrill=True), "running", False),
        (instance(1, "x", state="TERMINATED"), "running", False),
        (instance(1, "own"), "running", False),
        (instance(1, "own-old"), "running", False),
        (instance(1, "own").model_copy(update={"job": None}), "running", True),
    ],
)
def test_live_instance_that_no_predecessor_launched_blocks(
    one: RecoveryInstance, state: str | None, blocks: bool
) -> None:
    long_ago = (NOW - timedelta(days=9)).isoformat()
    jobs = (
        ended_job("x", {1: "LAUNCHED"}, run="other"),
        ended_job("own", {1: "LAUNCHED"}, run="before"),
        ended_job("own-old", {1: "LAUNCHED"}, run="before", creationDateTime=long_ago),
    )
    states = {"i-1": state} if state else {}
    found = inspect([lagging(1, None)], instances=(one,), jobs=jobs, states=states, predecessors=["before"])
    assert [problem.split(",")[0] for problem in found.problems] == (
        ["s-1 (web-1): it has a live recovery instance"] if blocks else []
    )


def test_jobs_of_the_last_day_count_against_quotas() -> None:
    recent, old = (
        job(name, {9: "PENDING"}, creationDateTime=(NOW - timedelta(hours=hours)).isoformat())
        for name, hours in (("recent", 24), ("old", 24.1))
    )
    quotas = LaunchQuotas(jobs=1)
    assert inspect([lagging(1, None)], jobs=(old,), quotas=quotas).problems == ()
    (problem,) = inspect([lagging(1, None)], jobs=(recent,), quotas=quotas).problems
    assert problem == "1 jobs are already running, as many as DRS allows"


def test_settings_are_known_for_servers_that_were_read() -> None:
    check = LaunchSettingsCheck(until="s-2", stopped=("s-2",))
    assert check.dispositions([server(1), server(2)]) == {
        "s-1": LaunchDisposition.STARTED,
        "s-2": LaunchDisposition.STOPPED,
    }

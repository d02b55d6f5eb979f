"""What is observed before a launch, and what the rollback of a recovery terminates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from leeward.common.claims.types.server_claims import Terminated
from leeward.common.polling import PollResult
from leeward.drs.api.models import Job, RecoveryInstance
from leeward.drs.inventory.recovery_jobs import LAUNCH_JOB
from leeward.drs.recovery.launch_observation import LaunchObservation, observe_groups
from leeward.drs.recovery.recovery_undo import undo_recovery
from tests.drs.sample_records import BEGAN, NOW, ended_job, instance, intent, job, observed_state, server
from tests.drs.stub_clients import WEB, StubDrs, StubEc2, refused


def test_observation_has_jobs_that_intents_and_instances_name() -> None:
    long_ago = (BEGAN - timedelta(hours=25)).isoformat()
    jobs = [
        job("recent", {}),
        *(ended_job(name, {}, creationDateTime=long_ago) for name in ("launched", "intended", "old")),
    ]
    servers = [server(n, tags={"Role": "web" if n < 3 else "mail"}) for n in (1, 2, 3)]
    drs: Any = StubDrs(servers, [instance(2, "launched"), instance(3)], jobs)
    ec2 = StubEc2({"i-2": "running", "i-3": "running"})
    client: Any = ec2
    intents = {"web": [intent(1, 1, job="intended"), intent(2, 2)]}
    seen = observe_groups(drs, client, [WEB], "b", None, intents_by_group=intents, started_at=BEGAN, now=NOW)
    group = seen.of_group("web")
    assert [one.id for one in group.servers] == ["s-1", "s-2"]
    assert sorted(one.id for one in group.jobs) == ["intended", "launched", "recent"]
    assert [one.id for one in group.instances] == ["ri-2"]
    assert list(group.ec2_instances) == ["i-2"]
    assert group.intents == intents["web"]


def test_started_jobs_count_for_other_groups() -> None:
    seen = LaunchObservation({"web": observed_state([server()], [job("j", {})])}, NOW)
    seen.note_started("k", ["s-7"])
    noted = seen.of_group("web").jobs[1]
    assert (noted.id, noted.type, noted.is_active, noted.created) == ("k", LAUNCH_JOB, True, NOW)
    assert [part.server for part in noted.participants] == ["s-7"]


def undo(
    jobs: list[Job], instances: list[RecoveryInstance], *, drs: StubDrs | None = None, **more: Any
) -> tuple[PollResult, list[str]]:
    stub = drs or StubDrs()
    stub.servers = [server(n, tags={"Role": "web"}) for n in (1, 2, 3)]
    stub.jobs, stub.instances = jobs, instances
    client: Any = stub
    given: dict[str, Any] = {"started_at": BEGAN, "unanswered": ()} | more
    result = undo_recovery(client, [WEB], "b", "r", **given)
    return result, [i for _, change in stub.changes for i in change["recoveryInstanceIDs"]]


def test_rollback_terminates_instances_of_own_jobs() -> None:
    jobs = [ended_job("j", {1: "LAUNCHED", 2: "LAUNCHED"}), ended_job("x", {3: "LAUNCHED"}, run="other")]
    result, ended = undo(jobs, [instance(1), instance(2), instance(3, "x")])
    assert ended == ["ri-1", "ri-2"]
    assert (result.done, result.detail) == (False, "terminating i-1, i-2")
    result, ended = undo(jobs, [instance(1, state="TERMINATED"), instance(3, "x")])
    assert ended == []
    assert result.claims == (Terminated(what="launched", region="b"),)


def test_rollback_waits_for_launches_and_jobs_that_may_appear() -> None:
    jobs = [job("j", {1: "PENDING"}), job("k", {2: "PENDING"}), ended_job("t", {3: "LAUNCHED"}, type="TERMINATE")]
    unanswered = [intent(1, 3), intent(2, 9), intent(3, 2, 9)]
    result, ended = undo(jobs, [], unanswered=unanswered)
    assert ended == []
    assert result.detail == (
        "j still launches; k still launches; 2 StartRecovery calls without a response: waiting for a job to appear"
    )
    assert not undo([], [], unanswered=[intent(1, 3)])[0].done
    assert not undo(jobs[:1], [])[0].done
    assert undo(jobs[2:], [])[0].done


def test_rollback_waits_for_instances_that_a_job_works_on() -> None:
    launched = ended_job("j", {1: "LAUNCHED", 2: "LAUNCHED", 3: "LAUNCHED"})
    ending = job("t", {2: "PENDING", 3: "PENDING"}, type="TERMINATE")
    result, ended = undo([launched, ending], [instance(n) for n in (1, 2, 3)])
    assert ended == ["ri-1"]
    assert result.detail == "2 being terminated; terminating i-1"
    busy = StubDrs(answers={"terminate_recovery_instances": refused()})
    result, _ = undo([launched], [instance(1)], drs=busy)
    assert result.detail == "drs:TerminateRecoveryInstances: ConflictException: not now; looking again"


def test_rollback_terminates_only_drills_of_earlier_runs() -> None:
    long_ago = (BEGAN - timedelta(days=3)).isoformat()
    jobs = [
        ended_job("d", {1: "LAUNCHED"}, run="before", initiatedBy="START_DRILL", creationDateTime=long_ago),
        ended_job("l", {2: "LAUNCHED"}, run="before", creationDateTime=long_ago),
    ]
    instances = [instance(1, "d", isDrill=True), instance(2, "l")]
    assert undo(jobs, instances)[1] == []
    assert undo(jobs, instances, drill_runs=["before"])[1] == ["ri-1"]


def test_rollback_terminates_in_batches_of_two_hundred() -> None:
    stub = StubDrs()
    launched = ended_job("j", dict.fromkeys(range(1, 202), "LAUNCHED"))
    stub.servers = [server(n, tags={"Role": "web"}) for n in range(1, 202)]
    stub.jobs, stub.instances = [launched], [instance(n) for n in range(1, 202)]
    client: Any = stub
    undo_recovery(client, [WEB], "b", "r", started_at=BEGAN, unanswered=())
    assert [len(change["recoveryInstanceIDs"]) for _, change in stub.changes] == [200, 1]

"""When a launch plan is done or settled, which batch comes next, and who works on a server."""

from __future__ import annotations

import pytest

from leeward.drs.api.models import Job
from leeward.drs.inventory.recovery_jobs import CONVERT_JOB, LAUNCH_JOB, TERMINATE_JOB
from leeward.drs.launch.launch_plan import LaunchQuotas, next_batch_number, plan_launches
from leeward.drs.launch.server_status import ObservedState, assess_server
from tests.drs.sample_records import REQUEST, ec2_instance, ended_job, instance, job, observed_state, server


@pytest.mark.parametrize(
    ("seen", "done", "settled"),
    [
        (observed_state([server()], [ended_job("j", {1: "LAUNCHED"})], [instance()], [ec2_instance()]), True, True),
        (observed_state([server()], [ended_job("j", {1: "FAILED"})]), False, True),
        (observed_state([server()], [job("j", {1: "PENDING"})]), False, False),
        (observed_state([server()], instances=[instance(1, "x")], machines=[ec2_instance()]), False, True),
        (observed_state([server()]), False, False),
    ],
)
def test_plan_is_done_or_settled(seen: ObservedState, done: bool, settled: bool) -> None:
    decision = plan_launches(REQUEST, seen, LaunchQuotas())
    assert (decision.is_done, decision.is_settled) == (done, settled)
    deferred = plan_launches(REQUEST, seen, LaunchQuotas(jobs=0))
    assert (deferred.is_done, deferred.is_settled) == (done, settled)


def test_batch_number_counts_jobs_of_same_run_step_and_attempt() -> None:
    def numbered(batch: str, **tags: str) -> Job:
        return job("j", {}, tags=job("j", {}).tags | {"leeward:batch": batch} | tags)

    others = [
        numbered("9", **{"leeward:run": "q"}),
        numbered("9", **{"leeward:run": "s"}),
        numbered("9", **{"leeward:step": "a"}),
        numbered("9", **{"leeward:step": "z"}),
        numbered("9", **{"leeward:attempt": "0"}),
        numbered("9", **{"leeward:attempt": "2"}),
    ]
    assert next_batch_number(REQUEST, others) == 1
    assert next_batch_number(REQUEST, [*others, numbered("2"), numbered("1")]) == 3


@pytest.mark.parametrize(
    ("kind", "run", "owner"),
    [
        (LAUNCH_JOB, "other", "a job of run other"),
        (TERMINATE_JOB, "other", "a terminating job of run other"),
        (CONVERT_JOB, None, "a job that no run of ours started"),
        (TERMINATE_JOB, None, "a terminating job that no run of ours started"),
    ],
)
def test_job_at_work_is_named_with_its_owner(kind: str, run: str | None, owner: str) -> None:
    tags = {"leeward:run": run} if run else {}
    seen = observed_state([server()], [job("x", {1: "PENDING"}, tags=tags, type=kind)])
    assert assess_server(seen.servers[0], REQUEST, seen).reason == f"x is working on it, {owner}"


def test_quotas_are_those_that_aws_documents() -> None:
    quotas = LaunchQuotas()
    assert (quotas.servers_per_job, quotas.jobs, quotas.servers_in_jobs, quotas.replicating_servers) == (
        100,
        20,
        500,
        300,
    )

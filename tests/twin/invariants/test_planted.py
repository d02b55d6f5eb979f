"""Each invariant finds the fault that it is there for, and is content without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.invariants import INVARIANT_CHECKS
from leeward.rehearsal.invariants.run_record import (
    LaunchRecord,
    ObservedStep,
    RoutingChange,
    RunRecord,
    UnprotectedMachine,
)
from leeward.rehearsal.results.result_models import ExecutionOutcome, RunStepStatus
from leeward.twin.interception import AwsCall

T0 = datetime(2026, 3, 1, 9, tzinfo=UTC)
EAST, WEST = "us-east-1", "us-west-2"


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def call(operation: str, region: str, minutes: float) -> AwsCall:
    return AwsCall(at(minutes), "leeward-task", region, operation.split(":", maxsplit=1)[0], operation, "ok")


GOOD = RunRecord(
    origin=EAST,
    target=WEST,
    serving_region_at_start=EAST,
    trouble_started_at=at(5),
    started_at=at(7),
    ended_at=at(30),
    timeout_seconds=7200,
    moves_users=True,
    outcome=ExecutionOutcome.SUCCEEDED,
    journal_text="done",
    cause=None,
    requests=[
        ClientRequest(at(1), 0, EAST),
        ClientRequest(at(1), 1, EAST),
        ClientRequest(at(6), 0, None, "dark"),
        ClientRequest(at(6), 1, None, "dark"),
        ClientRequest(at(29), 0, WEST),
        ClientRequest(at(29), 1, WEST),
    ],
    calls=[call("drs:StartRecovery", WEST, 8), call("ec2:DescribeInstances", EAST, 1)],
    launches=[
        LaunchRecord("s-1", WEST, "job-1", "run", at(20), True),
        LaunchRecord("s-2", WEST, "job-1", "run", at(20), True),
    ],
    routing_changes=[
        RoutingChange(at(0), frozenset({EAST}), frozenset({EAST})),
        RoutingChange(at(25), frozenset({WEST}), frozenset({WEST})),
    ],
    region_outages=[(EAST, at(5), None)],
    servers=frozenset({"s-1", "s-2"}),
    unprotected_machines=[],
    unprotected_seconds=3600,
    reported_outcome="succeeded",
)


def broken(record: RunRecord) -> dict[str, str]:
    reports = [invariant(record) for invariant in INVARIANT_CHECKS]
    return {r.name: r.detail for r in reports if not r.held}


def test_nothing_is_wrong_with_a_good_run() -> None:
    assert broken(GOOD) == {}


def test_two_regions_serving_at_once() -> None:
    requests = [*GOOD.requests, ClientRequest(at(10), 0, EAST), ClientRequest(at(10), 1, WEST)]
    assert "from 09:10:00" in broken(replace(GOOD, requests=[*requests, *GOOD.requests[-2:]]))["single-writer"]


def test_users_sent_to_a_region_that_does_not_serve() -> None:
    routings = [RoutingChange(at(9), frozenset({WEST}), frozenset({EAST}))]
    assert WEST in broken(replace(GOOD, routing_changes=routings))["served"]
    # Whoever was sent there already is not sent there by what else is switched on.
    stays = [RoutingChange(at(9), frozenset({WEST}), frozenset({EAST}), previous_regions=frozenset({WEST}))]
    assert broken(replace(GOOD, routing_changes=stays)) == {}


def test_a_routing_from_before_the_run_is_not_the_runs_doing() -> None:
    assert broken(replace(GOOD, routing_changes=[RoutingChange(at(1), frozenset({WEST}), frozenset())])) == {}


def test_a_server_launched_twice() -> None:
    launches = [*GOOD.launches, LaunchRecord("s-2", WEST, "job-2", "run", at(28), True)]
    assert "s-2" in broken(replace(GOOD, launches=launches))["exactly-once"]


@pytest.mark.parametrize(("ended", "told"), [(24, False), (30, True)])
def test_a_second_launch_after_the_first_was_taken_back_is_no_fault(ended: int, told: bool) -> None:
    first, second = GOOD.launches
    again = LaunchRecord("s-2", WEST, "job-2", "run", at(28), True)
    launches = [first, replace(second, terminated_at=at(ended)), again]
    assert ("exactly-once" in broken(replace(GOOD, launches=launches))) is told


def test_a_second_launch_after_a_failed_one_is_no_fault() -> None:
    launches = [LaunchRecord("s-1", WEST, "job-0", "run", at(12), False), *GOOD.launches]
    assert broken(replace(GOOD, launches=launches)) == {}


def test_a_call_to_the_dark_region() -> None:
    calls = [*GOOD.calls, call("route53:ChangeResourceRecordSets", EAST, 20)]
    assert "route53:ChangeResourceRecordSets" in broken(replace(GOOD, calls=calls))["static-stability"]


def test_a_dark_cluster_endpoint_is_no_dependency() -> None:
    calls = [*GOOD.calls, call("route53-recovery-cluster:UpdateRoutingControlStates", EAST, 20)]
    assert broken(replace(GOOD, calls=calls)) == {}


def test_a_call_after_the_region_came_back() -> None:
    back = replace(GOOD, region_outages=[(EAST, at(5), at(15))], calls=[call("drs:StartRecovery", EAST, 16)])
    assert broken(back) == {}


def test_success_with_a_server_missing() -> None:
    assert "s-2" in broken(replace(GOOD, launches=GOOD.launches[:1]))["truth"]


def test_success_that_names_the_missing_server_is_the_truth() -> None:
    assert broken(replace(GOOD, launches=GOOD.launches[:1], journal_text="without s-2: no capacity")) == {}


def test_success_with_users_left_behind() -> None:
    assert "truth" in broken(replace(GOOD, requests=GOOD.requests[:-1]))


def test_failure_without_a_cause() -> None:
    assert "without a cause" in broken(replace(GOOD, outcome=ExecutionOutcome.FAILED))["truth"]


def test_failure_that_the_journal_does_not_know_of() -> None:
    failed = replace(GOOD, outcome=ExecutionOutcome.FAILED, cause="LaunchFailed", reported_outcome="running")
    assert "journal" in broken(failed)["truth"]
    told = replace(failed, cause="LaunchFailed (The end could not be recorded, the lock may be held: Throttled)")
    assert "truth" not in broken(told)


def test_evidence_that_tells_of_another_end_than_the_runs() -> None:
    assert "evidence says failed" in broken(replace(GOOD, reported_outcome="failed"))["truth"]
    account = "failed.\nDone: Take the lock\nNot done: Shift\nNow: mend it"
    steps = [ObservedStep("Take the lock", RunStepStatus.DONE), ObservedStep("Shift", RunStepStatus.NOT_REACHED)]
    failed = replace(GOOD, outcome=ExecutionOutcome.FAILED, reported_outcome="failed", cause=account, steps=steps)
    assert "truth" not in broken(replace(failed, reported_steps=frozenset({"Take the lock"})))
    assert "says that it was not reached" in broken(failed)["truth"]
    assert "says that it was" in broken(replace(failed, reported_steps=frozenset({"Take the lock", "Shift"})))["truth"]


def test_a_run_beyond_its_time() -> None:
    assert "bounded" in broken(replace(GOOD, ended_at=at(200)))


def test_a_machine_without_a_copy_of_which_nobody_was_told() -> None:
    bare = [UnprotectedMachine("database", WEST, at(20), at(29), reported=False)]
    assert "database" in broken(replace(GOOD, unprotected_machines=bare))["protected"]


def test_a_machine_without_a_copy_of_which_the_journal_tells() -> None:
    assert (
        broken(replace(GOOD, unprotected_machines=[UnprotectedMachine("database", WEST, at(20), None, reported=True)]))
        == {}
    )


def test_a_machine_without_a_copy_for_too_long() -> None:
    bare = [UnprotectedMachine("database", WEST, at(20), at(81), reported=True)]
    assert "1h1m, of 1h at most" in broken(replace(GOOD, unprotected_machines=bare))["protected"]


DRILL = replace(
    GOOD,
    moves_users=False,
    requests=[ClientRequest(at(29), 0, EAST)],
    routing_changes=[],
    calls=[],
    region_outages=[],
)


def test_a_drill_that_nobody_noticed() -> None:
    assert broken(DRILL) == {}


def test_a_drill_that_cost_a_request() -> None:
    requests = [ClientRequest(at(9), 0, None, "gone"), *DRILL.requests]
    assert "1 requests failed" in broken(replace(DRILL, requests=requests))["drill-isolation"]


def test_a_drill_that_touched_the_routing() -> None:
    routings = [RoutingChange(at(9), frozenset({EAST}), frozenset({EAST}))]
    assert "drill-isolation" in broken(replace(DRILL, routing_changes=routings))


def test_the_same_server_may_be_launched_on_either_side() -> None:
    both = [*GOOD.launches, LaunchRecord("s-1", EAST, "job-9", "run", at(22), True)]
    assert broken(replace(GOOD, launches=both)) == {}

"""Each invariant finds the fault that it is there for, and is content without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from leeward.twin.internet.clients import Request
from leeward.twin.invariants import ALL
from leeward.twin.invariants.record import Bare, Launch, Record, Routing, StepEnd
from leeward.twin.report import Outcome, StepStatus
from leeward.twin.wire import Call

T0 = datetime(2026, 3, 1, 9, tzinfo=UTC)
EAST, WEST = "us-east-1", "us-west-2"


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def call(operation: str, region: str, minutes: float) -> Call:
    return Call(at(minutes), "leeward-task", region, operation.split(":", maxsplit=1)[0], operation, "ok")


GOOD = Record(
    origin=EAST,
    target=WEST,
    home=EAST,
    since=at(5),
    started_at=at(7),
    ended_at=at(30),
    timeout_seconds=7200,
    moves_users=True,
    outcome=Outcome.SUCCEEDED,
    account="done",
    cause=None,
    requests=[
        Request(at(1), 0, EAST),
        Request(at(1), 1, EAST),
        Request(at(6), 0, None, "dark"),
        Request(at(6), 1, None, "dark"),
        Request(at(29), 0, WEST),
        Request(at(29), 1, WEST),
    ],
    calls=[call("drs:StartRecovery", WEST, 8), call("ec2:DescribeInstances", EAST, 1)],
    launches=[Launch("s-1", WEST, "job-1", "run", at(20), True), Launch("s-2", WEST, "job-1", "run", at(20), True)],
    routings=[
        Routing(at(0), frozenset({EAST}), frozenset({EAST})),
        Routing(at(25), frozenset({WEST}), frozenset({WEST})),
    ],
    dark=[(EAST, at(5), None)],
    servers=frozenset({"s-1", "s-2"}),
    bare=[],
    unprotected_seconds=3600,
    told="succeeded",
)


def broken(record: Record) -> dict[str, str]:
    reports = [invariant(record) for invariant in ALL]
    return {r.name: r.detail for r in reports if not r.held}


def test_nothing_is_wrong_with_a_good_run() -> None:
    assert broken(GOOD) == {}


def test_two_regions_serving_at_once() -> None:
    requests = [*GOOD.requests, Request(at(10), 0, EAST), Request(at(10), 1, WEST)]
    assert "from 09:10:00" in broken(replace(GOOD, requests=[*requests, *GOOD.requests[-2:]]))["single-writer"]


def test_users_sent_to_a_region_that_does_not_serve() -> None:
    routings = [Routing(at(9), frozenset({WEST}), frozenset({EAST}))]
    assert WEST in broken(replace(GOOD, routings=routings))["served"]
    # Whoever was sent there already is not sent there by what else is switched on.
    stays = [Routing(at(9), frozenset({WEST}), frozenset({EAST}), before=frozenset({WEST}))]
    assert broken(replace(GOOD, routings=stays)) == {}


def test_a_routing_from_before_the_run_is_not_the_runs_doing() -> None:
    assert broken(replace(GOOD, routings=[Routing(at(1), frozenset({WEST}), frozenset())])) == {}


def test_a_server_launched_twice() -> None:
    launches = [*GOOD.launches, Launch("s-2", WEST, "job-2", "run", at(28), True)]
    assert "s-2" in broken(replace(GOOD, launches=launches))["exactly-once"]


@pytest.mark.parametrize(("ended", "told"), [(24, False), (30, True)])
def test_a_second_launch_after_the_first_was_taken_back_is_no_fault(ended: int, told: bool) -> None:
    first, second = GOOD.launches
    again = Launch("s-2", WEST, "job-2", "run", at(28), True)
    launches = [first, replace(second, ended_at=at(ended)), again]
    assert ("exactly-once" in broken(replace(GOOD, launches=launches))) is told


def test_a_second_launch_after_a_failed_one_is_no_fault() -> None:
    launches = [Launch("s-1", WEST, "job-0", "run", at(12), False), *GOOD.launches]
    assert broken(replace(GOOD, launches=launches)) == {}


def test_a_call_to_the_dark_region() -> None:
    calls = [*GOOD.calls, call("route53:ChangeResourceRecordSets", EAST, 20)]
    assert "route53:ChangeResourceRecordSets" in broken(replace(GOOD, calls=calls))["static-stability"]


def test_a_dark_cluster_endpoint_is_no_dependency() -> None:
    calls = [*GOOD.calls, call("route53-recovery-cluster:UpdateRoutingControlStates", EAST, 20)]
    assert broken(replace(GOOD, calls=calls)) == {}


def test_a_call_after_the_region_came_back() -> None:
    back = replace(GOOD, dark=[(EAST, at(5), at(15))], calls=[call("drs:StartRecovery", EAST, 16)])
    assert broken(back) == {}


def test_success_with_a_server_missing() -> None:
    assert "s-2" in broken(replace(GOOD, launches=GOOD.launches[:1]))["truth"]


def test_success_that_names_the_missing_server_is_the_truth() -> None:
    assert broken(replace(GOOD, launches=GOOD.launches[:1], account="without s-2: no capacity")) == {}


def test_success_with_users_left_behind() -> None:
    assert "truth" in broken(replace(GOOD, requests=GOOD.requests[:-1]))


def test_failure_without_a_cause() -> None:
    assert "without a cause" in broken(replace(GOOD, outcome=Outcome.FAILED))["truth"]


def test_failure_that_the_journal_does_not_know_of() -> None:
    failed = replace(GOOD, outcome=Outcome.FAILED, cause="LaunchFailed", told="running")
    assert "journal" in broken(failed)["truth"]
    told = replace(failed, cause="LaunchFailed (The end could not be recorded, the lock may be held: Throttled)")
    assert "truth" not in broken(told)


def test_evidence_that_tells_of_another_end_than_the_runs() -> None:
    assert "evidence says failed" in broken(replace(GOOD, told="failed"))["truth"]
    account = "failed.\nDone: Take the lock\nNot done: Shift\nNow: mend it"
    steps = [StepEnd("Take the lock", StepStatus.DONE), StepEnd("Shift", StepStatus.NOT_REACHED)]
    failed = replace(GOOD, outcome=Outcome.FAILED, told="failed", cause=account, steps=steps)
    assert "truth" not in broken(replace(failed, told_reached=frozenset({"Take the lock"})))
    assert "says that it was not reached" in broken(failed)["truth"]
    assert "says that it was" in broken(replace(failed, told_reached=frozenset({"Take the lock", "Shift"})))["truth"]


def test_a_run_beyond_its_time() -> None:
    assert "bounded" in broken(replace(GOOD, ended_at=at(200)))


def test_a_machine_without_a_copy_of_which_nobody_was_told() -> None:
    bare = [Bare("database", WEST, at(20), at(29), told=False)]
    assert "database" in broken(replace(GOOD, bare=bare))["protected"]


def test_a_machine_without_a_copy_of_which_the_journal_tells() -> None:
    assert broken(replace(GOOD, bare=[Bare("database", WEST, at(20), None, told=True)])) == {}


def test_a_machine_without_a_copy_for_too_long() -> None:
    bare = [Bare("database", WEST, at(20), at(81), told=True)]
    assert "1h1m, of 1h at most" in broken(replace(GOOD, bare=bare))["protected"]


DRILL = replace(
    GOOD,
    moves_users=False,
    requests=[Request(at(29), 0, EAST)],
    routings=[],
    calls=[],
    dark=[],
)


def test_a_drill_that_nobody_noticed() -> None:
    assert broken(DRILL) == {}


def test_a_drill_that_cost_a_request() -> None:
    requests = [Request(at(9), 0, None, "gone"), *DRILL.requests]
    assert "1 requests failed" in broken(replace(DRILL, requests=requests))["drill-isolation"]


def test_a_drill_that_touched_the_routing() -> None:
    routings = [Routing(at(9), frozenset({EAST}), frozenset({EAST}))]
    assert "drill-isolation" in broken(replace(DRILL, routings=routings))


def test_the_same_server_may_be_launched_on_either_side() -> None:
    both = [*GOOD.launches, Launch("s-1", EAST, "job-9", "run", at(22), True)]
    assert broken(replace(GOOD, launches=both)) == {}

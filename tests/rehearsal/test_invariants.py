"""Each invariant finds the fault that it is there for, and is content without it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from leeward.rehearsal.clients.page_clients import ClientRequest
from leeward.rehearsal.invariants import list_invariants
from leeward.rehearsal.invariants.run_record import (
    AcknowledgedWrite,
    ExpectedLaunch,
    FencedInterval,
    LaunchRecord,
    ObservedStep,
    RecoveryJobSpan,
    RoutingCause,
    RoutingChange,
    RunRecord,
    TimedPart,
    UnprotectedMachine,
)
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.result_models import ExecutionOutcome, RunStepStatus
from leeward.twin.interception import AwsCall

T0 = datetime(2026, 3, 1, 9, tzinfo=UTC)
EAST, WEST = "us-east-1", "us-west-2"


def minute(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def call(operation: str, region: str, minutes: float) -> AwsCall:
    return AwsCall(minute(minutes), "leeward-task", region, operation.split(":", maxsplit=1)[0], operation, "ok")


GOOD = RunRecord(
    origin=EAST,
    target=WEST,
    serving_region_at_start=EAST,
    trouble_started_at=minute(5),
    started_at=minute(7),
    ended_at=minute(30),
    declared_seconds=7200,
    moves_users=True,
    outcome=ExecutionOutcome.SUCCEEDED,
    cause=None,
    requests=[
        ClientRequest(minute(1), 0, EAST),
        ClientRequest(minute(1), 1, EAST),
        ClientRequest(minute(6), 0, None, "dark"),
        ClientRequest(minute(6), 1, None, "dark"),
        ClientRequest(minute(29), 0, WEST),
        ClientRequest(minute(29), 1, WEST),
    ],
    calls=[call("drs:StartRecovery", WEST, 8), call("ec2:DescribeInstances", EAST, 1)],
    launches=[
        LaunchRecord("s-1", WEST, "job-1", "run", minute(20), True),
        LaunchRecord("s-2", WEST, "job-1", "run", minute(20), True),
    ],
    routing_changes=[
        RoutingChange(minute(0), frozenset({EAST}), frozenset({EAST})),
        RoutingChange(minute(25), frozenset({WEST}), frozenset({WEST})),
    ],
    region_outages=[(EAST, minute(5), None)],
    expected_launches=frozenset({ExpectedLaunch("s-1", WEST), ExpectedLaunch("s-2", WEST)}),
    unprotected_machines=[],
    unprotected_seconds=3600,
    reported_outcome="succeeded",
)


def broken_invariants(record: RunRecord) -> dict[str, str]:
    reports = [invariant.check(record) for invariant in list_invariants()]
    return {r.name: r.detail for r in reports if r.violated}


def test_good_run_breaks_no_invariant() -> None:
    assert broken_invariants(GOOD) == {}


def test_two_serving_regions_break_single_writer() -> None:
    requests = [*GOOD.requests, ClientRequest(minute(10), 0, EAST), ClientRequest(minute(10), 1, WEST)]
    assert (
        "from 09:10:00" in broken_invariants(replace(GOOD, requests=[*requests, *GOOD.requests[-2:]]))["single-writer"]
    )


def test_routing_to_unserving_region_breaks_served() -> None:
    routings = [RoutingChange(minute(9), frozenset({WEST}), frozenset({EAST}))]
    assert WEST in broken_invariants(replace(GOOD, routing_changes=routings))["served"]
    # A change that leads clients to no other Region violates nothing, unless it closes the Region that serves.
    stays = [RoutingChange(minute(9), frozenset({WEST}), frozenset({EAST}), previous_regions=frozenset({WEST}))]
    assert broken_invariants(replace(GOOD, routing_changes=stays)) == {}
    closes = [replace(stays[0], previous_regions=frozenset({EAST, WEST}))]
    assert WEST in broken_invariants(replace(GOOD, routing_changes=closes))["served"]


def test_opening_target_beside_failed_origin_breaks_served() -> None:
    both = RoutingChange(minute(25), frozenset({EAST, WEST}), frozenset({WEST}), previous_regions=frozenset({EAST}))
    assert EAST in broken_invariants(replace(GOOD, routing_changes=[both]))["served"]
    # An origin that fails while the shares of both Regions are set is not the run's doing.
    assert broken_invariants(replace(GOOD, routing_changes=[both], region_outages=[(EAST, minute(24), None)])) == {}


@pytest.mark.parametrize(("serving", "broken"), [({EAST}, True), ({EAST, WEST}, False), (set(), False)])
def test_move_by_health_check_is_judged_unless_an_outage_forces_it(serving: set[str], broken: bool) -> None:
    moved = RoutingChange(
        minute(25), frozenset({WEST}), frozenset(serving), frozenset({EAST}), cause=RoutingCause.HEALTH
    )
    record = replace(GOOD, routing_changes=[moved])
    assert ("served" in broken_invariants(record)) is broken
    assert ("served" in not_applicable(record)) is (not serving)


def test_unserved_region_in_answers_at_end_breaks_served() -> None:
    record = replace(GOOD, routing_changes=[], regions_at_end=frozenset({EAST, WEST}), serving_at_end=frozenset({WEST}))
    assert EAST in broken_invariants(record)["served"]
    assert "served" not in broken_invariants(replace(record, serving_at_end=frozenset({EAST, WEST})))


def test_answers_with_two_serving_regions_break_single_writer() -> None:
    both = frozenset({EAST, WEST})
    shares = RoutingChange(minute(25), both, both, frozenset({EAST}), cause=RoutingCause.RECORDS)
    assert "single-writer" in broken_invariants(replace(GOOD, routing_changes=[shares]))


@pytest.mark.parametrize(("region", "at", "broken"), [(EAST, 12, True), (EAST, 21, False), (WEST, 12, False)])
def test_write_acknowledged_by_fenced_region_breaks_single_writer(region: str, at: int, broken: bool) -> None:
    fences = [FencedInterval(EAST, minute(10), minute(20))]
    writes = [AcknowledgedWrite(minute(at), region)]
    record = replace(WITHOUT_SERVERS, fenced_intervals=fences, acknowledgements=writes)
    assert ("single-writer" in broken_invariants(record)) is broken
    assert ("single-writer" in not_applicable(record)) is (at == 21)


def test_routing_before_run_is_ignored() -> None:
    assert (
        broken_invariants(replace(GOOD, routing_changes=[RoutingChange(minute(1), frozenset({WEST}), frozenset())]))
        == {}
    )


def test_second_launch_breaks_exactly_once() -> None:
    launches = [*GOOD.launches, LaunchRecord("s-2", WEST, "job-2", "run", minute(28), True)]
    assert "s-2" in broken_invariants(replace(GOOD, launches=launches))["exactly-once"]


@pytest.mark.parametrize(("ended", "output"), [(24, False), (30, True)])
def test_launch_after_undo_keeps_exactly_once(ended: int, output: bool) -> None:
    first, second = GOOD.launches
    again = LaunchRecord("s-2", WEST, "job-2", "run", minute(28), True)
    launches = [first, replace(second, terminated_at=minute(ended)), again]
    assert ("exactly-once" in broken_invariants(replace(GOOD, launches=launches))) is output


def test_second_launch_without_tag_breaks_exactly_once() -> None:
    by_other_call = LaunchRecord("s-2", WEST, "i-0123", None, minute(28), True)
    assert "s-2" in broken_invariants(replace(GOOD, launches=[*GOOD.launches, by_other_call]))["exactly-once"]


def test_launch_after_failed_launch_keeps_exactly_once() -> None:
    launches = [LaunchRecord("s-1", WEST, "job-0", "run", minute(12), False), *GOOD.launches]
    assert broken_invariants(replace(GOOD, launches=launches)) == {}


def test_call_to_failed_region_breaks_static_stability() -> None:
    calls = [*GOOD.calls, call("route53:ChangeResourceRecordSets", EAST, 20)]
    assert "route53:ChangeResourceRecordSets" in broken_invariants(replace(GOOD, calls=calls))["static-stability"]


def test_call_to_failed_cluster_endpoint_is_allowed() -> None:
    calls = [*GOOD.calls, call("route53-recovery-cluster:UpdateRoutingControlStates", EAST, 20)]
    assert broken_invariants(replace(GOOD, calls=calls)) == {}


def test_call_after_outage_is_allowed() -> None:
    back = replace(GOOD, region_outages=[(EAST, minute(5), minute(15))], calls=[call("drs:StartRecovery", EAST, 16)])
    assert broken_invariants(back) == {}


def test_success_without_server_breaks_truth() -> None:
    assert "s-2" in broken_invariants(replace(GOOD, launches=GOOD.launches[:1]))["truth"]


def test_success_naming_missing_server_keeps_truth() -> None:
    admitted = frozenset({ExpectedLaunch("s-2", WEST)})
    assert broken_invariants(replace(GOOD, launches=GOOD.launches[:1], admitted_failures=admitted)) == {}
    elsewhere = frozenset({ExpectedLaunch("s-2", EAST)})
    assert "truth" in broken_invariants(replace(GOOD, launches=GOOD.launches[:1], admitted_failures=elsewhere))


def test_server_that_predecessor_launched_keeps_truth() -> None:
    record = replace(GOOD, launches=GOOD.launches[:1], launches_taken_over=GOOD.launches[1:])
    assert broken_invariants(record) == {}


def test_success_with_unserved_users_breaks_truth() -> None:
    assert "truth" in broken_invariants(replace(GOOD, requests=GOOD.requests[:-1]))


def test_failure_without_cause_breaks_truth() -> None:
    assert "without a cause" in broken_invariants(replace(GOOD, outcome=ExecutionOutcome.FAILED))["truth"]


def test_failure_missing_in_journal_breaks_truth() -> None:
    failed = replace(GOOD, outcome=ExecutionOutcome.FAILED, cause="LaunchFailed", reported_outcome="running")
    assert "journal" in broken_invariants(failed)["truth"]
    output = replace(failed, cause="LaunchFailed (The end could not be recorded, the lock may be held: Throttled)")
    assert "truth" not in broken_invariants(output)


def test_evidence_with_other_outcome_breaks_truth() -> None:
    assert "evidence says failed" in broken_invariants(replace(GOOD, reported_outcome="failed"))["truth"]
    account = "failed.\nDone: Take the lock\nNot done: Shift\nNow: mend it"
    steps = [ObservedStep("Take the lock", RunStepStatus.DONE), ObservedStep("Shift", RunStepStatus.NOT_REACHED)]
    failed = replace(GOOD, outcome=ExecutionOutcome.FAILED, reported_outcome="failed", cause=account, steps=steps)
    assert "truth" not in broken_invariants(replace(failed, reported_steps=frozenset({"Take the lock"})))
    assert "says that it was not reached" in broken_invariants(failed)["truth"]
    assert (
        "says that it was"
        in broken_invariants(replace(failed, reported_steps=frozenset({"Take the lock", "Shift"})))["truth"]
    )


def test_run_beyond_timeout_breaks_bounded() -> None:
    late = replace(GOOD, ended_at=minute(200))
    assert "bounded" in broken_invariants(late)
    assert "bounded" not in broken_invariants(replace(late, questions_seconds=80 * 60))
    assert "bounded" not in broken_invariants(replace(late, interrupted_seconds=80 * 60))
    assert "bounded" not in broken_invariants(replace(late, operator_retries=1))


def test_run_ended_by_step_functions_breaks_bounded() -> None:
    assert "bounded" in broken_invariants(replace(GOOD, outcome=ExecutionOutcome.TIMED_OUT))


@pytest.mark.parametrize(("seconds", "broken"), [(61, True), (60, False)])
def test_part_beyond_its_own_limit_breaks_bounded(seconds: int, broken: bool) -> None:
    record = replace(GOOD, timed_parts=[TimedPart("the step 'Register'", seconds, 60)])
    assert ("bounded" in broken_invariants(record)) is broken


def test_unreported_unprotected_instance_breaks_protected() -> None:
    bare = [UnprotectedMachine("database", WEST, minute(20), minute(29), reported=False)]
    assert "database" in broken_invariants(replace(GOOD, unprotected_machines=bare))["protected"]


def test_reported_unprotected_instance_keeps_protected() -> None:
    assert (
        broken_invariants(
            replace(GOOD, unprotected_machines=[UnprotectedMachine("database", WEST, minute(20), None, reported=True)])
        )
        == {}
    )


def test_long_unprotected_instance_breaks_protected() -> None:
    bare = [UnprotectedMachine("database", WEST, minute(20), minute(81), reported=True)]
    assert "1h1m, of 1h at most" in broken_invariants(replace(GOOD, unprotected_machines=bare))["protected"]


DRILL = replace(
    GOOD,
    moves_users=False,
    is_drill=True,
    requests=[ClientRequest(minute(29), 0, EAST)],
    routing_changes=[],
    calls=[],
    region_outages=[],
)


def test_unnoticed_drill_keeps_drill_isolation() -> None:
    assert broken_invariants(DRILL) == {}


def test_drill_with_failed_request_breaks_drill_isolation() -> None:
    requests = [ClientRequest(minute(9), 0, None, "gone"), *DRILL.requests]
    assert "1 requests failed" in broken_invariants(replace(DRILL, requests=requests))["drill-isolation"]


@pytest.mark.parametrize(("at_end", "broken"), [({EAST}, False), ({WEST}, True)])
def test_drill_that_moves_clients_must_lead_them_back(at_end: set[str], broken: bool) -> None:
    both = frozenset({EAST, WEST})
    away = RoutingChange(minute(9), frozenset({WEST}), both, frozenset({EAST}), cause=RoutingCause.HEALTH)
    record = replace(
        DRILL, moves_users=True, expected_serving_regions=both, routing_changes=[away],
        regions_at_end=frozenset(at_end), serving_at_end=both,
    )  # fmt: skip
    assert ("drill-isolation" in broken_invariants(record)) is broken


def test_undeclared_drill_is_not_judged_as_one() -> None:
    requests = [ClientRequest(minute(9), 0, None, "gone"), *DRILL.requests]
    record = replace(DRILL, requests=requests, is_drill=False)
    assert "drill-isolation" in not_applicable(record)


def test_requests_during_outage_of_the_application_are_not_the_drills() -> None:
    failed = replace(DRILL, requests=[*DRILL.requests, ClientRequest(minute(12), 0, None, "503")])
    during = replace(failed, application_outages=[("us-east-1", minute(11), minute(13))])
    before = replace(failed, application_outages=[("us-east-1", minute(9), minute(11))])
    assert broken_invariants(during) == {}
    assert (
        broken_invariants(before)
        == broken_invariants(failed)
        == {"drill-isolation": "1 requests failed during the drill"}
    )


def test_drill_changing_routing_breaks_drill_isolation() -> None:
    routings = [RoutingChange(minute(9), frozenset({EAST}), frozenset({EAST}))]
    assert "drill-isolation" in broken_invariants(replace(DRILL, routing_changes=routings))


def test_drill_started_again_may_lead_users_where_they_were_before_the_failed_one() -> None:
    moved = RoutingChange(minute(12), frozenset({EAST}), frozenset({EAST}), frozenset({WEST}))
    again = replace(DRILL, moves_users=True, routing_changes=[moved], regions_at_end=frozenset({EAST}))
    assert "drill-isolation" in broken_invariants(again)
    assert "drill-isolation" not in broken_invariants(replace(again, settled_regions=frozenset({EAST})))


def test_same_server_may_launch_in_both_regions() -> None:
    both = [*GOOD.launches, LaunchRecord("s-1", EAST, "job-9", "run", minute(22), True)]
    assert broken_invariants(replace(GOOD, launches=both)) == {}


def not_applicable(record: RunRecord) -> dict[str, str]:
    reports = [invariant.check(record) for invariant in list_invariants()]
    assert [r.name for r in reports if r.held and not r.applicable] == []
    return {r.name: r.detail for r in reports if not r.applicable}


WITHOUT_SERVERS = replace(
    GOOD,
    expected_launches=frozenset(),
    launches=[],
    routing_changes=[],
    region_outages=[],
    active_active=True,
    lost_writes=[],
    acknowledged_writes=3,
)


def test_application_without_servers_is_not_checked_for_servers() -> None:
    assert broken_invariants(WITHOUT_SERVERS) == {}
    assert not_applicable(WITHOUT_SERVERS) == {
        "claims": "no step was done",
        "single-writer": "the application is active-active, and no Region was fenced, so both may write",
        "served": "the run routed no users",
        "exactly-once": "the runbook launches no servers",
        "static-stability": "the run made no call while a Region was unavailable",
        "protected": "no server served users during the run",
        "no-orphan": "the run launched no server and reversed no replication",
        "quota": "no DRS job was active during the run",
        "drill-isolation": "the runbook is not a drill",
    }


def test_unaudited_writes_are_not_checked() -> None:
    assert not_applicable(GOOD)["acknowledged"] == "the clients' writes are not audited"
    silent = replace(GOOD, lost_writes=[], acknowledged_writes=0)
    assert not_applicable(silent)["acknowledged"] == "no write was acknowledged"


def test_server_run_checks_its_servers() -> None:
    jobs = [RecoveryJobSpan("job-1", WEST, minute(8), minute(20), 2)]
    record = replace(GOOD, jobs=jobs, created=2, watched_machines=frozenset({"s-1"}))
    assert set(not_applicable(record)) == {"drill-isolation", "acknowledged", "claims"}
    checked = {i.name: i.check(record).checked for i in list_invariants()}
    assert (checked["exactly-once"], checked["quota"], checked["protected"], checked["served"]) == (2, 1, 1, 1)
    assert checked["static-stability"] == 1  # the other call was before the outage


def test_outage_that_ended_before_the_run_is_not_applicable() -> None:
    record = replace(GOOD, region_outages=[(EAST, minute(2), minute(6))])
    assert "static-stability" in not_applicable(record)
    assert "static-stability" not in not_applicable(replace(GOOD, region_outages=[(EAST, minute(2), minute(9))]))


def test_cleaned_up_drill_is_checked_for_orphans() -> None:
    assert "no-orphan" not in not_applicable(replace(DRILL, created=1))
    assert "no-orphan" in not_applicable(DRILL)


@pytest.mark.parametrize(("other_active", "broken"), [(False, True), (True, False)])
def test_rejected_job_breaks_quota_unless_others_use_the_quota(other_active: bool, broken: bool) -> None:
    rejected = replace(call("drs:StartRecovery", WEST, 9), outcome="ServiceQuotaExceededException")
    jobs = [RecoveryJobSpan("job-1", WEST, minute(8), minute(20), 2, of_run=not other_active)]
    record = replace(GOOD, calls=[*GOOD.calls, rejected], jobs=jobs)
    assert ("quota" in broken_invariants(record)) is broken


def test_report_that_holds_with_nothing_checked_is_rejected() -> None:
    with pytest.raises(ValueError, match="nothing was checked"):
        InvariantReport(name="truth", held=True, detail="all is well")
    assert not InvariantReport.of("truth", 0, "all is well", otherwise="no run").applicable


def test_failed_request_before_drill_keeps_drill_isolation() -> None:
    requests = [ClientRequest(minute(6), 0, None, "gone"), *DRILL.requests]
    assert broken_invariants(replace(DRILL, requests=requests)) == {}


def test_success_without_clients_keeps_truth_and_names_only_what_was_compared() -> None:
    without_clients = replace(WITHOUT_SERVERS, requests=[])
    truth = next(i.check(without_clients) for i in list_invariants() if i.name == "truth")
    assert (truth.held, truth.detail) == (True, "the evidence agrees with each step")


@pytest.mark.parametrize("audited", [True, False])
def test_data_that_the_servers_of_a_planned_move_lack_breaks_acknowledged(audited: bool) -> None:
    """Stored writes of the clients don't make up for what the servers lost."""
    writes = replace(GOOD, planned=True, lost_writes=[] if audited else None, acknowledged_writes=3)
    assert broken_invariants(replace(writes, lost_server_data_seconds=0.0)) == {}
    lacking = replace(writes, lost_server_data_seconds=8.0)
    assert broken_invariants(lacking) == {"acknowledged": "a planned move launched servers without the last 8s of data"}

"""Each claim is compared with the world: a true one has no problem, and a false one is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from leeward.common.claims.types.claim import Claim
from leeward.common.claims.types.data_claims import Arrived, Fenced, ReplicasReady
from leeward.common.claims.types.run_claims import Changed, Locked, Notified, Ready, Unsent
from leeward.common.claims.types.server_claims import (
    Deferred,
    Launched,
    LaunchedServer,
    Protected,
    Replicating,
    Reversed,
    Terminated,
)
from leeward.common.claims.types.traffic_claims import (
    ControlsSwitched,
    Deregistered,
    PagesServed,
    Registered,
    ServiceSwitched,
    TransactionServed,
    WeightsSet,
)
from leeward.control.journal.run_journal import JournalEntry, JournalEvent
from leeward.data.region_switch import ServiceState, SwitchState, WriteAccess
from leeward.rehearsal.assessment.claims.claim_checks import check_claim, check_claims
from leeward.rehearsal.assessment.claims.claim_evidence import ClaimEvidence
from leeward.rehearsal.observations.step_observations import (
    ObservedCopy,
    ObservedInstance,
    StepObservation,
    find_healthy_targets,
)
from leeward.twin.aws.moto_fixes.elbv2_target_health import RegisteredTarget, TargetGroupHealth
from leeward.twin.interception import AwsCall

T0 = datetime(2026, 3, 1, 9, tzinfo=UTC)
EAST, WEST = "us-east-1", "us-west-2"
FENCED = SwitchState(WriteAccess.FENCED, ServiceState.OUT_OF_SERVICE)


def second(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def call(operation: str, region: str = WEST, outcome: str = "ok", at: float = 50) -> AwsCall:
    return AwsCall(second(at), "leeward-task", region, operation.split(":", maxsplit=1)[0], operation, outcome)


WORLD = StepObservation(
    at=second(100),
    step="step",
    began_at=second(0),
    lock_holder="run",
    copies={
        EAST: {"s-2": ObservedCopy("database", "i-2", second(90), WEST)},
        WEST: {
            "s-1": ObservedCopy("database", "i-1", second(95), EAST),
            "s-3": ObservedCopy("page", "i-3", None, EAST, "INITIAL_SYNC"),
            "s-4": ObservedCopy("files", "i-4", second(95), EAST, "RESCAN"),
        },
    },
    instances={EAST: {}, WEST: {"i-2": ObservedInstance(is_running=True, is_protected=True)}},
    controls={"arn:east": "Off", "arn:west": "On"},
    weights={"ireland": 100, "singapore": 0},
    switches={(EAST, EAST): SwitchState(), (EAST, WEST): FENCED},
    registered={"group": frozenset({"i-2", "i-4"})},
    healthy={"group": frozenset({"i-2"})},
    serving=frozenset({WEST}),
    routed=frozenset({WEST}),
    replicas={"tickets": frozenset({EAST, WEST}), "alone": frozenset({EAST})},
    pending_since={("tickets", EAST): second(-30), ("tickets", WEST): second(40)},
)
EVIDENCE = ClaimEvidence(
    run="run",
    observation=WORLD,
    calls=[
        call("sns:Publish"), call("drs:DescribeSourceServers"), call("dynamodb:DescribeTable"),
        call("dynamodb:BatchGetItem"), call("secretsmanager:GetSecretValue"),
        call("drs:DescribeSourceServers", EAST, "timed-out"),
    ],
    launched={WEST: frozenset({"i-2"})},
    server_groups={"database": frozenset({"database"}), "page": frozenset({"page"})},
    endpoints={"east.example.com": EAST, "west.example.com": WEST},
)  # fmt: skip


def launched(instance: str) -> Launched:
    return Launched(group="database", region=WEST, servers=(LaunchedServer(id="s-1", instance=instance),))


def ready(loss: int, group: str = "database", **controls: str) -> Ready:
    return Ready(servers=1, worst_loss_seconds=loss, loss_seconds={group: loss},
                 routing_controls={f"arn:{region}": state for region, state in controls.items()})  # fmt: skip


def switched(on: str, off: str) -> ControlsSwitched:
    return ControlsSwitched(on=(on,), off=(off,), accepted_by="a", confirmed_by="b")


def replicating(region: str, server: str, lag: float) -> Replicating:
    return Replicating(region=region, servers=1, machines={"i-1": server}, worst_lag_seconds=lag)


def arrived(region: str) -> Arrived:
    return Arrived(from_region=EAST, region=region, markers=3, within_seconds=1)


def transaction(region: str | None = None) -> TransactionServed:
    return TransactionServed(url="https://www.example.com", region=region, times=3)


PAGES = PagesServed(urls=("https://www.example.com/",), times=3)


# A true claim, a false one, and what is wrong with it.
CASES: list[tuple[Claim, Claim, str]] = [
    (Locked(application="website", waived_in=EAST), Locked(application="website"), "other holds the lock"),
    (ready(0, west="On"), ready(0, east="On"), "arn:east is Off"),
    (ready(0), ready(0, group="page"), "page has no recovery point"),
    (launched("i-2"), launched("i-1"), "i-1 of database does not run in us-west-2"),
    (Protected(on=True, instances=("i-2",)), Protected(on=False, instances=("i-2",)), "i-2 is not off"),
    (Protected(on=False, instances=("i-9",)), Protected(on=True, instances=("i-9",)), "i-9 is not on"),
    (Reversed(region=WEST, to_region=EAST, machines={"i-2": "s-2"}),
     Reversed(region=WEST, to_region=EAST, machines={"i-1": "s-2"}), "us-east-1 does not replicate i-1"),
    (Deferred(region=EAST, reason="timeout", instances=()), Deferred(region=WEST, reason="timeout", instances=()),
     "no call to us-west-2 failed"),
    (replicating(WEST, "s-1", 0), replicating(WEST, "s-3", 0), "s-3 in us-west-2 has no recovery point"),
    (replicating(EAST, "s-2", 5), replicating(EAST, "s-1", 5), "s-1 in us-east-1 has no recovery point"),
    (Terminated(what="replaced", region=WEST, ids=("i-1",)), Terminated(what="replaced", region=WEST, ids=("i-2",)),
     "i-2 still runs"),
    (replicating(WEST, "s-1", 0), replicating(WEST, "s-4", 0), "the replication of files to us-west-2 is RESCAN"),
    (Terminated(what="retired copies", region=WEST, machines=2),
     Terminated(what="retired copies", region=WEST, machines=3), "copies of database from us-west-2 are left"),
    (Terminated(what="drill copies", region=WEST), Terminated(what="drill copies", region=EAST),
     "s-2 is left in us-east-1"),
    (Terminated(what="launched", region=EAST), Terminated(what="launched", region=WEST), "i-2 still runs"),
    (switched("arn:west", "arn:east"), switched("arn:east", "arn:west"), "arn:east is not on; arn:west is not off"),
    (WeightsSet(record="r", weights="ireland 100, singapore 0"), WeightsSet(record="r", weights="ireland 10"),
     "the weight of ireland is 100"),
    (Fenced(region=EAST, writes="fenced", deferred_for=EAST), Fenced(region=EAST, writes="fenced"),
     "us-east-1 has us-east-1 as in-service and open"),
    (ServiceSwitched(region=EAST, health="out-of-service", deferred_for=EAST),
     ServiceSwitched(region=EAST, health="in-service", deferred_for=EAST), "us-west-2 has us-east-1 as out-of-service"),
    (ServiceSwitched(region=EAST, health="out-of-service", deferred_for=EAST),
     ServiceSwitched(region=EAST, health="out-of-service", deferred_for=WEST), "no call to us-west-2 failed"),
    (Registered(target_group="group", name="g", instances=("i-2",)),
     Registered(target_group="group", name="g", instances=("i-2", "i-4")), "i-4 is not a healthy target of g"),
    (Deregistered(target_group="group", name="g", instances=("i-1",)),
     Deregistered(target_group="group", name="g", instances=("i-4",)), "i-4 is still a target of g"),
    (transaction(WEST), transaction(EAST), "us-east-1 did not serve"),
    (arrived(WEST), arrived(EAST), "us-east-1 lacks writes to tickets from 08:59:30 on"),
    (ReplicasReady(table="tickets", details=()), ReplicasReady(table="alone", details=()), "alone has no replica"),
]  # fmt: skip


@pytest.mark.parametrize(("true", "false", "problem"), CASES, ids=lambda each: getattr(each, "claim", ""))
def test_false_claim_is_named_and_true_claim_is_not(true: Claim, false: Claim, problem: str) -> None:
    evidence = EVIDENCE
    if isinstance(false, Locked):
        evidence = replace(EVIDENCE, observation=replace(WORLD, lock_holder="other"))
    assert check_claim(true, evidence) is None
    assert problem in (check_claim(false, evidence) or "")


@pytest.mark.parametrize(
    ("claim", "problem"),
    [
        (Notified(message="hello"), "no message was sent"),
        (ready(0), "no source server was inspected"),
        (ReplicasReady(table="tickets", details=()), "tickets was not inspected"),
        (arrived(WEST), "no marker was read"),
        (transaction(), "no transaction was sent: the canary did not sign in"),
    ],
    ids=lambda each: getattr(each, "claim", ""),
)
def test_claim_without_a_call_is_false(claim: Claim, problem: str) -> None:
    assert check_claim(claim, EVIDENCE) is None
    before_step = [replace(each, at=second(-1)) for each in EVIDENCE.calls]
    refused = [replace(each, outcome="AccessDenied") for each in EVIDENCE.calls]
    for calls in ([], before_step, refused):
        assert check_claim(claim, replace(EVIDENCE, calls=calls)) == problem


def test_claim_of_unsent_message_needs_a_failed_call() -> None:
    claim = Unsent(message="hello", error="SNS")
    failed = replace(EVIDENCE, calls=[call("sns:Publish"), call("sns:Publish", WEST, "timed-out")])
    assert check_claim(claim, failed) is None
    assert check_claim(claim, EVIDENCE) == "no message failed to be sent"
    before_step = [replace(each, at=second(-1)) for each in failed.calls]
    assert check_claim(claim, replace(failed, calls=before_step)) == "no message failed to be sent"


@pytest.mark.parametrize("claim", [replicating(WEST, "s-1", 5), ready(5)], ids=lambda each: each.claim)
def test_claim_of_less_lag_than_the_copy_has_is_false(claim: Claim) -> None:
    late = {WEST: {"s-1": ObservedCopy("database", "i-1", second(-140))}}
    evidence = replace(EVIDENCE, observation=replace(WORLD, copies=late))
    assert "240 s" in (check_claim(claim, evidence) or "")


@pytest.mark.parametrize("claim", [PAGES, transaction()], ids=lambda each: each.claim)
@pytest.mark.parametrize(
    ("hosts", "routed", "problem"),
    [
        ({"west.example.com"}, {EAST}, None),
        ({"east.example.com"}, {WEST}, "us-east-1 did not serve"),
        (set(), {WEST, EAST}, None),
        (set(), {EAST}, "us-east-1 did not serve"),
        (set(), set(), "the public name led to no Region"),
    ],
)
def test_served_claim_is_compared_with_the_region_that_was_asked(
    claim: Claim, hosts: set[str], routed: set[str], problem: str | None
) -> None:
    world = replace(WORLD, hosts=frozenset(hosts), routed=frozenset(routed))
    assert check_claim(claim, replace(EVIDENCE, observation=world)) == problem


def test_target_is_healthy_before_it_receives_requests() -> None:
    targets = {
        "i-1": RegisteredTarget(80, state="healthy", receives_requests=False),
        "i-2": RegisteredTarget(80, state="unhealthy", receives_requests=True),
    }
    assert find_healthy_targets(TargetGroupHealth(targets)) == {"i-1"}


def test_data_loss_counts_to_the_incident() -> None:
    late = {WEST: {"s-1": ObservedCopy("database", "i-1", second(-140))}}
    evidence = replace(EVIDENCE, observation=replace(WORLD, copies=late), loss_ends_at=second(-135))
    assert check_claim(ready(5), evidence) is None


def test_deferral_without_a_call_is_false() -> None:
    """The Region is unavailable, but the step never found out."""
    for calls in ([], [call("drs:DescribeSourceServers", EAST, "timed-out", at=-1)]):
        evidence = replace(EVIDENCE, calls=calls)
        assert (
            check_claim(Deferred(region=EAST, reason="timeout", instances=()), evidence)
            == "no call to us-east-1 failed"
        )


def done(step: str, at: float, *claims: Claim) -> JournalEntry:
    facts: dict[str, object] = {"claims": [each.model_dump(mode="json") for each in claims]}
    return JournalEntry(second(at), JournalEvent.STEP_DONE, "done", step, 1, facts)


def test_claims_are_compared_with_the_world_when_the_step_ended() -> None:
    later = replace(WORLD, at=second(500), lock_holder="other")
    journal = [done("step", 99, Locked(application="website")), done("step", 499, Locked(application="website"))]
    checked = check_claims(journal, [WORLD, later], lambda seen: replace(EVIDENCE, observation=seen))
    assert [each.problem for each in checked] == [None, "other holds the lock"]


def test_killed_task_and_claim_of_plugin_are_not_checked() -> None:
    journal = [done("killed", 99, Locked(application="website")), done("step", 99, Changed(resource="r", region=WEST,
               state="new"))]  # fmt: skip
    assert check_claims(journal, [WORLD], lambda seen: replace(EVIDENCE, observation=seen)) == []


def test_answer_without_a_question_is_named() -> None:
    asked = JournalEntry(second(10), JournalEvent.QUESTION_ASKED, "?", "step", 1, {"kind": "approval"})
    waits = replace(WORLD, asked=True)
    for journal, problem in (([asked], None), ([], "no operator was asked")):
        (checked,) = check_claims(journal, [waits], lambda seen: replace(EVIDENCE, observation=seen))
        assert checked.problem == problem


def test_every_type_of_claim_has_a_case() -> None:
    """Changed is for plug-ins, and a step that is still launching isn't done."""
    tested = {type(case[1]).__name__ for case in CASES} | {"Notified", "Unsent", "PagesServed", "Changed", "Launching"}
    from leeward.common.claims.all_claims import AnyClaim

    assert {each.__name__ for each in AnyClaim.__args__[0].__args__} == tested

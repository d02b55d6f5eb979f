"""What can be broken, and what it is called."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leeward.rehearsal.sweep.faults.aws_fault_draw import draw_aws_faults, is_drawn
from leeward.rehearsal.sweep.faults.baseline import Baseline, fault_location, possible_faults
from leeward.rehearsal.sweep.faults.fault_order import draw_fault_pairs, order_faults
from leeward.rehearsal.sweep.faults.planned_faults import (
    CALL_FAULT_MODES,
    INVOCATION_ERROR_MODES,
    SDK_RETRIED_MODES,
    NoSuchFault,
    OperatorFaultMode,
    PlannedFault,
    fault_set_id,
    parse_fault_id,
    parse_fault_set,
)
from leeward.rehearsal.sweep.trials.followup_faults import followup_fault_sets
from leeward.twin.interception import FaultKind

SURVEY = Baseline(
    calls=[
        "leeward-lock-acquire dynamodb:PutItem us-west-2",
        "leeward-drs-recover drs:DescribeJobs us-west-2",
        "leeward-drs-recover drs:DescribeJobs us-west-2",
        "leeward-drs-recover drs:DescribeJobs us-west-2",
    ],
    call_sites=[
        "Take the lock leeward-lock-acquire 1",
        *["Recover leeward-drs-recover 1"] * 2,
        "Recover leeward-drs-recover 2",
    ],
    invocations=["leeward-lock-acquire us-west-2", "leeward-drs-recover us-west-2"],
    states=["Begin", "Take the lock", "Recover"],
    steps=["take_the_lock", "recover"],
    questions=1,
    regions=["us-west-2", "us-east-1"],
)


def test_fault_id_round_trips() -> None:
    faults = possible_faults(SURVEY)
    assert [parse_fault_id(fault.id) for fault in faults] == faults
    assert len({fault.id for fault in faults}) == len(faults)


def test_fault_pair_id_round_trips() -> None:
    pair = (PlannedFault("call", "17", FaultKind.ACCESS_DENIED), PlannedFault("operator", "", OperatorFaultMode.SKIPS))
    assert fault_set_id(pair) == "call:17:denied+operator:skips"
    assert parse_fault_set(fault_set_id(pair)) == pair


@pytest.mark.parametrize(
    "text",
    [
        "",
        "call",
        "call:17",
        "call:0:denied",
        "call:x:denied",
        "call:17:dnied",
        "lambda:3:denied",
        "step:a:dark:",
        "lambda:3:after-Lambda.TooManyRequestsException",
        "lambda:3:Lambda.Unknown",
        "service:3:dark",
        "service:0:denied",
        "lambda-service:2:refused",
    ],
)
def test_invalid_fault_id_is_rejected(text: str) -> None:
    with pytest.raises(NoSuchFault, match="is not a fault ID"):
        parse_fault_set(text)


def test_every_call_has_every_call_mode() -> None:
    """One that writes, too: what it answers may surprise as well."""
    modes = {
        n: {f.mode for f in possible_faults(SURVEY) if f.point_kind == "call" and f.number == n} for n in (1, 2, 3)
    }
    assert modes[1] == modes[2] == modes[3] == set(CALL_FAULT_MODES)


def test_steps_states_and_invocations_have_faults() -> None:
    ids = {fault.id for fault in possible_faults(SURVEY)}
    assert {"step:take_the_lock:dark:us-east-1", "step:recover:dark:us-west-2"} <= ids
    assert {"state:1:stopped", "state:3:stopped", "lambda:2:twice", "lambda:1:overruns"} <= ids
    assert {"operator:rejects", "operator:silent"} <= ids


def test_fault_location_is_readable() -> None:
    assert fault_location(SURVEY, parse_fault_id("call:2:denied")) == "leeward-drs-recover drs:DescribeJobs us-west-2"
    assert fault_location(SURVEY, parse_fault_id("state:2:stopped")) == "Take the lock"


def test_order_covers_all_faults_one_per_class_first() -> None:
    first, second, rest = order_faults(SURVEY, 7)
    others = [fault.id for fault in possible_faults(SURVEY) if not is_drawn(fault)]
    drawn = [fault.id for part in draw_aws_faults(SURVEY, 7) for fault in part]
    assert sorted(f.id for f in (*first, *second, *rest)) == sorted([*others, *drawn])
    classes = {fault.class_label for fault in first}
    assert classes == {fault.class_label for fault in possible_faults(SURVEY)}
    assert len({fault.class_label for fault in first[: len(classes)]}) == len(classes)

    def denied(part: list[PlannedFault]) -> set[int]:
        calls = [fault for fault in part if fault.point_kind == "call"]
        return {fault.number for fault in calls if fault.mode == FaultKind.ACCESS_DENIED}

    # One place; two sites; and a second look at the first of them.
    assert len(denied(first) - {1}) == len(denied(second)) == len(denied(rest)) == 1
    assert denied(second) | denied(first) >= {1, 4}
    assert (first, second, rest) == order_faults(SURVEY, 7) != order_faults(SURVEY, 8)
    for part in (second, rest):
        retried = [fault.point_kind == "call" and fault.mode in SDK_RETRIED_MODES for fault in part]
        assert retried == sorted(retried)
        assert set(retried) == {False, True}


def test_fault_pairs_depend_on_seed_and_include_operator_faults() -> None:
    pairs = draw_fault_pairs(SURVEY, 7, 40)
    assert pairs == draw_fault_pairs(SURVEY, 7, 40)
    assert len(set(pairs)) == len(pairs) > 30
    assert any(fault.point_kind == "operator" for pair in pairs for fault in pair)


def test_half_of_pairs_hit_calls_caused_by_first_fault() -> None:
    in_the_clean_run = {fault.id for fault in possible_faults(SURVEY)}
    after = [(first, second) for first, second in draw_fault_pairs(SURVEY, 7, 40) if second.id not in in_the_clean_run]
    beyond = [pair for pair in after if pair[1].point_kind == "call"]
    assert len(beyond) > 15
    for first, second in beyond:
        assert (first.point_kind, first.id in in_the_clean_run, second.number > first.number) == ("call", True, True)


def test_followup_cases_cover_every_later_call() -> None:
    cases = followup_fault_sets(parse_fault_id("call:2:denied"), SURVEY)
    assert {fault_set_id(case[:1]) for case in cases} == {"call:2:denied"}
    assert [case[1].number for case in cases] == [3] * len(CALL_FAULT_MODES) + [4] * len(CALL_FAULT_MODES)
    with pytest.raises(NoSuchFault, match="no call follows call:4:denied: the run with this fault makes 4 calls"):
        followup_fault_sets(parse_fault_id("call:4:denied"), SURVEY)


def test_service_outages_start_at_each_functions_first_call() -> None:
    first, second, rest = draw_aws_faults(SURVEY, 7)
    outages = {fault.id for fault in first if "service" in fault.point_kind}
    modes = ("server-error", "throttled", "denied", "black-hole")
    points = ("service:1", "service:2", "lambda-service:1", "lambda-service:2")
    assert outages == {f"{point}:{mode}" for point in points for mode in modes}
    assert not [fault for fault in (*second, *rest) if "service" in fault.point_kind]
    assert fault_location(SURVEY, parse_fault_id("service:3:denied")) == "leeward-drs-recover drs us-west-2"
    assert parse_fault_id("service:4:denied") in possible_faults(SURVEY)  # can be replayed, although not drawn


def test_each_error_is_drawn_once_and_each_class_for_each_invocation() -> None:
    drawn = [fault for part in draw_aws_faults(SURVEY, 7) for fault in part]
    errors = [fault for fault in drawn if fault.mode in INVOCATION_ERROR_MODES]
    assert {fault.mode for fault in errors} == set(INVOCATION_ERROR_MODES)
    classes = {"lambda rejected", "lambda not-started", "lambda response-lost", "lambda crashed"}
    for number in (1, 2):
        assert {fault.class_label for fault in errors if fault.number == number} == classes
    assert len(drawn) == len(set(drawn)) < len(INVOCATION_ERROR_MODES) + 2 * 4 + 16
    assert draw_aws_faults(SURVEY, 7) == draw_aws_faults(SURVEY, 7) != draw_aws_faults(SURVEY, 8)


@pytest.mark.parametrize(
    ("fault", "label"),
    [
        ("lambda:1:before-Lambda.EC2ThrottledException", "lambda rejected"),
        ("lambda:1:before-Lambda.SdkClientException", "lambda rejected"),
        ("lambda:1:after-Lambda.ServiceException", "lambda response-lost"),
        ("lambda:1:before-Runtime.ImportModuleError", "lambda not-started"),
        ("lambda:1:after-Sandbox.Timedout", "lambda crashed"),
        ("service:1:black-hole", "service black-hole"),
        ("lambda-service:1:denied", "lambda-service denied"),
    ],
)
def test_new_faults_have_few_classes(fault: str, label: str) -> None:
    assert parse_fault_id(fault).class_label == label


def test_another_invocation_does_not_change_the_draw_for_the_others() -> None:
    longer = replace(SURVEY, invocations=[*SURVEY.invocations, "leeward-run-end us-west-2"])

    def for_each(baseline: Baseline) -> set[str]:
        first, _, rest = draw_aws_faults(baseline, 7)
        return {fault.id for fault in (*first, *rest) if fault.point_kind == "lambda"}

    assert for_each(SURVEY) < for_each(longer)

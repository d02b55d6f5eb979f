"""A fault counts only if it changed a call, the world, or the history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leeward.control.approvals.questions import QuestionKind
from leeward.rehearsal.scenarios.scenario_documents import OperatorSettings
from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.faults.planned_faults import OperatorFaultMode, PlannedFault, parse_fault_set
from leeward.rehearsal.sweep.injection.fault_effects import NO_CALL_MET, NOT_REACHED, FaultEffects
from leeward.rehearsal.sweep.injection.operator_faults import has_changed_answer
from leeward.rehearsal.sweep.sweep_report import build_sweep_report
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.rehearsal.sweep.trials import worker_pool
from leeward.rehearsal.sweep.trials.trial import TrialResult, run_trial
from leeward.twin.interception import FaultKind, ServiceOutage
from leeward.twin.interception.faults.service_outages import ServiceOutages
from tests.support.paths import REPOSITORY

FAILOVER = SweepTarget(REPOSITORY, "website", "failover", 7)
NOW = datetime(2026, 3, 1, tzinfo=UTC)


def play(*faults: str) -> dict[str, TrialResult]:
    """Return the results of trials of the website's failover, whose origin is unavailable from the start."""
    results: list[TrialResult] = []
    with open_sweep_session(FAILOVER) as (session, ready):
        setup = worker_pool.TrialSetup(session, ready, 2)
        worker_pool.run_trials(setup, [parse_fault_set(each) for each in faults], lambda _, each: results.append(each))
    return {each.fault: each for each in results}


def test_fault_that_changes_nothing_takes_no_effect() -> None:
    reasons = {
        "step:take_the_lock:dark:us-east-1": "us-east-1 was already unavailable",
        "call:1:new-value": "the response has nothing of this kind to change",
        "call:9000:denied": "the run does not reach it",
        "operator:skips": "the operator was asked nothing that the fault answers differently",
    }
    results = play(*reasons, "call:3:throttled")
    assert {fault: result.no_effect for fault, result in results.items()} == {**reasons, "call:3:throttled": ""}
    assert {results[fault].outcome for fault in reasons} == {"succeeded"}


@pytest.mark.verify("a trial for each fault")
def test_pair_with_one_fault_without_effect_takes_none() -> None:
    pair = "call:30:throttled+step:tell_the_team:dark:us-east-1"
    result = play(pair)[pair]
    assert not result.took_effect
    assert result.no_effect == "step:tell_the_team:dark:us-east-1: us-east-1 was already unavailable"


@pytest.mark.verify("plays a run to count its states")
def test_stop_after_the_end_takes_no_effect() -> None:
    with open_sweep_session(FAILOVER) as (session, ready):
        states = len(run_trial(session, ready)[1].states)
    results = play(f"state:{states}:stopped", f"state:{states - 4}:stopped")
    assert [result.no_effect for result in results.values() if result.outcome == "aborted"] == [""]
    assert all(result.no_effect for result in results.values() if result.outcome == "succeeded")


def test_service_outage_takes_effect_with_its_first_call() -> None:
    fault, effects, outages = PlannedFault("service", "3", "denied"), FaultEffects(), ServiceOutages()
    outage = ServiceOutage("sns", "us-west-2", FaultKind.ACCESS_DENIED, NOW, NOW + timedelta(hours=1))
    outages.add(outage)
    assert effects.describe_missing([fault]) == NOT_REACHED
    effects.add_outage(fault, outage)
    outages.find_fault("sns", "us-east-1", NOW)
    assert effects.describe_missing([fault]) == NO_CALL_MET
    assert outages.find_fault("sns", "us-west-2", NOW) is FaultKind.ACCESS_DENIED
    assert effects.describe_missing([fault]) == ""


@pytest.mark.parametrize(
    ("mode", "asked", "changed"),
    [
        (OperatorFaultMode.REJECTS, {QuestionKind.APPROVAL}, True),
        (OperatorFaultMode.REJECTS, {QuestionKind.FAILURE}, False),
        (OperatorFaultMode.SILENT, {QuestionKind.FAILURE}, True),
        (OperatorFaultMode.SILENT, set(), False),
        (OperatorFaultMode.RETRIES, {QuestionKind.APPROVAL}, False),
    ],
)
def test_operator_fault_takes_effect_if_its_question_is_asked(
    mode: OperatorFaultMode, asked: set[QuestionKind], changed: bool
) -> None:
    assert has_changed_answer(PlannedFault("operator", "", mode), OperatorSettings(), asked) == changed


def test_operator_fault_equal_to_normal_answer_takes_no_effect() -> None:
    fault = PlannedFault("operator", "", OperatorFaultMode.SKIPS)
    assert not has_changed_answer(fault, OperatorSettings(failure="skip"), {QuestionKind.FAILURE})


def test_report_counts_only_distinct_faults_that_took_effect() -> None:
    def result(fault: str, outcome: str = "succeeded", **fields: str) -> TrialResult:
        return TrialResult(fault, parse_fault_set(fault)[0].class_label, outcome=outcome, **fields)

    with_effect = [result("call:1:denied", "failed", again="succeeded"), result("call:2:throttled")]
    equal = result("call:2:refused", same_as="call:2:throttled")
    without = result("step:lock:dark:us-east-1", no_effect="us-east-1 was already unavailable")

    report = build_sweep_report(FAILOVER, Baseline(), [*with_effect, equal, without], {}, ran=4, seconds=1)
    assert (report.runs, report.took_effect, report.met, report.distinct) == (4, 3, 1, 2)
    assert (report.succeeded, report.converged) == (2, 1)
    assert [(each.fault, each.reason) for each in report.without_effect] == [(without.fault, without.no_effect)]
    (dark,) = [each for each in report.classes if each.label.startswith("step")]
    assert (dark.runs, dark.succeeded, dark.without_effect) == (1, 0, 1)

"""What the sweep's person does after a broken run is what the run's own account says, also where it says so twice."""

from __future__ import annotations

import pytest

from leeward.rehearsal.end_state.trial_goal import EndState
from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.faults.planned_faults import (
    THROTTLED_LONG,
    OperatorFaultMode,
    PlannedFault,
)
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.rehearsal.sweep.trials.followup_faults import FixedFaultPlan
from leeward.rehearsal.sweep.trials.trial import TrialResult, run_trial
from leeward.twin.interception import FaultKind
from tests.support.paths import REPOSITORY


def attempt_with_faults(
    *faults: PlannedFault, application: str = "ticketing", goal: EndState | None = None
) -> tuple[TrialResult, Baseline]:
    with open_sweep_session(SweepTarget(REPOSITORY, application, "drill", 7)) as (stage, ready):
        return run_trial(stage, ready, FixedFaultPlan(*faults) if faults else None, goal)


def calls_with(survey: Baseline, words: str) -> list[str]:
    return [str(number) for number, call in enumerate(survey.calls, start=1) if words in call]


@pytest.mark.verify("a whole sweep trial with its resume")
def test_unrecorded_end_is_recorded_then_its_advice_followed() -> None:
    """The drill fails and is rolled back, but its end isn't recorded. A resume records it, and a new run is started."""
    clean = attempt_with_faults()[1]
    fails = PlannedFault("call", calls_with(clean, "secretsmanager:GetSecretValue")[1], THROTTLED_LONG)
    failing = attempt_with_faults(fails)[1]
    unrecorded = PlannedFault("call", calls_with(failing, "leeward-run-end")[0], FaultKind.CREDENTIALS_EXPIRED)
    verdict = attempt_with_faults(fails, unrecorded)[0]
    assert "could not be recorded" in verdict.cause
    assert (verdict.outcome, verdict.again, verdict.problems) == ("failed", "succeeded", [])


def test_skipped_step_may_leave_other_state() -> None:
    """The drill's servers can't be terminated; a person says to go on without."""
    clean = attempt_with_faults(application="website")[1]
    number = calls_with(clean, "drs:TerminateRecoveryInstances")[0]
    skips = PlannedFault("operator", "", OperatorFaultMode.SKIPS)
    verdict, survey = attempt_with_faults(
        skips,
        PlannedFault("service", number, "denied"),
        application="website",
        goal=clean.end_state,
    )
    assert (verdict.outcome, verdict.problems) == ("succeeded", [])
    assert survey.end_state is not None
    assert clean.end_state is not None
    assert survey.end_state.snapshot != clean.end_state.snapshot


def test_second_start_of_failed_failover_responds_to_the_same_incident() -> None:
    """The copies are old by then, because the origin failed before the first start. So data is missing from them."""
    with open_sweep_session(SweepTarget(REPOSITORY, "website", "failover", 7)) as (stage, ready):
        denied = FixedFaultPlan(PlannedFault("lambda-service", "1", "server-error"))
        verdict, _ = run_trial(stage, ready, denied)
        first, second = stage.runs
    assert (verdict.outcome, verdict.again, verdict.problems) == ("failed", "succeeded", [])
    assert first.responds_to_incident
    assert second.responds_to_incident
    assert second.trouble_started_at == first.trouble_started_at

"""What the sweep's person does after a broken run is what the run's own account says, also where it says so twice."""

from __future__ import annotations

from pathlib import Path

from leeward.rehearsal.snapshots.world_snapshot import WorldSnapshot
from leeward.rehearsal.sweep.faults.baseline import Baseline
from leeward.rehearsal.sweep.faults.planned_faults import CallFaultMode, OperatorFaultMode, PlannedFault
from leeward.rehearsal.sweep.sweep_setup import SweepTarget, open_sweep_session
from leeward.rehearsal.sweep.trials.followup_faults import FixedFaultPlan
from leeward.rehearsal.sweep.trials.trial import TrialResult, run_trial

ROOT = Path(__file__).parents[3]


def tried(
    *faults: PlannedFault, of: str = "ticketing", goal: WorldSnapshot | None = None
) -> tuple[TrialResult, Baseline]:
    with open_sweep_session(SweepTarget(ROOT, of, "drill", 7)) as (stage, ready):
        return run_trial(stage, ready, FixedFaultPlan(*faults) if faults else None, goal)


def calls_with(survey: Baseline, words: str) -> list[str]:
    return [str(number) for number, call in enumerate(survey.calls, start=1) if words in call]


def test_an_end_that_could_not_be_recorded_is_and_what_it_says_then_is_done() -> None:
    """The drill fails at its second check and takes back what it did; its end is not recorded, so it is resumed, which
    records it; and what was taken back is started anew."""
    clean = tried()[1]
    fails = PlannedFault("call", calls_with(clean, "secretsmanager:GetSecretValue")[1], CallFaultMode.THROTTLED_LONG)
    failing = tried(fails)[1]
    unrecorded = PlannedFault("call", calls_with(failing, "leeward-run-end")[0], CallFaultMode.EXPIRED)
    verdict = tried(fails, unrecorded)[0]
    assert "could not be recorded" in verdict.cause
    assert (verdict.outcome, verdict.again, verdict.problems) == ("failed", "succeeded", [])


def test_what_a_person_has_skipped_need_not_be_as_after_the_clean_run() -> None:
    """The drill's servers can't be terminated; a person says to go on without."""
    clean = tried(of="website")[1]
    number = calls_with(clean, "drs:TerminateRecoveryInstances")[0]
    skips = PlannedFault("operator", "", OperatorFaultMode.SKIPS)
    verdict, survey = tried(
        skips, PlannedFault("call", number, CallFaultMode.THROTTLED_LONG), of="website", goal=clean.final_snapshot
    )
    assert (verdict.outcome, verdict.problems) == ("succeeded", [])
    assert survey.final_snapshot != clean.final_snapshot

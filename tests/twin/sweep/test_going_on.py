"""What the sweep's person does after a broken run is what the run's own account says, also where it says so twice."""

from __future__ import annotations

from pathlib import Path

from leeward.twin.canonical import State
from leeward.twin.sweep.aftermath import Begin
from leeward.twin.sweep.faults import CallMode, Fault, OperatorMode
from leeward.twin.sweep.stages import Course, set_up
from leeward.twin.sweep.survey import Survey
from leeward.twin.sweep.trial import Verdict, attempt

ROOT = Path(__file__).parents[3]


def tried(*faults: Fault, of: str = "ticketing", goal: State | None = None) -> tuple[Verdict, Survey]:
    with set_up(Course(ROOT, of, "drill", 7)) as (stage, ready):
        return attempt(stage, ready, Begin(*faults) if faults else None, goal)


def calls_with(survey: Survey, words: str) -> list[str]:
    return [str(number) for number, call in enumerate(survey.calls, start=1) if words in call]


def test_an_end_that_could_not_be_recorded_is_and_what_it_says_then_is_done() -> None:
    """The drill fails at its second check and takes back what it did; its end is not recorded, so it is resumed, which
    records it; and what was taken back is started anew."""
    clean = tried()[1]
    fails = Fault("call", calls_with(clean, "secretsmanager:GetSecretValue")[1], CallMode.THROTTLED_LONG)
    failing = tried(fails)[1]
    unrecorded = Fault("call", calls_with(failing, "leeward-run-end")[0], CallMode.EXPIRED)
    verdict = tried(fails, unrecorded)[0]
    assert "could not be recorded" in verdict.cause
    assert (verdict.outcome, verdict.again, verdict.problems) == ("failed", "succeeded", [])


def test_what_a_person_has_skipped_need_not_be_as_after_the_clean_run() -> None:
    """The drill's servers can't be terminated; a person says to go on without."""
    clean = tried(of="website")[1]
    number = calls_with(clean, "drs:TerminateRecoveryInstances")[0]
    skips = Fault("operator", "", OperatorMode.SKIPS)
    verdict, survey = tried(skips, Fault("call", number, CallMode.THROTTLED_LONG), of="website", goal=clean.goal)
    assert (verdict.outcome, verdict.problems) == ("succeeded", [])
    assert survey.goal != clean.goal

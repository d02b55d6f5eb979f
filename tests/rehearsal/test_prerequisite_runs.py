"""A run that is played before the rehearsal's own run is judged like any other, and the result says so."""

from __future__ import annotations

import pytest

from leeward.cli.screens.rehearsal_failure.outcome_words import describe_problems
from leeward.cli.screens.rehearsal_result.verdict import build_verdict
from leeward.rehearsal.draws.draws_runner import summarize_rehearsal
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.result_models import ExecutionOutcome, RehearsalResult, RunStepStatus
from leeward.rehearsal.runner.prerequisite_runs import report_prerequisite
from tests.cli.screens import sample_rehearsals
from tests.cli.screens.rendering import SIGNS, console, plain_text


def with_step(status: RunStepStatus) -> RehearsalResult:
    result = sample_rehearsals.rehearsal()
    first, *others = result.steps
    return result.model_copy(update={"steps": [first.model_copy(update={"status": status}), *others]})


BROKEN = InvariantReport(name="truth", held=False, detail="nothing launched")
SAMPLE = sample_rehearsals.rehearsal()
FAILURES = {
    "failed": (SAMPLE.model_copy(update={"outcome": ExecutionOutcome.FAILED, "cause": "denied"}), "denied"),
    "broken": (SAMPLE.model_copy(update={"invariants": [BROKEN]}), "truth: nothing launched"),
    "skipped": (with_step(RunStepStatus.SKIPPED), "was skipped"),
    "late": (
        SAMPLE.model_copy(
            update={"rto": SAMPLE.rto.model_copy(update={"measured_seconds": 9e9, "met": False, "status": None})}
        ),
        "it missed the RTO",
    ),
}


def shown(result: RehearsalResult) -> str:
    on = console(160)
    on.print(build_verdict(result, width=160, glyphs=SIGNS))
    return plain_text(on)


def test_rehearsal_after_a_passed_run_passes() -> None:
    result = SAMPLE.model_copy(update={"prerequisites": [report_prerequisite(SAMPLE)]})
    assert result.passed == SAMPLE.passed is True
    assert "before it passed" in shown(result)


@pytest.mark.parametrize("name", FAILURES)
def test_rehearsal_after_a_run_that_did_not_pass_does_not_pass(name: str) -> None:
    earlier, reason = FAILURES[name]
    assert not earlier.passed
    result = SAMPLE.model_copy(update={"prerequisites": [report_prerequisite(earlier)]})
    assert not result.passed
    assert f"the {SAMPLE.runbook} before it did not pass: " in describe_problems(result)
    assert reason in describe_problems(result)
    assert "NOT PASSED" in shown(result)


@pytest.mark.parametrize(("name", "has_problem"), [("broken", True), ("skipped", True), ("late", False)])
def test_draw_after_a_run_with_problems_has_one(name: str, *, has_problem: bool) -> None:
    """A missed objective of the earlier run is left to its own draws, which judge it at p95."""
    result = SAMPLE.model_copy(update={"prerequisites": [report_prerequisite(FAILURES[name][0])]})
    assert not summarize_rehearsal(SAMPLE).has_problem
    assert summarize_rehearsal(result).has_problem is has_problem

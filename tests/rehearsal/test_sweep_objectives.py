"""What a sweep counts in addition to failures: missed objectives, and stops that a retry would have avoided."""

from __future__ import annotations

import pytest

from leeward.cli.screens.sweep import show_sweep
from leeward.rehearsal.results.objectives import (
    ObjectiveFigure,
    Objectives,
    list_missed_objectives,
    read_objectives,
)
from leeward.rehearsal.sweep.counts.needless_stops import involves_person, is_needless_stop, is_transient
from leeward.rehearsal.sweep.counts.objective_counts import count_objectives
from leeward.rehearsal.sweep.faults.planned_faults import parse_fault_set
from leeward.rehearsal.sweep.sweep_report import BaselineReport, SweepReport
from leeward.rehearsal.sweep.trials.trial import TrialResult
from tests.cli.screens import sample_rehearsals
from tests.cli.screens.rendering import console, plain_text


def rto(seconds: float | None, *, missed: bool = False) -> Objectives:
    return {"RTO": ObjectiveFigure(objective_seconds=1800, seconds=seconds, missed=missed)}


def result(fault: str, outcome: str = "failed", *, asked: bool = False, no_effect: str = "") -> TrialResult:
    return TrialResult(fault, outcome=outcome, asked=asked, no_effect=no_effect)


def test_objectives_are_read_from_a_result() -> None:
    sample = sample_rehearsals.rehearsal()
    measured = read_objectives(sample.rto, sample.rpo)
    assert measured["RTO"]["seconds"] == sample.rto.measured_seconds
    assert [each["missed"] for each in measured.values()] == [False, False]


def test_missed_objectives_are_counted() -> None:
    trials = [rto(100), rto(300), rto(2000, missed=True), rto(None, missed=True), rto(None), {}]
    (counts,) = count_objectives(rto(100), trials)
    assert (counts.trials, counts.missed, counts.p50_seconds, counts.max_seconds) == (4, 2, 300, 2000)
    assert (counts.objective_seconds, counts.clean_seconds) == (1800, 100)


def test_missed_objective_of_the_clean_run_is_a_problem() -> None:
    assert list_missed_objectives(rto(100)) == []
    assert list_missed_objectives(rto(2000, missed=True)) == ["RTO: 2,000 s of 1,800 s"]
    assert list_missed_objectives(rto(None, missed=True)) == ["RTO: never reached of 1,800 s"]


@pytest.mark.parametrize(
    ("fault", "transient"),
    [
        ("call:1:throttled", True), ("call:1:throttled-long", True), ("call:1:server-error", True),
        ("call:1:refused", True), ("call:1:timed-out", True), ("call:1:answer-lost", True), ("call:1:expired", True),
        ("call:1:killed-before", True), ("call:1:killed-after", True), ("call:1:denied", False),
        ("call:1:empty", False), ("call:1:new-value", False), ("lambda:1:twice", True), ("lambda:1:overruns", True),
        ("lambda:1:before-Lambda.ServiceException", True), ("lambda:1:before-Lambda.TooManyRequestsException", True),
        ("lambda:1:after-Sandbox.Timedout", True), ("lambda:1:before-Lambda.ResourceNotFoundException", False),
        ("lambda:1:before-Runtime.ImportModuleError", False), ("service:1:throttled", True),
        ("service:1:denied", False), ("lambda-service:1:black-hole", True), ("state:1:stopped", False),
        ("step:lock:dark:us-west-2", False), ("operator:rejects", False),
    ],
)  # fmt: skip
def test_fault_is_transient_if_a_retry_is_enough(fault: str, *, transient: bool) -> None:
    assert [is_transient(each) for each in parse_fault_set(fault)] == [transient]
    assert is_needless_stop(result(fault)) is transient


def test_stop_is_needless_only_if_the_run_stopped_or_asked() -> None:
    assert not is_needless_stop(result("call:1:expired", "succeeded"))
    assert is_needless_stop(result("call:1:expired", "succeeded", asked=True))
    assert not is_needless_stop(result("call:1:expired", no_effect="the run does not reach it"))
    assert not is_needless_stop(result("call:1:expired+call:2:denied"))
    assert is_needless_stop(result("call:1:expired+call:2:throttled"))


def test_person_is_involved_if_a_fault_stopped_the_run_or_made_it_ask() -> None:
    assert involves_person(result("call:1:denied"))
    assert involves_person(result("call:1:denied", "succeeded", asked=True))
    assert not involves_person(result("call:1:denied", "succeeded"))
    assert not involves_person(result("call:1:denied", no_effect="the run does not reach it"))


def test_sweep_shows_objectives_and_runs_with_a_person() -> None:
    report = SweepReport(
        application="website", runbook="failover", seed=7,
        clean=BaselineReport(calls=1, invocations=1, states=1, steps=1, questions=0), possible=1, runs=3, ran=3,
        took_effect=3, met=0, distinct=3, succeeded=2, converged=1, violations=0, seconds=1, cpu_seconds=1,
        runs_per_minute=180, classes=[], without_effect=[], failures=[],
        objectives=count_objectives(rto(600), [rto(600), rto(1900, missed=True)]),
        with_person=3, needless_stops=["call:17:expired"],
    )  # fmt: skip
    on = console(120)
    show_sweep(on, report)
    shown = plain_text(on)
    assert "RTO of 30m: missed in 1 of 2 trials; p50 20m50s, max 31m40s, without faults 10m" in shown
    assert "3 runs stopped or asked an operator: 2 needed one, 1 needed only a retry (call:17:expired)" in shown
    assert report.passed

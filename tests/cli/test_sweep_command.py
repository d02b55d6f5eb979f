"""`leeward sweep`, as it is typed and as it is read."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from leeward.cli.main import main
from leeward.cli.screens.sweep import show_sweep, show_total
from leeward.rehearsal.sweep.sweep_report import (
    BaselineReport,
    FailedTrialReport,
    FaultClassReport,
    IneffectiveFaultReport,
    SweepReport,
)
from tests.cli.screens.rendering import console, plain_text
from tests.support.paths import REPOSITORY

CLEAN = BaselineReport(calls=174, invocations=20, states=58, steps=5, questions=0)


@pytest.fixture(autouse=True)
def in_the_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("COLUMNS", "100")


def sweep_report(runbook: str, *failures: FailedTrialReport) -> SweepReport:
    bad = len(failures)
    return SweepReport(
        application="website", runbook=runbook, seed=7, clean=CLEAN, possible=2208, runs=1200, ran=600,
        took_effect=1200, met=0, distinct=1200, succeeded=1000 - bad, converged=200, violations=bad, seconds=300,
        cpu_seconds=550, runs_per_minute=120,
        classes=[FaultClassReport(label="call denied", runs=1200, succeeded=1000 - bad, converged=200, problems=bad)],
        without_effect=[], failures=list(failures),
    )  # fmt: skip


FAILURE = FailedTrialReport(
    fault="call:28:denied+call:88:refused", smallest="call:28:denied", outcome="failed", again="succeeded",
    problems=["no-orphan: nothing uses and nothing lists i-1"], cause="", replay="leeward sweep website drill --only x",
)  # fmt: skip


def test_sweep_only_one_fault_prints_json_report() -> None:
    command = [
        sys.executable,
        "-m",
        "leeward.cli",
        "sweep",
        "website",
        "drill",
        "--only",
        "call:60:throttled",
        "--json",
    ]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120, check=True)
    (report,) = json.loads(done.stdout)
    assert (report["runbook"], report["runs"], report["succeeded"], report["failures"]) == ("drill", 1, 1, [])


@pytest.mark.parametrize(
    ("given", "output"),
    [
        (
            ["website", "drill", "--only", "call:40:deneid"],
            "is not a fault ID. Use an ID such as call:17:answer-lost",
        ),
        (["website", "drill", "--after", "state:3:stopped"], "is not a call fault"),
        (["website", "drill", "--after", "call:40:denied", "--only", "call:50:denied"], "give one of the two"),
        (["website", "drlil"], "drill"),
        (["wbsite"], "website"),
        (["website", "drill", "--jobs", "0"], "--jobs"),
    ],
)
def test_invalid_sweep_arguments_are_rejected(given: list[str], output: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", *given]) == 2
    said = capfd.readouterr().err
    assert output in " ".join(said.split())
    assert "Traceback" not in said


def test_failure_is_shown_with_problem_and_replay_command() -> None:
    on = console(100)
    show_sweep(on, sweep_report("drill", FAILURE))
    shown = plain_text(on)
    assert "call:28:denied+call:88:refused: failed" in shown
    assert "no-orphan: nothing uses and nothing lists i-1" in shown
    assert "leeward sweep website drill --only x" in shown
    assert "1 of 1,200 trials failed; 300 s, 120 trials per minute" in shown


def test_known_failure_is_shown_as_known_and_passes() -> None:
    known = FAILURE.model_copy(update={"known": "issue K: the end is not retried", "location": "leeward-run-end"})
    report = sweep_report("drill", known).model_copy(update={"known": 1})
    on = console(100)
    show_sweep(on, report)
    shown = plain_text(on)
    assert "call:28:denied+call:88:refused (leeward-run-end): failed" in shown
    assert "known: issue K: the end is not retried" in shown
    assert "no-orphan: nothing uses and nothing lists i-1" in shown
    assert "1 of 1,200 trials failed, 1 of them in a known way; 300 s" in shown
    assert report.passed
    assert not report.model_copy(update={"known": 0}).passed


def test_unknown_failures_are_shown_before_known_ones() -> None:
    known = FAILURE.model_copy(update={"known": "issue K: x", "fault": "call:1:denied"})
    on = console(100)
    show_sweep(on, sweep_report("drill", known, FAILURE))
    shown = plain_text(on)
    assert shown.index("call:28:denied") < shown.index("call:1:denied")


DARK = [
    IneffectiveFaultReport(
        fault=f"step:{step}:dark:us-east-1", location=step, reason="us-east-1 was already unavailable"
    )
    for step in ("take_the_lock", "recover_the_servers", "move_the_users", "tell_the_team")
]


def test_success_counts_distinct_faults_that_took_effect() -> None:
    counts = {"took_effect": 1196, "met": 200, "distinct": 996, "without_effect": DARK}
    on = console(100)
    show_sweep(on, sweep_report("drill").model_copy(update=counts))
    others = "200 trials were equal to one of them, 4 had no effect"
    assert f"all 996 distinct faults that took effect passed ({others}); 300 s" in plain_text(on)


def test_faults_without_effect_are_listed_with_reason() -> None:
    on = console(300)
    show_sweep(on, sweep_report("drill").model_copy(update={"without_effect": DARK}))
    listed = ", ".join(each.fault for each in DARK[:3])
    assert f"no effect, because us-east-1 was already unavailable: {listed} and 1 more" in plain_text(on)


def test_only_fault_without_effect_does_not_count_as_passed() -> None:
    counts = {"runs": 1, "took_effect": 0, "distinct": 0, "without_effect": DARK[:1]}
    on = console(300)
    show_sweep(on, sweep_report("drill").model_copy(update=counts))
    shown = plain_text(on)
    assert "no fault took effect, so nothing was tested" in shown
    assert "faults that took effect passed" not in shown


def test_total_has_one_line_per_runbook_and_sum() -> None:
    on = console(100)
    show_total(on, [sweep_report("drill", FAILURE), sweep_report("failover")])
    lines = [line.split() for line in plain_text(on).splitlines() if line]
    assert lines[1:] == [
        ["website", "drill", "2,208", "1,200", "1,200", "999", "200", "1", "120"],
        ["website", "failover", "2,208", "1,200", "1,200", "1,000", "200", "0", "120"],
        ["total", "4,416", "2,400", "2,400", "1,999", "400", "1", "120"],
    ]

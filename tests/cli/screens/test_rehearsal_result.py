"""After the end: the steps, the evidence, and a verdict that says what failed, why, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from leeward.cli.screens.rehearsal_failure.next_steps import ADVICE_BY_ERROR
from leeward.cli.screens.rehearsal_result.summary import show_rehearsal
from leeward.common import errors
from leeward.rehearsal.results.objectives import MeasurementBasis, RehearsalObjective
from leeward.rehearsal.results.reports.invariant_report import InvariantReport
from leeward.rehearsal.results.result_models import (
    ClientsReport,
    ExecutionOutcome,
    LaunchTimeReport,
    RehearsalResult,
    RunStepStatus,
)
from tests.cli.screens import extreme_steps, sample_rehearsals
from tests.cli.screens.rendering import console, plain_text
from tests.support.nonempty import nonempty


def render(rehearsal: RehearsalResult, width: int = 80, *, ascii_only: bool = False, again: str = "") -> str:
    on = console(width, ascii_only=ascii_only)
    show_rehearsal(on, rehearsal, root=Path(), repeat_command=again)
    return plain_text(on)


def joined_words(screen: str) -> str:
    """The screen's words, without frames and line breaks."""
    return " ".join(screen.replace("│", " ").split())


def verdict_of(screen: str) -> str:
    return screen[screen.index("╭") :]


def test_passed_verdict_shows_objectives_and_user_requests() -> None:
    verdict = verdict_of(render(sample_rehearsals.rehearsal()))
    assert "PASSED" in verdict
    assert "16m44s of 30m" in verdict
    assert "8s of 5m" in verdict
    assert verdict.count("met ") >= 2
    assert "seen     16m44s of downtime; 5,020 of 8,140 requests failed (62%)" in verdict


def test_evidence_lists_invariants_usage_and_history() -> None:
    screen = render(sample_rehearsals.rehearsal())
    assert "6 of 6 held" in screen
    for invariant in nonempty(sample_rehearsals.rehearsal().invariants):
        assert invariant.name in screen
        assert invariant.detail in screen
    assert "143 state transitions, 61 Lambda invocations, 118 AWS calls" in screen
    assert "build/rehearsals/website-failover-region-dark-7.json" in screen


def launch(group: str, seconds: float, gib: int, *, assumed: bool = True) -> LaunchTimeReport:
    return LaunchTimeReport(group=group, seconds=seconds, disks_gib=gib, assumed=assumed)


@pytest.mark.parametrize(
    ("launches", "line"),
    [
        (
            [launch("database", 738, 28), launch("pages", 590, 8)],
            "launches database 12m18s (28 GiB), pages 9m50s (8 GiB); assumed from the disk size, set launch_times in "
            "world.yaml to the times of your drills",
        ),
        ([launch("a", 60, 8), launch("b", 60, 8, assumed=False)], "b 1m (8 GiB); a assumed from the disk size"),
        ([launch("a", 60, 8, assumed=False)], "launches a 1m (8 GiB); as measured by the team, from world.yaml usage"),
    ],
)
def test_evidence_says_how_long_launches_took_and_why(launches: list[LaunchTimeReport], line: str) -> None:
    rehearsal = sample_rehearsals.rehearsal().model_copy(update={"launch_times": launches})
    assert line in joined_words(render(rehearsal, width=100))


def test_evidence_without_launches_has_no_launch_line() -> None:
    assert "launches " not in render(sample_rehearsals.rehearsal())


def test_step_table_shows_start_and_duration() -> None:
    screen = render(sample_rehearsals.rehearsal())
    line = next(line for line in screen.split("\n") if "Recover the servers" in line)
    assert "09:08:07  11m30s" in line
    for name, *_ in sample_rehearsals.PLAN:
        assert name in screen


@pytest.mark.parametrize("width", [80, 110, 140, 220])
def test_long_reason_does_not_shrink_names_and_times(width: int) -> None:
    lines = render(sample_rehearsals.launch_failed(), width).split("\n")
    line = next(line for line in lines if "Recover the servers" in line)
    assert "09:08:07  7m13s" in line
    assert all(any(name in line for line in lines) for name, *_ in sample_rehearsals.PLAN)


def test_wide_terminal_shows_step_details() -> None:
    screen = render(sample_rehearsals.rehearsal(), 140)
    for *_, detail in sample_rehearsals.PLAN:
        assert detail in screen


def test_parallel_groups_overlap_on_timeline() -> None:
    lines = render(sample_rehearsals.rehearsal()).split("\n")
    bars = {name: next(line for line in lines if f"✓ {name}" in line) for name, *_ in sample_rehearsals.GROUPS}
    assert bars["home-page"].index("━") == bars["catalogue-page"].index("━")
    assert bars["database"].rindex("━") < bars["home-page"].index("━")


def test_failed_verdict_shows_step_reason_skipped_steps_and_next() -> None:
    verdict = joined_words(verdict_of(render(sample_rehearsals.launch_failed())))
    assert "FAILED website failover, after 8m21s" in verdict
    assert "failed at Recover the servers step 4 of 10, drs.recover" in verdict
    assert "why LaunchFailed: home-page: 1 of 1 servers did not launch:" in verdict
    assert "not done Protect the recovered servers, Register with the load balancer" in verdict
    assert "next 1. Fix each server's reason" in verdict
    assert "missed (30m): us-west-2 served 0 of 5 clients at the end" in verdict


def test_failed_verdict_shows_users_and_production_command() -> None:
    verdict = joined_words(verdict_of(render(sample_rehearsals.launch_failed())))
    assert "users were not moved (no step that moves users was done)." in verdict
    assert (
        "2. On AWS: fix the cause; `leeward resume website.failover.rehearsal` continues at the failed step" in verdict
    )
    assert 'start failover of website again with {"take_over": "website.failover.rehearsal"}' in verdict


def test_each_server_reason_is_on_its_own_line() -> None:
    lines = [line.strip("│ ") for line in verdict_of(render(sample_rehearsals.launch_failed())).split("\n")]
    for server in sample_rehearsals.SERVERS:
        assert any(line.startswith(server) for line in lines), server


def test_verdict_fits_last_screen_of_small_terminal() -> None:
    screen = (
        render(sample_rehearsals.launch_failed(), again="leeward rehearse website failover").rstrip("\n").split("\n")
    )
    seen = joined_words("\n".join(screen[-26:]))  # 27 lines, the last of which is the prompt's
    for words in ("failed at Recover the servers", *sample_rehearsals.SERVERS, "not done", "next 1.", "again leeward"):
        assert words in seen, words


def test_replay_command_is_on_one_line() -> None:
    command = "leeward rehearse website failover --seed 7 --input '{\"approve\": true}' --reason drill --pace 60"
    assert render(sample_rehearsals.launch_failed(), again=command).rstrip("\n").split("\n")[-1] == f"again  {command}"
    assert "again" not in render(sample_rehearsals.rehearsal(), again=command)


def test_success_beyond_rto_does_not_pass() -> None:
    late = RehearsalObjective.measured(600, 1004, MeasurementBasis.CLIENTS)
    verdict = verdict_of(render(sample_rehearsals.rehearsal(rto=late)))
    assert "NOT PASSED" in verdict
    assert "the run succeeded, but missed the RTO" in verdict
    assert "16m44s of 10m" in verdict


def test_broken_invariant_is_named_in_verdict() -> None:
    broken = [InvariantReport(name="exactly once", held=False, detail="s-1 was launched by two jobs")]
    screen = render(sample_rehearsals.rehearsal(invariants=broken))
    assert "BROKEN: s-1 was launched by two jobs" in screen
    assert "broke 1 of 1 invariants" in verdict_of(screen)
    assert "exactly once: s-1 was launched by two jobs" in verdict_of(screen)


def test_continued_step_failure_is_in_verdict() -> None:
    steps = sample_rehearsals.steps_at(10_000)
    steps[9] = steps[9].model_copy(update={"status": RunStepStatus.FAILED, "detail": "Throttled: sns:Publish"})
    verdict = verdict_of(render(sample_rehearsals.rehearsal(steps=steps)))
    assert "NOT PASSED" in verdict
    assert "the run succeeded, but 'Tell the team' failed" in joined_words(verdict)
    assert "Tell the team (failed): Throttled: sns:Publish" in verdict


def test_check_that_did_not_hold_is_in_verdict() -> None:
    steps = sample_rehearsals.steps_at(10_000)
    steps[6] = steps[6].model_copy(update={"status": RunStepStatus.FAILED, "detail": "NotServing: / answered 503"})
    steps[7] = steps[7].model_copy(update={"status": RunStepStatus.SKIPPED, "detail": "skipped by the run's input"})
    rehearsal = sample_rehearsals.rehearsal(steps=steps)
    assert not rehearsal.passed
    verdict = joined_words(verdict_of(render(rehearsal)))
    assert "'Check that us-west-2 serves' did not hold, and 'Send the users to us-west-2' was skipped" in verdict
    assert "Check that us-west-2 serves (failed): NotServing: / answered 503" in verdict
    assert "every objective was met" not in verdict


def test_unmeasured_objective_is_not_missed_and_says_why() -> None:
    unmeasured = RehearsalObjective.not_measured(
        1800, MeasurementBasis.CLIENTS, "no client sent a request during the run"
    )
    clients = ClientsReport(requests=0, failed=0, downtime_seconds=None, clients=5, moved=0)
    rehearsal = sample_rehearsals.rehearsal(rto=unmeasured, clients=clients)
    assert rehearsal.passed
    verdict = joined_words(verdict_of(render(rehearsal)))
    assert "the RPO was met, the RTO was not measured" in verdict
    assert "RTO not measured (30m): no client sent a request during the run" in verdict
    assert "seen downtime not measured" in verdict
    missed = sample_rehearsals.rehearsal(
        rto=RehearsalObjective.never_reached(1800, MeasurementBasis.CLIENTS, "us-west-2 served 4 of 5 clients")
    )
    assert not missed.passed
    assert "missed (30m): us-west-2 served 4 of 5 clients" in joined_words(verdict_of(render(missed)))


def test_recovery_measured_by_servers_says_so() -> None:
    drill = RehearsalObjective.measured(1800, 700, MeasurementBasis.SERVERS, "the run moves no clients")
    verdict = joined_words(verdict_of(render(sample_rehearsals.rehearsal(rto=drill, incident_at=None))))
    assert "by servers: the run moves no clients" in verdict


def test_invariant_that_does_not_apply_is_counted_separately() -> None:
    invariants = [
        InvariantReport(name="truth", held=True, detail="all servers launched", checked=3),
        InvariantReport.not_applicable("exactly-once", "the runbook launches no servers"),
    ]
    rehearsal = sample_rehearsals.rehearsal(invariants=invariants)
    assert rehearsal.passed
    screen = joined_words(render(rehearsal))
    assert "1 of 1 held, 1 not applicable" in screen
    assert "exactly-once not applicable: the runbook launches no servers" in screen
    assert "every invariant that applies held" in screen
    assert "BROKEN" not in screen


def test_run_without_cause_says_so() -> None:
    verdict = verdict_of(
        render(sample_rehearsals.rehearsal(outcome=ExecutionOutcome.TIMED_OUT, error=None, cause=None))
    )
    assert "TIMED OUT" in verdict
    assert "the run gave no cause" in verdict
    assert "exceeded the runbook's timeout" in verdict


def test_undelivered_run_end_has_its_own_row() -> None:
    summary = sample_rehearsals.summary_of(sample_rehearsals.REASONS)
    cause = f"{summary}\nUntold: the execution could not be ended so: states:SendTaskFailure"
    verdict = joined_words(
        verdict_of(render(sample_rehearsals.rehearsal(outcome=ExecutionOutcome.FAILED, error="EndUntold", cause=cause)))
    )
    assert "run end the execution could not be ended so: states:SendTaskFailure next 1. Fix what prevented" in verdict
    assert "unexpected" not in verdict


def test_every_permanent_error_has_advice() -> None:
    assert set(ADVICE_BY_ERROR) == {
        *errors.leaf_error_names(errors.Permanent),
        *errors.leaf_error_names(errors.Halting),
    }


@pytest.mark.parametrize("name", [*errors.leaf_error_names(errors.LeewardError), "KeyError", None])
def test_failed_verdict_always_ends_with_next_action(name: str | None) -> None:
    verdict = verdict_of(render(sample_rehearsals.rehearsal(outcome=ExecutionOutcome.FAILED, error=name, cause="why")))
    assert "next" in verdict


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 220])
def test_screen_fits_terminal_width(width: int) -> None:
    hostile = sample_rehearsals.rehearsal(
        steps=extreme_steps.hostile_steps(),
        outcome=ExecutionOutcome.FAILED,
        error="NotFound",
        cause="\n".join(extreme_steps.HOSTILE),
    )
    for rehearsal in (sample_rehearsals.rehearsal(), sample_rehearsals.launch_failed(), hostile):
        assert max(cell_len(line) for line in render(rehearsal, width).split("\n")) <= width


@pytest.mark.parametrize("width", [80, 140])
def test_markup_and_control_characters_are_shown_literally(width: int) -> None:
    screen = render(
        sample_rehearsals.rehearsal(
            steps=extreme_steps.hostile_steps(),
            outcome=ExecutionOutcome.FAILED,
            error="NotFound",
            cause="\n".join(extreme_steps.HOSTILE),
        ),
        width,
    )
    assert "[bold]not bold[/bold]" in joined_words(screen)
    assert "\x1b" not in screen
    assert "\u202e" not in screen


def test_ascii_terminal_gets_only_ascii() -> None:
    assert render(sample_rehearsals.launch_failed(), ascii_only=True).isascii()

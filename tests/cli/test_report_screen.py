"""After the end: the steps, the evidence, and a verdict that says what failed, why, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from leeward.cli.screens.rehearsal_failure.next_steps import ADVICE_BY_ERROR
from leeward.cli.screens.rehearsal_result.summary import show_rehearsal
from leeward.common import errors
from leeward.rehearsal.results.result_models import (
    ExecutionOutcome,
    InvariantReport,
    RehearsalObjective,
    RehearsalResult,
    RunStepStatus,
)
from tests.cli import extremes, samples
from tests.cli.rendering import console, written


def shown(rehearsal: RehearsalResult, width: int = 80, *, ascii_only: bool = False, again: str = "") -> str:
    on = console(width, ascii_only=ascii_only)
    show_rehearsal(on, rehearsal, root=Path(), repeat_command=again)
    return written(on)


def flat(screen: str) -> str:
    """The screen's words, without frames and line breaks."""
    return " ".join(screen.replace("│", " ").split())


def verdict_of(screen: str) -> str:
    return screen[screen.index("╭") :]


def test_a_rehearsal_that_passed_says_so_with_both_objectives_and_what_the_users_saw() -> None:
    verdict = verdict_of(shown(samples.rehearsal()))
    assert "PASSED" in verdict
    assert "16m44s of 30m" in verdict
    assert "8s of 5m" in verdict
    assert verdict.count("met ") >= 2
    assert "seen     16m44s of downtime; 5,020 of 8,140 requests failed (62%)" in verdict


def test_the_evidence_has_every_invariant_the_usage_and_the_history() -> None:
    screen = shown(samples.rehearsal())
    assert "6 of 6 held" in screen
    for invariant in samples.rehearsal().invariants:
        assert invariant.name in screen
        assert invariant.detail in screen
    assert "143 state transitions, 61 Lambda invocations, 118 AWS calls" in screen
    assert "build/rehearsals/website-failover-region-dark-7.json" in screen


def test_the_table_has_every_step_with_start_and_duration() -> None:
    screen = shown(samples.rehearsal())
    line = next(line for line in screen.split("\n") if "Recover the servers" in line)
    assert "09:08:07  11m30s" in line
    for name, *_ in samples.PLAN:
        assert name in screen


@pytest.mark.parametrize("width", [80, 110, 140, 220])
def test_a_long_reason_takes_no_room_from_names_and_times(width: int) -> None:
    lines = shown(samples.launch_failed(), width).split("\n")
    line = next(line for line in lines if "Recover the servers" in line)
    assert "09:08:07  7m13s" in line
    assert all(any(name in line for line in lines) for name, *_ in samples.PLAN)


def test_a_wide_terminal_has_what_came_of_each_step() -> None:
    screen = shown(samples.rehearsal(), 140)
    for *_, detail in samples.PLAN:
        assert detail in screen


def test_groups_that_ran_side_by_side_overlap_on_the_timeline() -> None:
    lines = shown(samples.rehearsal()).split("\n")
    bars = {name: next(line for line in lines if f"✓ {name}" in line) for name, *_ in samples.GROUPS}
    assert bars["home-page"].index("━") == bars["catalogue-page"].index("━")
    assert bars["database"].rindex("━") < bars["home-page"].index("━")


def test_a_failure_says_where_why_what_was_not_done_and_what_next() -> None:
    verdict = flat(verdict_of(shown(samples.launch_failed())))
    assert "FAILED website failover, after 8m21s" in verdict
    assert "failed at Recover the servers step 4 of 10, drs.recover" in verdict
    assert "why LaunchFailed: home-page: 1 of 1 servers did not launch:" in verdict
    assert "not done Protect the recovered servers, Register with the load balancer" in verdict
    assert "next 1. Mend each server's reason" in verdict
    assert "missed (30m): the target did not serve every user" in verdict


def test_it_says_where_the_users_are_and_how_to_go_on_where_it_is_real() -> None:
    verdict = flat(verdict_of(shown(samples.launch_failed())))
    assert "users were not moved (no step that moves them was carried out)." in verdict
    assert (
        "2. On AWS: mend the cause; `leeward resume website.failover.rehearsal` goes on at the step that failed"
        in verdict
    )
    assert 'start failover of website again with {"take_over": "website.failover.rehearsal"}' in verdict


def test_each_servers_reason_begins_a_line_of_its_own() -> None:
    lines = [line.strip("│ ") for line in verdict_of(shown(samples.launch_failed())).split("\n")]
    for server in samples.SERVERS:
        assert any(line.startswith(server) for line in lines), server


def test_where_why_and_what_next_stand_on_the_last_screen_of_a_small_terminal() -> None:
    screen = shown(samples.launch_failed(), again="leeward rehearse website failover").rstrip("\n").split("\n")
    seen = flat("\n".join(screen[-26:]))  # 27 lines, the last of which is the prompt's
    for words in ("failed at Recover the servers", *samples.SERVERS, "not done", "next 1.", "again leeward"):
        assert words in seen, words


def test_the_command_that_repeats_it_stands_on_a_line_that_can_be_copied() -> None:
    command = "leeward rehearse website failover --seed 7 --input '{\"approve\": true}' --reason drill --pace 60"
    assert shown(samples.launch_failed(), again=command).rstrip("\n").split("\n")[-1] == f"again  {command}"
    assert "again" not in shown(samples.rehearsal(), again=command)


def test_a_success_that_missed_its_rto_did_not_pass_and_says_what_was_missed() -> None:
    verdict = verdict_of(shown(samples.rehearsal(rto=RehearsalObjective.from_measurement(600, 1004))))
    assert "NOT PASSED" in verdict
    assert "the run succeeded, but missed the RTO" in verdict
    assert "16m44s of 10m" in verdict


def test_a_broken_invariant_is_in_the_verdict_by_name() -> None:
    broken = [InvariantReport(name="exactly once", held=False, detail="s-1 was launched by two jobs")]
    screen = shown(samples.rehearsal(invariants=broken))
    assert "BROKEN: s-1 was launched by two jobs" in screen
    assert "broke 1 of 1 invariants" in verdict_of(screen)
    assert "exactly once: s-1 was launched by two jobs" in verdict_of(screen)


def test_a_step_that_failed_while_the_run_went_on_is_in_the_verdict() -> None:
    steps = samples.steps_at(10_000)
    steps[9] = steps[9].model_copy(update={"status": RunStepStatus.FAILED, "detail": "Throttled: sns:Publish"})
    verdict = verdict_of(shown(samples.rehearsal(steps=steps)))
    assert "PASSED" in verdict
    assert "Tell the team (failed): Throttled: sns:Publish" in verdict


def test_a_run_without_a_cause_says_that_there_was_none() -> None:
    verdict = verdict_of(shown(samples.rehearsal(outcome=ExecutionOutcome.TIMED_OUT, error=None, cause=None)))
    assert "TIMED OUT" in verdict
    assert "the run gave no cause" in verdict
    assert "used up its own timeout" in verdict


def test_an_end_that_could_not_be_told_says_why_in_a_row_of_its_own() -> None:
    cause = (
        f"{samples.account_of(samples.REASONS)}\nUntold: the execution could not be ended so: states:SendTaskFailure"
    )
    verdict = flat(
        verdict_of(shown(samples.rehearsal(outcome=ExecutionOutcome.FAILED, error="EndUntold", cause=cause)))
    )
    assert (
        "untold the execution could not be ended so: states:SendTaskFailure next 1. Mend what kept the end" in verdict
    )
    assert "No one foresaw" not in verdict


def test_every_error_that_no_retry_mends_has_its_advice() -> None:
    assert set(ADVICE_BY_ERROR) == {
        *errors.leaf_error_names(errors.Permanent),
        *errors.leaf_error_names(errors.Halting),
    }


@pytest.mark.parametrize("name", [*errors.leaf_error_names(errors.LeewardError), "KeyError", None])
def test_every_failure_ends_with_something_to_do(name: str | None) -> None:
    verdict = verdict_of(shown(samples.rehearsal(outcome=ExecutionOutcome.FAILED, error=name, cause="why")))
    assert "next" in verdict


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140, 220])
def test_nothing_is_wider_than_the_terminal(width: int) -> None:
    hostile = samples.rehearsal(
        steps=extremes.hostile_steps(),
        outcome=ExecutionOutcome.FAILED,
        error="NotFound",
        cause="\n".join(extremes.HOSTILE),
    )
    for rehearsal in (samples.rehearsal(), samples.launch_failed(), hostile):
        assert max(cell_len(line) for line in shown(rehearsal, width).split("\n")) <= width


@pytest.mark.parametrize("width", [80, 140])
def test_markup_and_controls_are_shown_and_never_obeyed(width: int) -> None:
    screen = shown(
        samples.rehearsal(
            steps=extremes.hostile_steps(),
            outcome=ExecutionOutcome.FAILED,
            error="NotFound",
            cause="\n".join(extremes.HOSTILE),
        ),
        width,
    )
    assert "[bold]not bold[/bold]" in flat(screen)
    assert "\x1b" not in screen
    assert "\u202e" not in screen


def test_a_terminal_with_only_ascii_gets_only_ascii() -> None:
    assert shown(samples.launch_failed(), ascii_only=True).isascii()

"""Where nothing can be redrawn: one line as each step begins and ends, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterable

from leeward.cli.live_view.line_log import ProgressLog
from leeward.rehearsal.results.result_models import LiveViewFrame, RunStepStatus
from tests.cli.screens import extreme_steps, sample_rehearsals
from tests.cli.screens.rendering import SIGNS
from tests.support.nonempty import nonempty


def printed_lines(moments: Iterable[LiveViewFrame]) -> list[str]:
    teller = ProgressLog(SIGNS)
    return [line for moment in moments for line in teller.describe_changes(moment)]


def moments_of_plan(every: int = 10) -> list[LiveViewFrame]:
    return [sample_rehearsals.moment(s) for s in range(-200, 950, every)]


def test_each_step_and_group_prints_one_start_and_one_end_line() -> None:
    lines = printed_lines(moments_of_plan())
    for name, *_ in sample_rehearsals.PLAN:
        assert sum(f"begins   {name}" in line and f"{name}: " not in line for line in lines) == 1, name
        assert sum(f"done     {name} in " in line for line in lines) == 1, name
    for name, *_ in sample_rehearsals.GROUPS:
        assert sum(f"done     Recover the servers: {name} in " in line for line in lines) == 1, name


def test_line_shows_clock_and_time_since_incident() -> None:
    assert "09:13:07     T+8m7s  done     Recover the servers: database in 5m  " in "\n".join(
        printed_lines(moments_of_plan())
    )


def test_group_end_lines_precede_step_end_line() -> None:
    lines = printed_lines(sample_rehearsals.moment(s) for s in (0, 400, 1000))
    step = next(i for i, line in enumerate(lines) if "done     Recover the servers in" in line)
    last = max(i for i, line in enumerate(lines) if "done     Recover the servers: " in line)
    assert last < step


def test_step_within_one_update_prints_start_and_end() -> None:
    lines = printed_lines([sample_rehearsals.moment(-1), sample_rehearsals.moment(20_000)])
    assert any("begins   Take the lock" in line for line in lines)
    assert any("done     Take the lock in 1s" in line for line in lines)


def test_unchanged_progress_prints_no_further_lines() -> None:
    assert printed_lines([sample_rehearsals.moment(420)] * 5) == printed_lines([sample_rehearsals.moment(420)])


def test_user_counts_are_printed_when_they_change() -> None:
    users = [line for line in printed_lines(moments_of_plan()) if "  users    " in line]
    assert [line.split("users    ")[1] for line in users] == [
        "us-east-1 5 · us-west-2 0 · unserved 0",
        "us-east-1 0 · us-west-2 0 · unserved 5",
        "us-east-1 0 · us-west-2 5 · unserved 0",
    ]


def test_retry_and_question_each_print_a_line() -> None:
    running = sample_rehearsals.steps_at(420)
    failed, asking, again = list(running), list(running), list(running)
    failed[3] = running[3].model_copy(update={"status": RunStepStatus.FAILED, "detail": "LaunchFailed"})
    asking[3] = running[3].model_copy(update={"status": RunStepStatus.ASKING, "detail": "retry, skip or abort?"})
    again[3] = running[3].model_copy(update={"attempts": 2})
    lines = "\n".join(
        printed_lines(
            sample_rehearsals.moment(420 + i, steps=s) for i, s in enumerate([running, failed, asking, again])
        )
    )
    assert "FAILED   Recover the servers  LaunchFailed" in lines
    assert "asks     Recover the servers  retry, skip or abort?" in lines
    assert "begins   Recover the servers (attempt 2)" in lines


def test_hostile_names_are_printed_on_one_line_without_effect() -> None:
    lines = printed_lines([sample_rehearsals.moment(420, steps=extreme_steps.hostile_steps())])
    assert all("\n" not in line and "\x1b" not in line and "\r" not in line for line in nonempty(lines))
    assert any("[bold]not bold[/bold]" in line for line in lines)

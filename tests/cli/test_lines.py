"""Where nothing can be redrawn: one line as each step begins and ends, in the order in which it happened."""

from __future__ import annotations

from collections.abc import Iterable

from leeward.cli.live_view.line_log import ProgressLog
from leeward.rehearsal.results.result_models import LiveViewFrame, RunStepStatus
from tests.cli import extremes, samples
from tests.cli.rendering import SIGNS


def told(moments: Iterable[LiveViewFrame]) -> list[str]:
    teller = ProgressLog(SIGNS)
    return [line for moment in moments for line in teller.describe_changes(moment)]


def plan(every: int = 10) -> list[LiveViewFrame]:
    return [samples.moment(s) for s in range(-200, 950, every)]


def test_every_step_and_every_group_begins_once_and_ends_once() -> None:
    lines = told(plan())
    for name, *_ in samples.PLAN:
        assert sum(f"begins   {name}" in line and f"{name}: " not in line for line in lines) == 1, name
        assert sum(f"done     {name} in " in line for line in lines) == 1, name
    for name, *_ in samples.GROUPS:
        assert sum(f"done     Recover the servers: {name} in " in line for line in lines) == 1, name


def test_each_line_has_the_clock_and_the_time_since_the_incident() -> None:
    assert "09:13:07     T+8m7s  done     Recover the servers: database in 5m  " in "\n".join(told(plan()))


def test_the_groups_end_before_their_step_does() -> None:
    lines = told(samples.moment(s) for s in (0, 400, 1000))
    step = next(i for i, line in enumerate(lines) if "done     Recover the servers in" in line)
    last = max(i for i, line in enumerate(lines) if "done     Recover the servers: " in line)
    assert last < step


def test_a_step_that_began_and_ended_between_two_moments_is_told_both_ways() -> None:
    lines = told([samples.moment(-1), samples.moment(20_000)])
    assert any("begins   Take the lock" in line for line in lines)
    assert any("done     Take the lock in 1s" in line for line in lines)


def test_nothing_is_said_twice() -> None:
    assert told([samples.moment(420)] * 5) == told([samples.moment(420)])


def test_where_the_users_are_is_told_when_it_changes() -> None:
    users = [line for line in told(plan()) if "  users    " in line]
    assert [line.split("users    ")[1] for line in users] == [
        "us-east-1 5 · us-west-2 0 · nobody 0",
        "us-east-1 0 · us-west-2 0 · nobody 5",
        "us-east-1 0 · us-west-2 5 · nobody 0",
    ]


def test_a_retry_and_a_question_each_get_a_line() -> None:
    running = samples.steps_at(420)
    failed, asking, again = list(running), list(running), list(running)
    failed[3] = running[3].model_copy(update={"status": RunStepStatus.FAILED, "detail": "LaunchFailed"})
    asking[3] = running[3].model_copy(update={"status": RunStepStatus.ASKING, "detail": "retry, skip or abort?"})
    again[3] = running[3].model_copy(update={"attempts": 2})
    lines = "\n".join(told(samples.moment(420 + i, steps=s) for i, s in enumerate([running, failed, asking, again])))
    assert "FAILED   Recover the servers  LaunchFailed" in lines
    assert "asks     Recover the servers  retry, skip or abort?" in lines
    assert "begins   Recover the servers (attempt 2)" in lines


def test_names_are_kept_on_one_line_and_obeyed_never() -> None:
    lines = told([samples.moment(420, steps=extremes.hostile_steps())])
    assert all("\n" not in line and "\x1b" not in line and "\r" not in line for line in lines)
    assert any("[bold]not bold[/bold]" in line for line in lines)

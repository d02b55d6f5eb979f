"""The live view: everything at a glance, within the terminal, and nothing interpreted."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from leeward.cli.live_view.frame import draw_frame
from leeward.rehearsal.results.result_models import LiveViewFrame, RunStepStatus, StepPartReport
from tests.cli import extremes, samples
from tests.cli.rendering import ASCII_SIGNS, SIGNS, text


def drawn(moment: LiveViewFrame, width: int = 80, height: int = 40, **more: object) -> str:
    return text(draw_frame(moment, width=width, height=height, glyphs=SIGNS, **more), width)  # type: ignore[arg-type]


def test_the_head_says_what_runs_from_where_to_where_and_how_long_it_has_been() -> None:
    screen = drawn(samples.moment(420))
    assert "website · failover   us-east-1 → us-west-2" in screen
    assert "09:14:00 UTC   9m since the incident" in screen
    assert "9m of 30m" in screen
    assert "us-east-1 0 · us-west-2 0 · nobody 5" in screen
    assert "us-east-1 is dark" in screen


def test_before_the_incident_the_clock_says_how_far_away_it_is() -> None:
    assert "the incident is 1m20s away" in drawn(samples.moment(-200))


def test_between_incident_and_start_it_says_that_no_run_has_started() -> None:
    assert "1m since the incident, no run started yet" in drawn(samples.moment(-60))


def test_groups_of_a_wave_stand_beneath_their_step_each_with_its_own_state() -> None:
    lines = drawn(samples.moment(420)).split("\n")
    step = next(i for i, line in enumerate(lines) if line.startswith("▶ Recover the servers"))
    beneath = [line.strip() for line in lines[step + 1 : step + 8]]
    assert beneath[1].startswith("✓ database")
    assert beneath[3].startswith("▶ home-page")
    assert beneath[5].startswith("▶ catalogue-page")


def test_a_step_under_way_shows_its_start_and_how_long_it_has_run() -> None:
    line = next(line for line in drawn(samples.moment(420)).split("\n") if "Recover the servers" in line)
    assert line.split()[-2:] == ["09:08:07", "5m53s"]


def test_details_stand_beside_the_steps_on_a_wide_terminal_and_beneath_on_a_narrow_one() -> None:
    wide = next(line for line in drawn(samples.moment(420), 140).split("\n") if "Take the lock" in line)
    assert "lock of website taken" in wide
    narrow = drawn(samples.moment(420), 80).split("\n")
    assert "  lock of website taken" in narrow


def test_the_bar_stops_once_the_target_serves_every_user() -> None:
    assert "16m44s of 30m, users served" in drawn(samples.moment(900), served_at=samples.after(884))


def test_past_the_objective_the_bar_is_full_and_says_missed() -> None:
    line = next(line for line in drawn(samples.moment(1800)).split("\n") if line.startswith("RTO"))
    assert "32m of 30m, missed" in line
    assert "·" not in line


@pytest.mark.parametrize("height", [10, 12, 16, 24, 50])
@pytest.mark.parametrize("width", [40, 80, 140, 220])
def test_a_frame_is_never_larger_than_the_terminal(width: int, height: int) -> None:
    for moment in (
        samples.moment(420),
        samples.moment(460, steps=extremes.many_steps()),
        samples.moment(420, steps=extremes.hostile_steps()),
    ):
        lines = drawn(moment, width, height).rstrip("\n").split("\n")
        assert len(lines) <= height - 1
        assert max(cell_len(line) for line in lines) <= width


def test_of_thirty_steps_the_one_under_way_stays_in_sight_and_the_hidden_ones_are_counted() -> None:
    screen = drawn(samples.moment(460, steps=extremes.many_steps()), 80, 24)
    assert "▶ Step number 16" in screen
    assert "Step number 1 " not in screen
    assert "11 done above" in screen
    assert "6 to come below" in screen


def test_on_a_low_terminal_settled_steps_lose_their_details_before_any_step_is_hidden() -> None:
    screen = drawn(samples.moment(30), 80, 22)
    assert "lock of website taken" not in screen
    assert "✓ Take the lock" in screen
    assert "· Tell the team" in screen


def test_a_wave_of_forty_groups_does_not_push_the_frame_off_the_terminal() -> None:
    steps = samples.steps_at(420)
    status = [RunStepStatus.DONE] * 10 + [RunStepStatus.RUNNING] * 30
    parts = [
        StepPartReport(name=f"group-{i}", status=s, started_at=samples.after(67), ended_at=None, detail="converting")
        for i, s in enumerate(status)
    ]
    steps[3] = steps[3].model_copy(update={"parts": parts})
    screen = drawn(samples.moment(420, steps=steps), 80, 24).rstrip("\n")
    assert screen.count("\n") < 23
    assert "▶ Recover the servers" in screen
    assert "▶ group-10" in screen
    assert "done above" in screen
    assert "running below" in screen


def test_a_question_is_shown_whole_as_far_as_three_lines() -> None:
    question = "us-east-1 is to be left for us-west-2. Users are moved once the servers serve. Answer before 09:22:05."
    steps = samples.steps_at(30)
    steps[2] = steps[2].model_copy(update={"status": RunStepStatus.ASKING, "detail": question})
    screen = drawn(samples.moment(30, steps=steps))
    assert "? Ask for approval" in screen
    assert question in " ".join(screen.split())


def test_a_repeated_step_says_which_attempt_this_is() -> None:
    steps = samples.steps_at(420)
    steps[3] = steps[3].model_copy(update={"attempts": 3})
    assert "Recover the servers (attempt 3)" in drawn(samples.moment(420, steps=steps))


def test_markup_emoji_and_controls_in_names_are_shown_and_never_obeyed() -> None:
    screen = drawn(samples.moment(420, steps=extremes.hostile_steps()), 140)
    assert "[bold]not bold[/bold] [link=http://example.com]x[/link]" in screen
    assert ":boom:" in screen
    assert "\N{ROCKET}" in screen
    assert "\x1b" not in screen
    assert "\u202e" not in screen


def test_a_terminal_with_only_ascii_gets_only_ascii() -> None:
    screen = text(draw_frame(samples.moment(420), width=80, height=40, glyphs=ASCII_SIGNS), ascii_only=True)
    assert screen.isascii()
    assert "> Recover the servers" in screen
    assert "+ database" in screen


def test_a_thousand_users_share_one_small_bar() -> None:
    line = next(
        line
        for line in drawn(samples.moment(420, users={"us-east-1": 0, "us-west-2": 750, "nobody": 250})).split("\n")
        if line.startswith("users")
    )
    bar = line.split()[-1]
    assert bar == "█" * (len(bar) * 3 // 4) + "×" * (len(bar) // 4)  # noqa: RUF001 - the sign for "served by nobody"


def test_a_runbook_without_steps_still_draws() -> None:
    assert "website · failover" in drawn(samples.moment(-200, steps=[]))


def test_a_groups_detail_does_not_repeat_its_name() -> None:
    steps = samples.steps_at(420)
    part = steps[3].parts[1].model_copy(update={"detail": "home-page: 0 of 1 recovered"})
    steps[3] = steps[3].model_copy(update={"parts": [part]})
    lines = drawn(samples.moment(420, steps=steps)).split("\n")
    assert "     0 of 1 recovered" in lines

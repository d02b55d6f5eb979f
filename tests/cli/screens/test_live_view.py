"""The live view: everything at a glance, within the terminal, and nothing interpreted."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from leeward.cli.live_view.frame import draw_frame
from leeward.rehearsal.results.result_models import LiveViewFrame, RunStepStatus, StepPartReport
from tests.cli.screens import extreme_steps, sample_rehearsals
from tests.cli.screens.rendering import ASCII_SIGNS, SIGNS, render_text


def render(moment: LiveViewFrame, width: int = 80, height: int = 40, **more: object) -> str:
    return render_text(draw_frame(moment, width=width, height=height, glyphs=SIGNS, **more), width)  # type: ignore[arg-type]


def test_header_shows_run_regions_and_elapsed_time() -> None:
    screen = render(sample_rehearsals.moment(420))
    assert "website · failover   us-east-1 → us-west-2" in screen
    assert "09:14:00 UTC   9m since the incident" in screen
    assert "9m of 30m" in screen
    assert "us-east-1 0 · us-west-2 0 · unserved 5" in screen
    assert "us-east-1 is dark" in screen


def test_clock_counts_down_to_incident() -> None:
    assert "1m20s until the incident" in render(sample_rehearsals.moment(-200))


def test_header_says_no_run_started_after_incident() -> None:
    assert "1m since the incident, no run started yet" in render(sample_rehearsals.moment(-60))


def test_groups_are_listed_under_step_with_own_status() -> None:
    lines = render(sample_rehearsals.moment(420)).split("\n")
    step = next(i for i, line in enumerate(lines) if line.startswith("▶ Recover the servers"))
    beneath = [line.strip() for line in lines[step + 1 : step + 8]]
    assert beneath[1].startswith("✓ database")
    assert beneath[3].startswith("▶ home-page")
    assert beneath[5].startswith("▶ catalogue-page")


def test_running_step_shows_start_and_elapsed_time() -> None:
    line = next(line for line in render(sample_rehearsals.moment(420)).split("\n") if "Recover the servers" in line)
    assert line.split()[-2:] == ["09:08:07", "5m53s"]


def test_details_are_beside_steps_when_wide_and_below_when_narrow() -> None:
    wide = next(line for line in render(sample_rehearsals.moment(420), 140).split("\n") if "Take the lock" in line)
    assert "lock of website taken" in wide
    narrow = render(sample_rehearsals.moment(420), 80).split("\n")
    assert "  lock of website taken" in narrow


def test_rto_bar_stops_when_target_serves_all_users() -> None:
    assert "16m44s of 30m, users served" in render(
        sample_rehearsals.moment(900), served_at=sample_rehearsals.seconds_after_start(884)
    )


def test_rto_bar_is_full_and_says_missed_after_objective() -> None:
    line = next(line for line in render(sample_rehearsals.moment(1800)).split("\n") if line.startswith("RTO"))
    assert "32m of 30m, missed" in line
    assert "·" not in line


@pytest.mark.parametrize("height", [10, 12, 16, 24, 50])
@pytest.mark.parametrize("width", [40, 80, 140, 220])
def test_frame_fits_terminal_size(width: int, height: int) -> None:
    for moment in (
        sample_rehearsals.moment(420),
        sample_rehearsals.moment(460, steps=extreme_steps.many_steps()),
        sample_rehearsals.moment(420, steps=extreme_steps.hostile_steps()),
    ):
        lines = render(moment, width, height).rstrip("\n").split("\n")
        assert len(lines) <= height - 1
        assert max(cell_len(line) for line in lines) <= width


def test_long_runbook_keeps_running_step_visible_and_counts_hidden() -> None:
    screen = render(sample_rehearsals.moment(460, steps=extreme_steps.many_steps()), 80, 24)
    assert "▶ Step number 16" in screen
    assert "Step number 1 " not in screen
    assert "11 done above" in screen
    assert "6 to come below" in screen


def test_low_terminal_drops_details_before_hiding_steps() -> None:
    screen = render(sample_rehearsals.moment(30), 80, 22)
    assert "lock of website taken" not in screen
    assert "✓ Take the lock" in screen
    assert "· Tell the team" in screen


def test_wave_of_forty_groups_fits_terminal() -> None:
    steps = sample_rehearsals.steps_at(420)
    status = [RunStepStatus.DONE] * 10 + [RunStepStatus.RUNNING] * 30
    parts = [
        StepPartReport(
            name=f"group-{i}",
            status=s,
            started_at=sample_rehearsals.seconds_after_start(67),
            ended_at=None,
            detail="converting",
        )
        for i, s in enumerate(status)
    ]
    steps[3] = steps[3].model_copy(update={"parts": parts})
    screen = render(sample_rehearsals.moment(420, steps=steps), 80, 24).rstrip("\n")
    assert screen.count("\n") < 23
    assert "▶ Recover the servers" in screen
    assert "▶ group-10" in screen
    assert "done above" in screen
    assert "running below" in screen


def test_question_is_shown_up_to_three_lines() -> None:
    question = "us-east-1 is to be left for us-west-2. Users are moved once the servers serve. Answer before 09:22:05."
    steps = sample_rehearsals.steps_at(30)
    steps[2] = steps[2].model_copy(update={"status": RunStepStatus.ASKING, "detail": question})
    screen = render(sample_rehearsals.moment(30, steps=steps))
    assert "? Ask for approval" in screen
    assert question in " ".join(screen.split())


def test_retried_step_shows_attempt_number() -> None:
    steps = sample_rehearsals.steps_at(420)
    steps[3] = steps[3].model_copy(update={"attempts": 3})
    assert "Recover the servers (attempt 3)" in render(sample_rehearsals.moment(420, steps=steps))


def test_markup_emoji_and_control_characters_are_shown_literally() -> None:
    screen = render(sample_rehearsals.moment(420, steps=extreme_steps.hostile_steps()), 140)
    assert "[bold]not bold[/bold] [link=http://example.com]x[/link]" in screen
    assert ":boom:" in screen
    assert "\N{ROCKET}" in screen
    assert "\x1b" not in screen
    assert "\u202e" not in screen


def test_ascii_terminal_gets_only_ascii() -> None:
    screen = render_text(
        draw_frame(sample_rehearsals.moment(420), width=80, height=40, glyphs=ASCII_SIGNS), ascii_only=True
    )
    assert screen.isascii()
    assert "> Recover the servers" in screen
    assert "+ database" in screen


def test_thousand_users_are_drawn_as_one_bar() -> None:
    line = next(
        line
        for line in render(
            sample_rehearsals.moment(420, users={"us-east-1": 0, "us-west-2": 750, "nobody": 250})
        ).split("\n")
        if line.startswith("users")
    )
    bar = line.split()[-1]
    assert bar == "█" * (len(bar) * 3 // 4) + "×" * (len(bar) // 4)  # noqa: RUF001 - the glyph of unserved users


def test_runbook_without_steps_is_drawn() -> None:
    assert "website · failover" in render(sample_rehearsals.moment(-200, steps=[]))


def test_group_detail_omits_group_name() -> None:
    steps = sample_rehearsals.steps_at(420)
    part = steps[3].parts[1].model_copy(update={"detail": "home-page: 0 of 1 recovered"})
    steps[3] = steps[3].model_copy(update={"parts": [part]})
    lines = render(sample_rehearsals.moment(420, steps=steps)).split("\n")
    assert "     0 of 1 recovered" in lines


def test_planned_run_shows_no_incident() -> None:
    screen = render(sample_rehearsals.moment(420, incident=False))
    assert "since the start" in screen
    assert "incident" not in screen

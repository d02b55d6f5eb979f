"""Watching a rehearsal: throttled, paced, and never in the way."""

from __future__ import annotations

from datetime import datetime

import pytest

from leeward.cli.live_view.pacing import RehearsalPacer
from leeward.cli.live_view.views import LineView, ProgressWatcher, RedrawnView, SilentView, choose_view
from leeward.cli.rendering.terminal import can_redraw
from leeward.cli.runners import lambda_output
from leeward.rehearsal.results.result_models import LiveViewFrame
from tests.cli.screens import sample_rehearsals
from tests.cli.screens.rendering import console, plain_text
from tests.support.nonempty import nonempty


class WallClock:
    """The wall's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_frames_are_throttled_to_a_dozen_per_second() -> None:
    wall = WallClock()
    view = RedrawnView(console(terminal=True), wall_clock=wall)
    view.open()
    for i in range(1000):
        view.show(sample_rehearsals.moment(i / 10))
        wall.now += 0.001
    view.close()
    assert 10 <= view.frames <= 13


def test_slow_frames_reduce_frame_rate() -> None:
    class SlowWall(WallClock):
        def __call__(self) -> float:
            self.now += 0.05  # each look at the clock stands for 50 ms of drawing
            return self.now

    wall = SlowWall()
    view = RedrawnView(console(terminal=True), wall_clock=wall)
    view.open()
    while wall.now < 30:
        view.show(sample_rehearsals.moment(1))
    view.close()
    assert view.frames * 0.05 < 30 * 0.2


def test_live_view_is_cleared_at_end() -> None:
    on = console(terminal=True)
    view = RedrawnView(on)
    view.open()
    view.show(sample_rehearsals.moment(420))
    view.close()
    screen = plain_text(on)
    assert "Recover the servers" in screen
    assert screen.rstrip("\n").endswith("\x1b[2K")  # the last thing it does is clear its lines
    assert "\x1b[?25h" in screen  # and the cursor is back


def test_cursor_is_restored_after_exception() -> None:
    def interrupted() -> None:
        with ProgressWatcher(RedrawnView(on)) as watcher:
            watcher(sample_rehearsals.moment(420))
            raise KeyboardInterrupt

    on = console(terminal=True)
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "\x1b[?25h" in plain_text(on)


def test_rto_clock_stops_only_while_target_serves_all_users() -> None:
    on, wall = console(terminal=True), WallClock()
    view = RedrawnView(on, wall_clock=wall)
    view.open()
    for seconds, users in ((900, {"us-west-2": 5}), (920, {"us-west-2": 5}), (930, {"us-west-2": 4, "nobody": 1})):
        wall.now += 10
        view.show(sample_rehearsals.moment(seconds, users=users))
    view.close()
    screen = plain_text(on)
    assert screen.count("17m of 30m, users served") == 2
    assert "17m30s of 30m\x1b" in screen


def test_pace_delays_updates_and_advances_clock() -> None:
    wall, ticks = WallClock(), list[datetime]()
    pace = RehearsalPacer(60, wall_clock=wall, sleep=wall.sleep)
    pace.wait_until(sample_rehearsals.seconds_after_start(0), ticks.append)
    pace.wait_until(sample_rehearsals.seconds_after_start(120), ticks.append)
    assert wall.now == pytest.approx(2, abs=0.001)
    assert len(ticks) > 20
    assert ticks == sorted(ticks)
    assert ticks[-1] <= sample_rehearsals.seconds_after_start(120)


def test_slow_rehearsal_is_not_delayed_by_pace() -> None:
    wall = WallClock()
    pace = RehearsalPacer(60, wall_clock=wall, sleep=wall.sleep)
    pace.wait_until(sample_rehearsals.seconds_after_start(0), lambda _: None)
    wall.now = 10
    pace.wait_until(sample_rehearsals.seconds_after_start(120), lambda _: None)
    assert wall.now == 10


def test_paced_view_keeps_last_update_with_running_clock() -> None:
    class Seen(SilentView):
        def __init__(self) -> None:
            self.shown, self.ticked = list[LiveViewFrame](), list[LiveViewFrame]()

        def show(self, moment: LiveViewFrame) -> None:
            self.shown.append(moment)

        def tick(self, moment: LiveViewFrame) -> None:
            self.ticked.append(moment)

    wall, view = WallClock(), Seen()
    with ProgressWatcher(view, RehearsalPacer(10, wall_clock=wall, sleep=wall.sleep)) as watcher:
        watcher(sample_rehearsals.moment(0))
        watcher(sample_rehearsals.moment(10))
    assert [m.at for m in view.shown] == [
        sample_rehearsals.seconds_after_start(0),
        sample_rehearsals.seconds_after_start(10),
    ]
    assert all(m.steps == view.shown[0].steps for m in nonempty(view.ticked))
    assert (
        sample_rehearsals.seconds_after_start(4)
        < view.ticked[len(view.ticked) // 2].at
        < sample_rehearsals.seconds_after_start(7)
    )


@pytest.mark.parametrize(
    ("environ", "redrawn"),
    [
        ({}, True),
        ({"CI": ""}, True),
        ({"CI": "false"}, True),
        ({"CI": "true"}, False),
        ({"CI": "1"}, False),
    ],
)
def test_live_view_is_disabled_in_ci(environ: dict[str, str], redrawn: bool) -> None:
    assert can_redraw(console(terminal=True), environ) is redrawn


def test_live_view_is_disabled_for_file_dumb_terminal_and_no_color() -> None:
    from rich.console import Console

    def on(**environ: str) -> Console:
        return Console(force_terminal=True, _environ={"TERM": "xterm", **environ})

    assert can_redraw(on(), {}) is True
    assert can_redraw(console(), {}) is False
    assert can_redraw(on(TERM="dumb"), {}) is False
    assert can_redraw(on(NO_COLOR="1"), {}) is False


def test_view_depends_on_terminal_and_json_has_none() -> None:
    assert isinstance(choose_view(console(), json=False), LineView)
    assert isinstance(choose_view(console(), json=True), SilentView)


def test_lambda_output_goes_to_log_not_screen() -> None:
    on = console(terminal=True)
    with lambda_output.capture_stdout() as log, ProgressWatcher(RedrawnView(on)) as watcher:
        print("a line of a Lambda's log")  # noqa: T201 - as a Lambda does
        watcher(sample_rehearsals.moment(420))
    assert log.getvalue() == "a line of a Lambda's log\n"
    assert "a line of a Lambda" not in plain_text(on)

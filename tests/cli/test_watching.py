"""Watching a rehearsal: throttled, paced, and never in the way."""

from __future__ import annotations

from datetime import datetime

import pytest

from leeward.cli.live_view.pacing import RehearsalPacer
from leeward.cli.live_view.views import LineView, ProgressWatcher, RedrawnView, SilentView, choose_view
from leeward.cli.rendering.terminal import can_redraw
from leeward.cli.runners import lambda_output
from leeward.rehearsal.results.result_models import LiveViewFrame
from tests.cli import samples
from tests.cli.rendering import console, written


class Wall:
    """The wall's clock, moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_a_thousand_moments_in_a_second_are_a_dozen_frames() -> None:
    wall = Wall()
    view = RedrawnView(console(terminal=True), wall_clock=wall)
    view.open()
    for i in range(1000):
        view.show(samples.moment(i / 10))
        wall.now += 0.001
    view.close()
    assert 10 <= view.frames <= 13


def test_frames_that_are_slow_to_draw_become_fewer() -> None:
    class SlowWall(Wall):
        def __call__(self) -> float:
            self.now += 0.05  # each look at the clock stands for 50 ms of drawing
            return self.now

    wall = SlowWall()
    view = RedrawnView(console(terminal=True), wall_clock=wall)
    view.open()
    while wall.now < 30:
        view.show(samples.moment(1))
    view.close()
    assert view.frames * 0.05 < 30 * 0.2


def test_what_was_drawn_in_place_is_gone_when_it_ends() -> None:
    on = console(terminal=True)
    view = RedrawnView(on)
    view.open()
    view.show(samples.moment(420))
    view.close()
    screen = written(on)
    assert "Recover the servers" in screen
    assert screen.rstrip("\n").endswith("\x1b[2K")  # the last thing it does is clear its lines
    assert "\x1b[?25h" in screen  # and the cursor is back


def test_the_cursor_is_back_also_when_the_rehearsal_breaks_off() -> None:
    def interrupted() -> None:
        with ProgressWatcher(RedrawnView(on)) as watcher:
            watcher(samples.moment(420))
            raise KeyboardInterrupt

    on = console(terminal=True)
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert "\x1b[?25h" in written(on)


def test_the_rto_clock_stops_when_the_target_serves_every_user_and_goes_on_if_it_does_not() -> None:
    on, wall = console(terminal=True), Wall()
    view = RedrawnView(on, wall_clock=wall)
    view.open()
    for seconds, users in ((900, {"us-west-2": 5}), (920, {"us-west-2": 5}), (930, {"us-west-2": 4, "nobody": 1})):
        wall.now += 10
        view.show(samples.moment(seconds, users=users))
    view.close()
    screen = written(on)
    assert screen.count("17m of 30m, users served") == 2
    assert "17m30s of 30m\x1b" in screen


def test_pace_holds_each_moment_until_its_real_time_and_moves_the_clock_meanwhile() -> None:
    wall, ticks = Wall(), list[datetime]()
    pace = RehearsalPacer(60, wall_clock=wall, sleep=wall.sleep)
    pace.wait_until(samples.after(0), ticks.append)
    pace.wait_until(samples.after(120), ticks.append)
    assert wall.now == pytest.approx(2, abs=0.001)
    assert len(ticks) > 20
    assert ticks == sorted(ticks)
    assert ticks[-1] <= samples.after(120)


def test_a_rehearsal_slower_than_its_pace_is_not_slowed_further() -> None:
    wall = Wall()
    pace = RehearsalPacer(60, wall_clock=wall, sleep=wall.sleep)
    pace.wait_until(samples.after(0), lambda _: None)
    wall.now = 10
    pace.wait_until(samples.after(120), lambda _: None)
    assert wall.now == 10


def test_while_it_is_paced_the_last_moment_stays_with_its_clock_moving() -> None:
    class Seen(SilentView):
        def __init__(self) -> None:
            self.shown, self.ticked = list[LiveViewFrame](), list[LiveViewFrame]()

        def show(self, moment: LiveViewFrame) -> None:
            self.shown.append(moment)

        def tick(self, moment: LiveViewFrame) -> None:
            self.ticked.append(moment)

    wall, view = Wall(), Seen()
    with ProgressWatcher(view, RehearsalPacer(10, wall_clock=wall, sleep=wall.sleep)) as watcher:
        watcher(samples.moment(0))
        watcher(samples.moment(10))
    assert [m.at for m in view.shown] == [samples.after(0), samples.after(10)]
    assert all(m.steps == view.shown[0].steps for m in view.ticked)
    assert samples.after(4) < view.ticked[len(view.ticked) // 2].at < samples.after(7)


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
def test_nothing_is_redrawn_in_ci(environ: dict[str, str], redrawn: bool) -> None:
    assert can_redraw(console(terminal=True), environ) is redrawn


def test_nothing_is_redrawn_in_a_file_on_a_dumb_terminal_or_without_colour() -> None:
    from rich.console import Console

    def on(**environ: str) -> Console:
        return Console(force_terminal=True, _environ={"TERM": "xterm", **environ})

    assert can_redraw(on(), {}) is True
    assert can_redraw(console(), {}) is False
    assert can_redraw(on(TERM="dumb"), {}) is False
    assert can_redraw(on(NO_COLOR="1"), {}) is False


def test_the_view_suits_the_terminal_and_json_has_none() -> None:
    assert isinstance(choose_view(console(), json=False), LineView)
    assert isinstance(choose_view(console(), json=True), SilentView)


def test_what_lambdas_print_stays_off_the_screen_and_in_their_log() -> None:
    on = console(terminal=True)
    with lambda_output.capture_stdout() as log, ProgressWatcher(RedrawnView(on)) as watcher:
        print("a line of a Lambda's log")  # noqa: T201 - as a Lambda does
        watcher(samples.moment(420))
    assert log.getvalue() == "a line of a Lambda's log\n"
    assert "a line of a Lambda" not in written(on)

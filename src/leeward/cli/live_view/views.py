"""Watching a rehearsal: redrawn in place on a terminal, told line by line elsewhere, or in silence.

The twin runs far faster than the virtual clock shows, so moments arrive in bursts. A frame is drawn at most 12 times a
second of real time, and never so often that drawing takes more than a tenth of the rehearsal.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from leeward.cli.live_view.frame import draw_frame
from leeward.cli.live_view.line_log import ProgressLog
from leeward.cli.live_view.pacing import RehearsalPacer
from leeward.cli.rendering.glyphs import choose_glyphs
from leeward.cli.rendering.terminal import can_redraw
from leeward.rehearsal.results.result_models import LiveViewFrame

_FRAMES_PER_SECOND = 12
_COST_FACTOR = 10  # a frame that took t is followed by at least 10 t without one


class ProgressView(Protocol):
    """Somewhere to show moments."""

    def open(self) -> None:
        """Before the first moment."""

    def show(self, moment: LiveViewFrame) -> None:
        """A moment that has come."""

    def tick(self, moment: LiveViewFrame) -> None:
        """The clock alone has moved on."""

    def close(self) -> None:
        """After the last moment, also when the rehearsal broke off."""


class SilentView:
    """Shows nothing: `--json` prints one document and nothing else."""

    def open(self) -> None: ...

    def show(self, moment: LiveViewFrame) -> None: ...

    def tick(self, moment: LiveViewFrame) -> None: ...

    def close(self) -> None: ...


class LineView:
    """One line as a step begins or ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._log = ProgressLog(choose_glyphs(console))
        self._has_printed = False

    def open(self) -> None: ...

    def show(self, moment: LiveViewFrame) -> None:
        for line in self._log.describe_changes(moment):
            self._console.print(Text(line), soft_wrap=True)
            self._has_printed = True

    def tick(self, moment: LiveViewFrame) -> None: ...

    def close(self) -> None:
        if self._has_printed:
            self._console.print()


class RedrawnView:
    """One frame, redrawn in place, that goes when the rehearsal ends: the table of steps takes its place."""

    def __init__(self, console: Console, wall_clock: Callable[[], float] = time.perf_counter) -> None:
        self._console = console
        self._wall_clock = wall_clock
        self._glyphs = choose_glyphs(console)
        # Standard output is the Lambdas' log meanwhile: Rich must not bring it back onto the screen.
        self._live = Live(
            console=console, auto_refresh=False, transient=True, vertical_overflow="crop", redirect_stdout=False
        )
        self._next_frame = 0.0
        self._served_at: datetime | None = None
        self.frames = 0

    def open(self) -> None:
        self._live.start()
        self._live.update(Text("setting the stage ..."), refresh=True)

    def show(self, moment: LiveViewFrame) -> None:
        self._served_at = _find_served_at(moment, self._served_at)
        self.tick(moment)

    def tick(self, moment: LiveViewFrame) -> None:
        began = self._wall_clock()
        if began < self._next_frame:
            return
        size = self._console.size
        drawn = draw_frame(
            moment, width=size.width, height=size.height - 1, glyphs=self._glyphs, served_at=self._served_at
        )
        self._live.update(drawn, refresh=True)
        self.frames += 1
        ended = self._wall_clock()
        self._next_frame = max(began + 1 / _FRAMES_PER_SECOND, ended + _COST_FACTOR * (ended - began))

    def close(self) -> None:
        self._live.stop()


def _find_served_at(moment: LiveViewFrame, previous: datetime | None) -> datetime | None:
    """Since when the target has served every user, if it does. As fine as the moments are: the verdict is exact."""
    total = sum(moment.users.values())
    if not total or moment.users.get(moment.target, 0) < total or moment.at < moment.incident_at:
        return None
    return previous or moment.at


def choose_view(console: Console, *, json: bool) -> ProgressView:
    """The view that suits what `console` can show."""
    if json:
        return SilentView()
    return RedrawnView(console) if can_redraw(console) else LineView(console)


class ProgressWatcher:
    """What `rehearse` calls with each moment: paced, if asked for, and shown."""

    def __init__(self, view: ProgressView, pace: RehearsalPacer | None = None) -> None:
        self._view = view
        self._pace = pace
        self._last: LiveViewFrame | None = None

    def __enter__(self) -> Self:
        self._view.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._view.close()

    def __call__(self, moment: LiveViewFrame) -> None:
        if self._pace is not None:
            self._pace.wait_until(moment.at, self._tick)
        self._last = moment
        self._view.show(moment)

    def _tick(self, at: datetime) -> None:
        if self._last is not None:
            self._view.tick(self._last.model_copy(update={"at": at}))

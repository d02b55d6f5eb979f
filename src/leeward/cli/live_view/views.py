"""The progress views of a rehearsal: redrawn in place on a terminal, printed line by line, or silent.

The twin runs much faster than real time, so frames arrive in bursts. The redrawn view draws at most 12 frames per real
second, and limits drawing to about a tenth of the rehearsal's time.
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
_COST_FACTOR = 10  # after a frame that took t to draw, the next 10 t have no frame


class ProgressView(Protocol):
    """Shows the frames of a rehearsal or run."""

    def open(self) -> None:
        """Prepare the output. Called before the first frame."""

    def show(self, frame: LiveViewFrame) -> None:
        """Show a new frame."""

    def tick(self, frame: LiveViewFrame) -> None:
        """Show a frame in which only the time changed."""

    def close(self) -> None:
        """Restore the output. Called after the last frame and after an exception."""


class SilentView:
    """Shows nothing, because `--json` prints only one document."""

    def open(self) -> None: ...

    def show(self, frame: LiveViewFrame) -> None: ...

    def tick(self, frame: LiveViewFrame) -> None: ...

    def close(self) -> None: ...


class LineView:
    """Prints a line when a step or group starts or ends."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._log = ProgressLog(choose_glyphs(console))
        self._has_printed = False

    def open(self) -> None: ...

    def show(self, frame: LiveViewFrame) -> None:
        for line in self._log.describe_changes(frame):
            self._console.print(Text(line), soft_wrap=True)
            self._has_printed = True

    def tick(self, frame: LiveViewFrame) -> None: ...

    def close(self) -> None:
        if self._has_printed:
            self._console.print()


class RedrawnView:
    """Redraws one frame in place, and clears it at the end, when the table of steps replaces it."""

    def __init__(self, console: Console, wall_clock: Callable[[], float] = time.perf_counter) -> None:
        self._console = console
        self._wall_clock = wall_clock
        self._glyphs = choose_glyphs(console)
        # Standard output goes to the Lambda log meanwhile, so Rich must not redirect it to the screen.
        self._live = Live(
            console=console, auto_refresh=False, transient=True, vertical_overflow="crop", redirect_stdout=False
        )
        self._next_frame = 0.0
        self._served_at: datetime | None = None
        self.frames = 0

    def open(self) -> None:
        self._live.start()
        self._live.update(Text("preparing the rehearsal ..."), refresh=True)

    def show(self, frame: LiveViewFrame) -> None:
        self._served_at = _find_served_at(frame, self._served_at)
        self.tick(frame)

    def tick(self, frame: LiveViewFrame) -> None:
        started = self._wall_clock()
        if started < self._next_frame:
            return
        size = self._console.size
        drawn = draw_frame(
            frame, width=size.width, height=size.height - 1, glyphs=self._glyphs, served_at=self._served_at
        )
        self._live.update(drawn, refresh=True)
        self.frames += 1
        ended = self._wall_clock()
        self._next_frame = max(started + 1 / _FRAMES_PER_SECOND, ended + _COST_FACTOR * (ended - started))

    def close(self) -> None:
        self._live.stop()


def _find_served_at(frame: LiveViewFrame, previous: datetime | None) -> datetime | None:
    """Return when the target Region began to serve every user, or None if it doesn't.

    The time is only as exact as the frames are frequent. The verdict measures the exact time.
    """
    total = sum(frame.users.values())
    if not total or frame.users.get(frame.target, 0) < total or frame.at < frame.incident_at:
        return None
    return previous or frame.at


def choose_view(console: Console, *, json: bool) -> ProgressView:
    """Return a view that `console` can show."""
    if json:
        return SilentView()
    return RedrawnView(console) if can_redraw(console) else LineView(console)


class ProgressWatcher:
    """The callback that shows each frame of a rehearsal, delayed by the pacer if there is one."""

    def __init__(self, view: ProgressView, pacer: RehearsalPacer | None = None) -> None:
        self._view = view
        self._pacer = pacer
        self._last: LiveViewFrame | None = None

    def __enter__(self) -> Self:
        self._view.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._view.close()

    def __call__(self, frame: LiveViewFrame) -> None:
        if self._pacer is not None:
            self._pacer.wait_until(frame.at, self._tick)
        self._last = frame
        self._view.show(frame)

    def _tick(self, at: datetime) -> None:
        if self._last is not None:
            self._view.tick(self._last.model_copy(update={"at": at}))

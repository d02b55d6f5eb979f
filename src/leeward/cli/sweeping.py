"""Running a sweep under someone's eyes, and telling in plain words what kept it from running."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from leeward.cli.rehearsing import told_plainly
from leeward.cli.terminal import errors, redraws
from leeward.cli.trouble import Trouble
from leeward.twin.errors import TwinError
from leeward.twin.sweep.faults import NoSuchFault
from leeward.twin.sweep.report import SweepReport
from leeward.twin.sweep.stages import Course
from leeward.twin.sweep.sweep import OnProgress, Progress, Wish, sweep
from leeward.twin.sweep.trial import Verdict

# Where nothing can be redrawn, a line as often as this.
_LINE_EVERY_SECONDS = 30.0


def swept(project: Path, application: str, runbook: str, seed: int, wish: Wish, *, watched: bool) -> SweepReport:
    """Sweep one runbook, showing how far it is on standard error. Raises Trouble when it could not begin."""
    course = Course(project, application, runbook, seed)
    console = errors()
    with told_plainly():
        try:
            if not watched:
                return sweep(course, wish)
            if not redraws(console):
                return sweep(course, wish, _lines(console))
            # The bar draws itself when told to: a thread of its own would see the simulation's clock.
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            with Bar(*columns, console=console, transient=True, auto_refresh=False, get_time=time.perf_counter) as bar:
                return sweep(course, wish, _drawn(bar))
        except NoSuchFault as error:
            raise Trouble(str(error)) from error
        except TwinError as error:
            raise Trouble(f"the sweep could not begin: {error}") from error


def _drawn(bar: Bar) -> OnProgress:
    task = bar.add_task("setting the stage", total=None)

    def show(progress: Progress, verdict: Verdict | None) -> None:
        del verdict
        found = f", {progress.problems} did not end well" if progress.problems else ""
        bar.update(task, total=progress.total, completed=progress.done, description=f"{progress.course.name}{found}")
        bar.refresh()

    return show


def _lines(console: Console) -> OnProgress:
    last = time.perf_counter()

    def show(progress: Progress, verdict: Verdict | None) -> None:
        nonlocal last
        now = time.perf_counter()
        if verdict is None or now - last >= _LINE_EVERY_SECONDS:
            last = now
            found = f", {progress.problems} did not end well" if progress.problems else ""
            console.print(f"{progress.course.name}: {progress.done} of {progress.total}{found}")

    return show

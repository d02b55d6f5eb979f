"""Running a sweep under someone's eyes, and telling in plain words what kept it from running."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from leeward.cli.errors.cli_error import CliError
from leeward.cli.rendering.terminal import can_redraw, create_stderr_console
from leeward.cli.runners.rehearsal_runner import translate_rehearsal_errors
from leeward.rehearsal.sweep.faults.planned_faults import NoSuchFault
from leeward.rehearsal.sweep.sweep_report import SweepReport
from leeward.rehearsal.sweep.sweep_runner import OnProgress, SweepOptions, SweepProgress, run_sweep
from leeward.rehearsal.sweep.sweep_setup import SweepTarget
from leeward.rehearsal.sweep.trials.trial import TrialResult
from leeward.twin.errors import TwinError

# Where nothing can be redrawn, a line as often as this.
_LINE_EVERY_SECONDS = 30.0


def sweep_runbook(
    project: Path, application: str, runbook: str, seed: int, options: SweepOptions, *, show_progress: bool
) -> SweepReport:
    """Sweep one runbook, showing how far it is on standard error. Raises Trouble when it could not begin."""
    course = SweepTarget(project, application, runbook, seed)
    console = create_stderr_console()
    with translate_rehearsal_errors():
        try:
            if not show_progress:
                return run_sweep(course, options)
            if not can_redraw(console):
                return run_sweep(course, options, _create_line_callback(console))
            # The bar draws itself when told to: a thread of its own would see the simulation's clock.
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            with Bar(*columns, console=console, transient=True, auto_refresh=False, get_time=time.perf_counter) as bar:
                return run_sweep(course, options, _create_bar_callback(bar))
        except NoSuchFault as error:
            raise CliError(str(error)) from error
        except TwinError as error:
            raise CliError(f"the sweep could not begin: {error}") from error


def _create_bar_callback(bar: Bar) -> OnProgress:
    task = bar.add_task("setting the stage", total=None)

    def show(progress: SweepProgress, verdict: TrialResult | None) -> None:
        del verdict
        found = f", {progress.failed_trials} did not end well" if progress.failed_trials else ""
        bar.update(
            task,
            total=progress.total_trials,
            completed=progress.completed_trials,
            description=f"{progress.target.name}{found}",
        )
        bar.refresh()

    return show


def _create_line_callback(console: Console) -> OnProgress:
    last = time.perf_counter()

    def show(progress: SweepProgress, verdict: TrialResult | None) -> None:
        nonlocal last
        now = time.perf_counter()
        if verdict is None or now - last >= _LINE_EVERY_SECONDS:
            last = now
            found = f", {progress.failed_trials} did not end well" if progress.failed_trials else ""
            console.print(f"{progress.target.name}: {progress.completed_trials} of {progress.total_trials}{found}")

    return show

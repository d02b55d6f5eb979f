"""Run a sweep with a progress bar or progress lines, and translate its errors."""

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

# The interval of progress lines when a bar can't be redrawn.
_LINE_EVERY_SECONDS = 30.0


def sweep_runbook(
    project: Path, application: str, runbook: str, seed: int, options: SweepOptions, *, show_progress: bool
) -> SweepReport:
    """Sweep one runbook and show progress on standard error. Raises CliError when the sweep can't start."""
    target = SweepTarget(project, application, runbook, seed)
    console = create_stderr_console()
    with translate_rehearsal_errors():
        try:
            if not show_progress:
                return run_sweep(target, options)
            if not can_redraw(console):
                return run_sweep(target, options, _create_line_callback(console))
            # The bar redraws only on request, because its own thread would use the simulated clock.
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            with Bar(*columns, console=console, transient=True, auto_refresh=False, get_time=time.perf_counter) as bar:
                return run_sweep(target, options, _create_bar_callback(bar))
        except NoSuchFault as error:
            raise CliError(str(error)) from error
        except TwinError as error:
            raise CliError(f"the sweep can't start: {error}") from error


def _create_bar_callback(bar: Bar) -> OnProgress:
    task = bar.add_task("preparing the sweep", total=None)

    def show(progress: SweepProgress, verdict: TrialResult | None) -> None:
        del verdict
        failed = f", {progress.failed_trials} failed" if progress.failed_trials else ""
        bar.update(
            task,
            total=progress.total_trials,
            completed=progress.completed_trials,
            description=f"{progress.target.name}{failed}",
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
            failed = f", {progress.failed_trials} failed" if progress.failed_trials else ""
            console.print(f"{progress.target.name}: {progress.completed_trials} of {progress.total_trials}{failed}")

    return show

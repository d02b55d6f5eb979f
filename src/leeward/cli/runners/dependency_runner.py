"""Compute dependencies with a progress line for each trial, keep the table, and translate errors."""

from __future__ import annotations

from leeward.base.durations import format_duration
from leeward.cli.errors.cli_error import CliError
from leeward.cli.rendering.terminal import create_stderr_console
from leeward.cli.runners.gc_pause import pause_garbage_collection
from leeward.cli.runners.rehearsal_runner import translate_rehearsal_errors
from leeward.evidence.dependencies.dependency_table import DependencyTable, OutageTrial
from leeward.evidence.dependencies.table_files import write_table
from leeward.rehearsal.dependencies.dependency_runner import DependencyRequest, OnTrial, compute_dependencies
from leeward.rehearsal.dependencies.outage_trial import PlannedOutage
from leeward.twin.interception.calls.operation_names import UnknownService
from leeward.twin.interception.calls.service_regions import UnknownRegion


def run_dependencies(request: DependencyRequest, *, show_progress: bool) -> DependencyTable:
    """Compute the table. Keep it in `build/dependencies` unless the request limits its rows.

    Raises CliError when it can't be computed.
    """
    with pause_garbage_collection(), translate_rehearsal_errors():
        try:
            table = compute_dependencies(request, _create_line_callback() if show_progress else lambda *_: None)
        except (UnknownRegion, UnknownService) as error:
            raise CliError(str(error)) from error
    if request.service is None and request.region is None:
        write_table(request.root, table)
    return table


def _create_line_callback() -> OnTrial:
    console = create_stderr_console()

    def show(outage: PlannedOutage, trial: OutageTrial, ended: int, total: int) -> None:
        lasts = "whole run" if outage.duration is None else format_duration(outage.duration)
        console.print(
            f"{ended} of {total}: {outage.service} in {outage.region}, {lasts}: {trial.outcome or 'not played'}",
            soft_wrap=True,
        )

    return show

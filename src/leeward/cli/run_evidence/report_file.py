"""Write the HTML report. Needs the extra `report`, which the commands check first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from leeward.cli.errors.cli_error import CliError
from leeward.cli.project.project_root import format_path
from leeward.cli.rendering.terminal import create_stderr_console, create_stdout_console
from leeward.evidence.dependencies.table_files import read_current_table
from leeward.evidence.draws.draw_results import DrawsReport
from leeward.evidence.model import Evidence


def write_report(runs: Sequence[Evidence], path: Path, project: Path, *, differences: Sequence[str] = ()) -> Path:
    """Write one report of one or more runs and return its path. Raises CliError when `path` can't be written.

    The report has the dependencies of the runbooks, if the project has current tables of them.
    """
    from leeward.report.page import render_page  # noqa: PLC0415 - matplotlib is slow to import

    runbooks = dict.fromkeys((run.application, run.runbook) for run in runs)
    tables = [table for names in runbooks if (table := read_current_table(project, *names)) is not None]
    return _write_page(path, render_page(runs, differences=differences, dependencies=tables))


def write_draws_report(report: DrawsReport, path: Path) -> Path:
    """Write the report of a rehearsal with many draws. Otherwise like `write_report`."""
    from leeward.report.draws_page import render_draws_page  # noqa: PLC0415 - matplotlib is slow to import

    return _write_page(path, render_draws_page(report))


def _write_page(path: Path, page: str) -> Path:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror}") from error
    return path


def print_report_path(path: Path, *, json: bool) -> None:
    """Print where the report is. With --json, print to standard error."""
    console = create_stderr_console() if json else create_stdout_console()
    console.print(f"report   {format_path(path)}", soft_wrap=True)

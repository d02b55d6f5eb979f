"""Write the HTML report. Needs the extra `report`, which the commands check first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from leeward.cli.errors.cli_error import CliError
from leeward.evidence.model import Evidence


def write_report(runs: Sequence[Evidence], path: Path, *, differences: Sequence[str] = ()) -> Path:
    """Write one report of one or more runs and return its path. Raises CliError when `path` can't be written."""
    from leeward.report.page import render_page  # noqa: PLC0415 - matplotlib is slow to import

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_page(runs, differences=differences), encoding="utf-8")
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror}") from error
    return path

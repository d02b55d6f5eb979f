"""Writing reports, where what draws them is installed."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path

from leeward.cli.errors.cli_error import CliError
from leeward.evidence.model import Evidence

_REQUIRED_PACKAGES = {"matplotlib": "matplotlib", "jinja2": "Jinja2", "fast_sugiyama": "fast-sugiyama"}


def require_report_packages(packages: Mapping[str, str] = _REQUIRED_PACKAGES) -> None:
    """Say now, rather than after a rehearsal, that the report can't be drawn. Raises Trouble."""
    missing = [name for module, name in packages.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise CliError(
            f"a report needs {', '.join(missing)}, which a rehearsal alone does not",
            [
                "make report                      rehearses, installs it and writes build/report/",
                "pip install 'leeward[report]'    installs it here",
            ],
        )


def write_report(runs: Sequence[Evidence], path: Path, *, differences: Sequence[str] = ()) -> Path:
    """One report of one run, or of several that belong together. Raises Trouble."""
    from leeward.report.page import render_page  # noqa: PLC0415 - matplotlib takes a second

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render_page(runs, differences=differences), encoding="utf-8")
    except OSError as error:
        raise CliError(f"{path} cannot be written: {error.strerror}") from error
    return path

"""Shell completion of applications, runbooks, and run IDs. It must be fast and never fail.

Run IDs come from a cache that `start`, `status`, and `history` write. A query to AWS on each key press would take
seconds, or minutes during a Region outage.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

import typer

from leeward.base.installation.project_folders import ProjectNotFound, find_project

_MAX_CACHED = 50


def _get_cache_path() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "leeward" / "runs.json"


def cache_run_ids(runs: Iterable[str], waiting: Iterable[str]) -> None:
    """Cache the IDs of all runs and of the runs that wait for an answer. Ignores a cache that can't be written."""
    try:
        path = _get_cache_path()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            json.dumps({"runs": list(runs)[:_MAX_CACHED], "waiting": list(waiting)[:_MAX_CACHED]}), encoding="utf-8"
        )
    except OSError:
        return


def _read_cached_ids(kind: str) -> list[str]:
    try:
        run_ids = json.loads(_get_cache_path().read_text(encoding="utf-8"))[kind]
        return [str(run) for run in run_ids]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _match_run_ids(runs: Iterable[str], typed: str) -> list[str]:
    """Return each ID that starts with `typed`, or the ID's ending that does, which also identifies the run.

    A shell offers only words that start with the typed text.
    """
    return [run if run.startswith(typed) else run[run.rindex(typed) :] for run in runs if typed in run]


def complete_runs(incomplete: str) -> list[str]:
    """Return run IDs, or endings of run IDs, that start with `incomplete`."""
    return _match_run_ids(_read_cached_ids("runs"), incomplete)


def complete_waiting(incomplete: str) -> list[str]:
    """Return the runs that waited for an answer when the cache was written, or else all matching runs."""
    return _match_run_ids(_read_cached_ids("waiting"), incomplete) or complete_runs(incomplete)


def _find_project() -> Path | None:
    try:
        return find_project().root
    except (ProjectNotFound, OSError):  # OSError: the current folder was deleted
        return None


def complete_applications(incomplete: str) -> list[str]:
    """Return the applications of the current project that start with `incomplete`."""
    root = _find_project()
    names = sorted(f.parent.name for f in (root / "runbooks").glob("*/application.yaml")) if root else []
    return [name for name in names if name.startswith(incomplete)]


def complete_runbooks(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return the runbooks of the application in the command line, or of all applications without one."""
    root = _find_project()
    application = ctx.params.get("application") or "*"
    files = (root / "runbooks").glob(f"{application}/*.yaml") if root else []
    names = {f.stem for f in files if f.name != "application.yaml"}
    return sorted(name for name in names if name.startswith(incomplete))

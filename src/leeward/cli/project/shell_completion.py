"""Names that the shell completes. Never slow and never an error: what is not known at once is not offered.

Runs are offered out of what the last `status` or `history` saw, kept in the user's cache: asking AWS at each press of a
key would take seconds, and minutes while a Region is dark.
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
    """Keep the names of runs, and of those that wait for an answer. A cache that can't be written is left."""
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
        found = json.loads(_get_cache_path().read_text(encoding="utf-8"))[kind]
        return [str(name) for name in found]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _match_run_ids(runs: Iterable[str], typed: str) -> list[str]:
    """The ids that begin so; of the others the end that does, which names a run as well. Shells offer nothing else."""
    return [run if run.startswith(typed) else run[run.rindex(typed) :] for run in runs if typed in run]


def complete_runs(incomplete: str) -> list[str]:
    """Runs, by the beginning of their id or of its end."""
    return _match_run_ids(_read_cached_ids("runs"), incomplete)


def complete_waiting(incomplete: str) -> list[str]:
    """Runs that waited for an answer when they were last looked at; where there is none, every run."""
    return _match_run_ids(_read_cached_ids("waiting"), incomplete) or complete_runs(incomplete)


def _find_project() -> Path | None:
    try:
        return find_project().root
    except (ProjectNotFound, OSError):  # OSError: the current folder was deleted
        return None


def complete_applications(incomplete: str) -> list[str]:
    """Applications of the project at hand."""
    root = _find_project()
    found = sorted(f.parent.name for f in (root / "runbooks").glob("*/application.yaml")) if root else []
    return [name for name in found if name.startswith(incomplete)]


def complete_runbooks(ctx: typer.Context, incomplete: str) -> list[str]:
    """Runbooks of the application that stands before them, or of any."""
    root = _find_project()
    application = ctx.params.get("application") or "*"
    files = (root / "runbooks").glob(f"{application}/*.yaml") if root else []
    names = {f.stem for f in files if f.name != "application.yaml"}
    return sorted(name for name in names if name.startswith(incomplete))

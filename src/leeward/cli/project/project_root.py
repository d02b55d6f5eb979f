"""The project a command works on: the nearest folder upwards that holds `runbooks/`, and what it has."""

from __future__ import annotations

from pathlib import Path

from leeward.base.installation.project_folders import ProjectNotFound, find_project
from leeward.cli.errors.cli_error import CliError

_APPLICATION_FILE = "application.yaml"


def find_project_root(explicit_root: Path | None, start: Path | None = None) -> Path:
    """The project's root: `given` if it holds `runbooks/`, else the nearest folder at or above `start` that does.

    Raises Trouble when there is none.
    """
    if explicit_root is not None:
        if not (explicit_root / "runbooks").is_dir():
            raise CliError(
                f"{explicit_root} has no runbooks/ folder", ["Give the project's root: the folder that holds runbooks/"]
            )
        return explicit_root.resolve()
    try:
        return find_project(start).root
    except ProjectNotFound as error:
        raise CliError(str(error), ["Run leeward inside the project, or give its root with --root"]) from error


def list_applications(root: Path) -> list[str]:
    """The names of the applications that have an application.yaml, sorted."""
    return sorted(f.parent.name for f in (root / "runbooks").glob(f"*/{_APPLICATION_FILE}"))


def list_runbooks(root: Path, application: str) -> list[str]:
    """The names of an application's runbooks, sorted."""
    folder = root / "runbooks" / application
    return sorted(f.stem for f in folder.glob("*.yaml") if f.name != _APPLICATION_FILE)


def list_scenarios(root: Path, application: str) -> list[str]:
    """The names of the scenarios that an application can be rehearsed against, sorted."""
    return sorted(f.stem for f in (root / "workloads" / application / "scenarios").glob("*.yaml"))


def format_path(path: Path) -> str:
    """`path` as a person would type it: relative to where they stand, when it lies below."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)

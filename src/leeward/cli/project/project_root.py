"""Find the project root, and list the project's applications, runbooks, and scenarios."""

from __future__ import annotations

from pathlib import Path

from leeward.base.installation.project_folders import ProjectNotFound, find_project
from leeward.cli.errors.cli_error import CliError

_APPLICATION_FILE = "application.yaml"


def find_project_root(explicit_root: Path | None, start: Path | None = None) -> Path:
    """Return `explicit_root`, or else the nearest folder at or above `start` that contains `runbooks/`.

    Raises CliError when `explicit_root` has no `runbooks/` folder or no such folder is found.
    """
    if explicit_root is not None:
        if not (explicit_root / "runbooks").is_dir():
            raise CliError(
                f"{explicit_root} has no runbooks/ folder",
                ["Give the project root, which is the folder that contains runbooks/"],
            )
        return explicit_root.resolve()
    try:
        return find_project(start).root
    except ProjectNotFound as error:
        raise CliError(str(error), ["Run leeward inside the project, or give its root with --root"]) from error


def list_applications(root: Path) -> list[str]:
    """Return the names of the applications that have an application.yaml, sorted."""
    return sorted(f.parent.name for f in (root / "runbooks").glob(f"*/{_APPLICATION_FILE}"))


def list_runbooks(root: Path, application: str) -> list[str]:
    """Return the names of an application's runbooks, sorted."""
    folder = root / "runbooks" / application
    return sorted(f.stem for f in folder.glob("*.yaml") if f.name != _APPLICATION_FILE)


def list_scenarios(root: Path, application: str) -> list[str]:
    """Return the names of an application's rehearsal scenarios, sorted."""
    return sorted(f.stem for f in (root / "workloads" / application / "scenarios").glob("*.yaml"))


def format_path(path: Path) -> str:
    """Return `path` relative to the current folder if it is below it, or unchanged otherwise."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path)

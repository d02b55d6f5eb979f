"""The folders of a project: its documents, what is compiled from them, and what commands build.

A project is the folder that holds `runbooks/`. The package may be installed anywhere else, so no path of a project is
computed from the package's own location.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class ProjectNotFound(Exception):
    """No folder at or above the current one holds `runbooks/`."""


@dataclass(frozen=True, slots=True)
class ProjectFolders:
    """Where the parts of the project in `root` are."""

    root: Path

    @property
    def runbooks(self) -> Path:
        return self.root / "runbooks"

    @property
    def generated(self) -> Path:
        """The compiled state machines."""
        return self.root / "state_machines" / "generated"

    @property
    def schema(self) -> Path:
        """The JSON schemas of the documents, for editors."""
        return self.root / "state_machines" / "schema"

    @property
    def environments(self) -> Path:
        """The environments that `python -m leeward.infra` deploys to."""
        return self.root / "infra" / "environments"

    @property
    def lambda_build(self) -> Path:
        """The archives of the Lambda functions and of their layer."""
        return self.root / "build" / "lambda"


def find_project(start: Path | None = None) -> ProjectFolders:
    """Return the nearest project at or above `start`, by default the current folder. Raises ProjectNotFound."""
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "runbooks").is_dir():
            return ProjectFolders(folder)
    raise ProjectNotFound(f"no runbooks/ folder in {here} or above it")

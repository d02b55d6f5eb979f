"""The folders of a project: its documents, the compiled state machines, and build output.

A project is the folder that contains `runbooks/`. The package may be installed elsewhere, so no project path is
derived from the package's location.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class ProjectNotFound(Exception):
    """No folder at or above the current one contains `runbooks/`."""


@dataclass(frozen=True, slots=True)
class ProjectFolders:
    """The paths of the project in `root`."""

    root: Path

    @property
    def runbooks(self) -> Path:
        """Return the folder of the runbooks."""
        return self.root / "runbooks"

    @property
    def generated(self) -> Path:
        """Return the folder of the compiled state machines."""
        return self.root / "state_machines" / "generated"

    @property
    def schema(self) -> Path:
        """Return the folder of the documents' JSON schemas, for editors."""
        return self.root / "state_machines" / "schema"

    @property
    def environments(self) -> Path:
        """Return the folder of the environments that `python -m leeward.infra` deploys to."""
        return self.root / "infra" / "environments"

    @property
    def lambda_build(self) -> Path:
        """Return the folder of the archives of the Lambda functions and their layer."""
        return self.root / "build" / "lambda"


def find_project(start: Path | None = None) -> ProjectFolders:
    """Return the nearest project at or above `start`, by default the current folder. Raises ProjectNotFound."""
    current = (start or Path.cwd()).resolve()
    for folder in (current, *current.parents):
        if (folder / "runbooks").is_dir():
            return ProjectFolders(folder)
    raise ProjectNotFound(f"no runbooks/ folder in {current} or above it")

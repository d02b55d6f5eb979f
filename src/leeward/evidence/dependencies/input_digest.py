"""The digest of what a runbook's dependencies follow from, to find tables that are out of date without playing a run.

It contains the application's documents, its compiled state machines, its workload with the world and the scenarios, and
the code that the functions run. It leaves out the twin and the rehearsal: they describe AWS, and change often without
an effect on what a run needs. So a changed table after a change of the twin is found only when it is computed again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import leeward

_PACKAGE = Path(leeward.__file__).parent
# The packages whose code a run executes. Other deployed packages serve the board, readiness, and reports.
TASK_PACKAGES = ("base", "common", "control", "data", "drs", "lambdas", "traffic")
_SUFFIXES = frozenset({".json", ".py", ".yaml"})
# What deploys a workload isn't part of its simulation.
_IGNORED_FOLDERS = frozenset({"__pycache__", "infra"})


def digest_inputs(root: Path, application: str) -> str:
    """Return the digest of the inputs of all runbooks of an application in the project at `root`."""
    digest = hashlib.sha256()
    for name, path in _list_inputs(root, application):
        digest.update(name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()[:16]


def _list_inputs(root: Path, application: str) -> Iterator[tuple[str, Path]]:
    """Yield each file with a name that doesn't depend on where the project is."""
    documents = (
        root / "runbooks" / application,
        root / "state_machines" / "generated" / application,
        root / "workloads" / application,
    )
    for folder in documents:
        yield from ((path.relative_to(root).as_posix(), path) for path in _files_in(folder))
    for package in TASK_PACKAGES:
        yield from ((path.relative_to(_PACKAGE).as_posix(), path) for path in _files_in(_PACKAGE / package))


def _files_in(folder: Path) -> list[Path]:
    # `rglob` doesn't follow a link below the folder, but it does read a folder that is itself a link.
    found = (path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())
    return sorted(path for path in found if not _IGNORED_FOLDERS & set(path.relative_to(folder).parts))

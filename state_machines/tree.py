"""The folder of runbooks, compiled: generated/ and schema/, and whether what is committed still is what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from leeward.state_machines.compile.machine import CompiledRunbook, compile_runbook
from leeward.state_machines.documents.application import Application
from leeward.state_machines.documents.runbook import Runbook
from leeward.state_machines.load.documents import APPLICATION_FILE
from leeward.state_machines.problems import Problem
from leeward.state_machines.schema import schemas
from leeward.state_machines.validate.documents import Checked, check_paths, check_tree

_HERE = Path(__file__).resolve().parent  # `leeward.state_machines` is a link to the folder at the root
RUNBOOKS = _HERE.parent / "runbooks"
GENERATED, SCHEMA = _HERE / "generated", _HERE / "schema"


class InvalidDocuments(Exception):
    """The documents have errors, so nothing is compiled. `problems` says which, warnings included.

    Not one of `common.errors`: those are what a state machine may meet while it runs.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Ready:
    """One runbook, valid and compiled, with its documents."""

    application: Application
    runbook: Runbook
    compiled: CompiledRunbook

    @property
    def file(self) -> Path:
        """Where its definition belongs, below the folder of generated files."""
        return Path(self.application.application) / f"{self.runbook.runbook}.asl.json"


def ready_runbooks(root: Path) -> list[Ready]:
    """Every runbook below `root`, compiled. Raises InvalidDocuments when any document has an error."""
    return _ready(check_tree(root))


def _ready(checked: Checked) -> list[Ready]:
    if checked.errors:
        raise InvalidDocuments(checked.problems)
    return [
        Ready(folder.application.model, runbook.model, compile_runbook(folder.application.model, runbook.model))
        for folder in checked.folders
        if folder.application is not None
        for runbook in folder.runbooks
    ]


def ready_runbook(root: Path, application: str, runbook: str) -> Ready:
    """One runbook, of its application's documents alone: what is wrong with another's does not concern it.

    Raises InvalidDocuments, or LookupError that names those there are.
    """
    own = root / application
    every = _ready(check_paths([own])) if (own / APPLICATION_FILE).is_file() else ready_runbooks(root)
    for ready in every:
        if (ready.application.application, ready.runbook.runbook) == (application, runbook):
            return ready
    there = ", ".join(f"{ready.application.application} {ready.runbook.runbook}" for ready in every) or "none"
    raise LookupError(f"there is no runbook {runbook} of {application}; there are: {there}")


def compile_tree(root: Path) -> dict[Path, str]:
    """Relative path below generated/ -> text, for every runbook below `root`. Raises InvalidDocuments."""
    return {ready.file: ready.compiled.text for ready in ready_runbooks(root)}


def wanted_files(root: Path, generated: Path, schema: Path) -> dict[Path, str]:
    """Every file that compiling writes, with its text. Raises InvalidDocuments."""
    machines = {generated / path: text for path, text in compile_tree(root).items()}
    return machines | {schema / name: text for name, text in schemas().items()}


@dataclass(frozen=True, slots=True)
class Drift:
    """How the files that are there differ from those that compiling would write."""

    missing: tuple[Path, ...]
    changed: tuple[Path, ...]
    left_over: tuple[Path, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.left_over)


def check_drift(wanted: Mapping[Path, str], generated: Path) -> Drift:
    """`wanted` against the disk; a machine below `generated` that no runbook stands for is left over."""
    missing = [path for path in wanted if not path.exists()]
    changed = [path for path in wanted if path.exists() and path.read_bytes() != wanted[path].encode()]
    left_over = [path for path in sorted(generated.rglob("*.asl.json")) if path not in wanted]
    return Drift(tuple(missing), tuple(changed), tuple(left_over))


def write(wanted: Mapping[Path, str], generated: Path) -> Drift:
    """Make the disk as `wanted`; says what had to be done."""
    drift = check_drift(wanted, generated)
    for path in (*drift.missing, *drift.changed):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted[path].encode())
    for path in drift.left_over:
        path.unlink()
    return drift


__all__ = [
    "GENERATED", "RUNBOOKS", "SCHEMA", "Checked", "Drift", "InvalidDocuments", "Ready", "check_drift", "compile_tree",
    "ready_runbook", "ready_runbooks", "wanted_files", "write",
]  # fmt: skip

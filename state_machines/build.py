"""The folder of runbooks, compiled: generated/ and schema/, and whether what is committed still is what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.compile.runbook_compiler import CompiledRunbook, compile_runbook
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.json_schemas import build_schemas
from leeward.state_machines.load.document_loader import APPLICATION_FILE
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.state_machines.validate.document_validation import ValidationResult, validate_paths, validate_tree

_HERE = Path(__file__).resolve().parent  # `leeward.state_machines` is a link to the folder at the root
RUNBOOKS_FOLDER = _HERE.parent / "runbooks"
GENERATED_FOLDER, SCHEMA_FOLDER = _HERE / "generated", _HERE / "schema"


class InvalidDocuments(Exception):
    """The documents have errors, so nothing is compiled. `problems` says which, warnings included.

    Not one of `common.errors`: those are what a state machine may meet while it runs.
    """

    def __init__(self, problems: tuple[DocumentProblem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class BuiltRunbook:
    """One runbook, valid and compiled, with its documents."""

    application: Application
    runbook: Runbook
    compiled: CompiledRunbook

    @property
    def generated_path(self) -> Path:
        """Where its definition belongs, below the folder of generated files."""
        return Path(self.application.application) / f"{self.runbook.runbook}.asl.json"


def build_runbooks(root: Path) -> list[BuiltRunbook]:
    """Every runbook below `root`, compiled. Raises InvalidDocuments when any document has an error."""
    return _build_validated(validate_tree(root))


def _build_validated(checked: ValidationResult) -> list[BuiltRunbook]:
    if checked.errors:
        raise InvalidDocuments(checked.problems)
    return [
        BuiltRunbook(folder.application.model, runbook.model, compile_runbook(folder.application.model, runbook.model))
        for folder in checked.folders
        if folder.application is not None
        for runbook in folder.runbooks
    ]


def build_runbook(root: Path, application: str, runbook: str) -> BuiltRunbook:
    """One runbook, of its application's documents alone: what is wrong with another's does not concern it.

    Raises InvalidDocuments, or LookupError that names those there are.
    """
    own = root / application
    every = _build_validated(validate_paths([own])) if (own / APPLICATION_FILE).is_file() else build_runbooks(root)
    for ready in every:
        if (ready.application.application, ready.runbook.runbook) == (application, runbook):
            return ready
    there = ", ".join(f"{ready.application.application} {ready.runbook.runbook}" for ready in every) or "none"
    raise LookupError(f"there is no runbook {runbook} of {application}; there are: {there}")


def compile_tree(root: Path) -> dict[Path, str]:
    """Relative path below generated/ -> text, for every runbook below `root`. Raises InvalidDocuments."""
    return {ready.generated_path: ready.compiled.text for ready in build_runbooks(root)}


def expected_files(root: Path, generated: Path, schema: Path) -> dict[Path, str]:
    """Every file that compiling writes, with its text. Raises InvalidDocuments."""
    machines = {generated / path: text for path, text in compile_tree(root).items()}
    return machines | {schema / name: text for name, text in build_schemas().items()}


@dataclass(frozen=True, slots=True)
class Drift:
    """How the files that are there differ from those that compiling would write."""

    missing: tuple[Path, ...]
    changed: tuple[Path, ...]
    left_over: tuple[Path, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.left_over)


def find_drift(expected: Mapping[Path, str], generated: Path) -> Drift:
    """`wanted` against the disk; a machine below `generated` that no runbook stands for is left over."""
    missing = [path for path in expected if not path.exists()]
    changed = [path for path in expected if path.exists() and path.read_bytes() != expected[path].encode()]
    left_over = [path for path in sorted(generated.rglob("*.asl.json")) if path not in expected]
    return Drift(tuple(missing), tuple(changed), tuple(left_over))


def write_files(expected: Mapping[Path, str], generated: Path) -> Drift:
    """Make the disk as `wanted`; says what had to be done."""
    drift = find_drift(expected, generated)
    for path in (*drift.missing, *drift.changed):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(expected[path].encode())
    for path in drift.left_over:
        path.unlink()
    return drift


__all__ = [
    "GENERATED_FOLDER",
    "RUNBOOKS_FOLDER",
    "SCHEMA_FOLDER",
    "BuiltRunbook",
    "Drift",
    "InvalidDocuments",
    "ValidationResult",
    "build_runbook",
    "build_runbooks",
    "compile_tree",
    "expected_files",
    "find_drift",
    "write_files",
]  # fmt: skip

"""Compiles the runbooks folder to generated/ and schema/, and detects drift of the committed files."""

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


class InvalidDocuments(Exception):
    """The documents have errors, so nothing is compiled. `problems` lists the errors and warnings.

    This class is not in `common.errors`, which holds the errors that a state machine can meet while it runs.
    """

    def __init__(self, problems: tuple[DocumentProblem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class BuiltRunbook:
    """A validated and compiled runbook with its documents."""

    application: Application
    runbook: Runbook
    compiled: CompiledRunbook

    @property
    def generated_path(self) -> Path:
        """Return the path of its definition below the generated folder."""
        return Path(self.application.application) / f"{self.runbook.runbook}.asl.json"


def build_runbooks(root: Path) -> list[BuiltRunbook]:
    """Compile every runbook below `root`. Raises InvalidDocuments when any document has an error."""
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
    """Compile one runbook. Reads only its application's documents, so errors in other applications don't matter.

    Raises InvalidDocuments when a document has an error, and LookupError when there is no such runbook.
    """
    folder = root / application
    found = (folder / APPLICATION_FILE).is_file()
    runbooks = _build_validated(validate_paths([folder])) if found else build_runbooks(root)
    for built in runbooks:
        if (built.application.application, built.runbook.runbook) == (application, runbook):
            return built
    known = ", ".join(f"{built.application.application} {built.runbook.runbook}" for built in runbooks) or "none"
    raise LookupError(f"there is no runbook {runbook} of {application}; there are: {known}")


def compile_tree(root: Path) -> dict[Path, str]:
    """Return the text of each generated file, by its path below generated/. Raises InvalidDocuments."""
    return {built.generated_path: built.compiled.text for built in build_runbooks(root)}


def expected_files(root: Path, generated: Path, schema: Path) -> dict[Path, str]:
    """Return the text of every file that compiling writes, by path. Raises InvalidDocuments."""
    machines = {generated / path: text for path, text in compile_tree(root).items()}
    return machines | {schema / name: text for name, text in build_schemas().items()}


@dataclass(frozen=True, slots=True)
class Drift:
    """The differences between the files on disk and those that compiling would write."""

    missing: tuple[Path, ...]
    changed: tuple[Path, ...]
    left_over: tuple[Path, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.changed or self.left_over)


def find_drift(expected: Mapping[Path, str], generated: Path) -> Drift:
    """Compare the expected files with the disk. A machine below `generated` that has no runbook is left over."""
    missing = [path for path in expected if not path.exists()]
    changed = [path for path in expected if path.exists() and path.read_bytes() != expected[path].encode()]
    left_over = [path for path in sorted(generated.rglob("*.asl.json")) if path not in expected]
    return Drift(tuple(missing), tuple(changed), tuple(left_over))


def write_files(expected: Mapping[Path, str], generated: Path) -> Drift:
    """Write the expected files, remove those that are left over, and return the differences from before."""
    drift = find_drift(expected, generated)
    for path in (*drift.missing, *drift.changed):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(expected[path].encode())
    for path in drift.left_over:
        path.unlink()
    return drift


__all__ = [
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

"""Runs all rules over the documents of a folder, a tree, or a list of paths."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from leeward.state_machines.diagnostics.problems import DocumentProblem, Severity, sort_problems
from leeward.state_machines.load.document_loader import APPLICATION_FILE, ApplicationFolder, load_folder
from leeward.state_machines.validate.applications.application_rules import check_application
from leeward.state_machines.validate.runbooks.runbook_rules import check_runbook
from leeward.state_machines.validate.runbooks.trigger_rules import check_alarms


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """The folders that were validated, and all their problems in order of location."""

    folders: tuple[ApplicationFolder, ...]
    problems: tuple[DocumentProblem, ...]

    @property
    def errors(self) -> tuple[DocumentProblem, ...]:
        """Return the problems that prevent compiling."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def validate_folder(folder: ApplicationFolder) -> Iterator[DocumentProblem]:
    """Yield the problems of one application's folder, from loading and from all rules that apply to what was loaded."""
    yield from folder.problems
    if folder.application is None:
        return
    application = folder.application.model
    yield from check_application(application, folder.application.location)
    for runbook in folder.runbooks:
        yield from check_runbook(runbook.model, runbook.location, application)
    yield from check_alarms([(runbook.model, runbook.location) for runbook in folder.runbooks], application)


def validate_tree(root: Path) -> ValidationResult:
    """Validate everything below `root`, which has one folder per application."""
    folders, problems = _load_folders(root)
    return _validate_folders(folders, problems)


def validate_paths(paths: Iterable[Path]) -> ValidationResult:
    """Validate trees, application folders, or single files.

    A file is validated with its folder, because its rules depend on the other documents. Only its own problems, and
    those of its application document, are returned.
    """
    results: list[ValidationResult] = []
    for path in paths:
        if path.is_dir() and not any(path.glob("*.y*ml")):
            results.append(validate_tree(path))
        elif path.is_dir():
            results.append(_validate_folders([load_folder(path)], []))
        elif path.exists():
            whole = _validate_folders([load_folder(path.parent)], [])
            files = {path, path.parent / APPLICATION_FILE}
            results.append(ValidationResult(whole.folders, tuple(p for p in whole.problems if p.path in files)))
        else:
            results.append(ValidationResult((), (DocumentProblem(path, 1, 1, "there is no such file or folder"),)))
    folders = {folder.path: folder for result in results for folder in result.folders}
    return ValidationResult(
        tuple(folders.values()), sort_problems(problem for result in results for problem in result.problems)
    )


def _validate_folders(folders: list[ApplicationFolder], problems: list[DocumentProblem]) -> ValidationResult:
    all_problems = [*problems, *(problem for folder in folders for problem in validate_folder(folder))]
    return ValidationResult(tuple(folders), sort_problems(all_problems))


def _load_folders(root: Path) -> tuple[list[ApplicationFolder], list[DocumentProblem]]:
    try:
        entries = sorted(root.iterdir())
    except OSError as error:
        return [], [DocumentProblem(root, 1, 1, f"the folder cannot be read: {error.strerror}")]
    problems = [
        DocumentProblem(
            entry, 1, 1, f"{entry.name} belongs to no application", f"a folder such as {root.name}/website/"
        )
        for entry in entries
        if entry.suffix in (".yaml", ".yml")
    ]
    folders = [load_folder(entry) for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    if not folders:
        problems.append(DocumentProblem(root, 1, 1, "the folder has no application", "a folder for each application"))
    return folders, problems

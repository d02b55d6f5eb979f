"""All rules over all documents of a folder, of a tree, or of the paths that someone names."""

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
    """Folders of documents, and every problem of every one of them, in order of place."""

    folders: tuple[ApplicationFolder, ...]
    problems: tuple[DocumentProblem, ...]

    @property
    def errors(self) -> tuple[DocumentProblem, ...]:
        """The problems that keep the documents from being compiled."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def validate_folder(folder: ApplicationFolder) -> Iterator[DocumentProblem]:
    """The problems of one application's folder: of loading, and of every rule that what was loaded allows to ask."""
    yield from folder.problems
    if folder.application is None:
        return
    application = folder.application.model
    yield from check_application(application, folder.application.location)
    for runbook in folder.runbooks:
        yield from check_runbook(runbook.model, runbook.location, application)
    yield from check_alarms([(runbook.model, runbook.location) for runbook in folder.runbooks], application)


def validate_tree(root: Path) -> ValidationResult:
    """Everything under `root`, which holds one folder for each application."""
    folders, problems = _load_folders(root)
    return _validate_folders(folders, problems)


def validate_paths(paths: Iterable[Path]) -> ValidationResult:
    """What `paths` name: trees, applications' folders, or single files.

    A file is checked with its folder, since it cannot be understood alone; only its own problems are given, and those
    of the application that it belongs to.
    """
    found: list[ValidationResult] = []
    for path in paths:
        if path.is_dir() and not any(path.glob("*.y*ml")):
            found.append(validate_tree(path))
        elif path.is_dir():
            found.append(_validate_folders([load_folder(path)], []))
        elif path.exists():
            whole = _validate_folders([load_folder(path.parent)], [])
            own = {path, path.parent / APPLICATION_FILE}
            found.append(ValidationResult(whole.folders, tuple(p for p in whole.problems if p.path in own)))
        else:
            found.append(ValidationResult((), (DocumentProblem(path, 1, 1, "there is no such file or folder"),)))
    folders = {folder.path: folder for checked in found for folder in checked.folders}
    return ValidationResult(
        tuple(folders.values()), sort_problems(problem for checked in found for problem in checked.problems)
    )


def _validate_folders(folders: list[ApplicationFolder], problems: list[DocumentProblem]) -> ValidationResult:
    every = [*problems, *(problem for folder in folders for problem in validate_folder(folder))]
    return ValidationResult(tuple(folders), sort_problems(every))


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
        problems.append(DocumentProblem(root, 1, 1, "the folder holds no application", "a folder for each application"))
    return folders, problems

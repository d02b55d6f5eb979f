"""All rules over all documents of a folder, of a tree, or of the paths that someone names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from leeward.state_machines.load.documents import APPLICATION_FILE, Folder, load_folder
from leeward.state_machines.problems import Problem, Severity, in_order
from leeward.state_machines.validate.application import check_application
from leeward.state_machines.validate.runbook import check_runbook
from leeward.state_machines.validate.triggers import check_alarms


@dataclass(frozen=True, slots=True)
class Checked:
    """Folders of documents, and every problem of every one of them, in order of place."""

    folders: tuple[Folder, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the documents from being compiled."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)


def check_folder(folder: Folder) -> Iterator[Problem]:
    """The problems of one application's folder: of loading, and of every rule that what was loaded allows to ask."""
    yield from folder.problems
    if folder.application is None:
        return
    application = folder.application.model
    yield from check_application(application, folder.application.place)
    for runbook in folder.runbooks:
        yield from check_runbook(runbook.model, runbook.place, application)
    yield from check_alarms([(runbook.model, runbook.place) for runbook in folder.runbooks], application)


def check_tree(root: Path) -> Checked:
    """Everything under `root`, which holds one folder for each application."""
    folders, problems = _folders(root)
    return _checked(folders, problems)


def check_paths(paths: Iterable[Path]) -> Checked:
    """What `paths` name: trees, applications' folders, or single files.

    A file is checked with its folder, since it cannot be understood alone; only its own problems are given, and those
    of the application that it belongs to.
    """
    found: list[Checked] = []
    for path in paths:
        if path.is_dir() and not any(path.glob("*.y*ml")):
            found.append(check_tree(path))
        elif path.is_dir():
            found.append(_checked([load_folder(path)], []))
        elif path.exists():
            whole = _checked([load_folder(path.parent)], [])
            own = {path, path.parent / APPLICATION_FILE}
            found.append(Checked(whole.folders, tuple(p for p in whole.problems if p.path in own)))
        else:
            found.append(Checked((), (Problem(path, 1, 1, "there is no such file or folder"),)))
    folders = {folder.path: folder for checked in found for folder in checked.folders}
    return Checked(tuple(folders.values()), in_order(problem for checked in found for problem in checked.problems))


def _checked(folders: list[Folder], problems: list[Problem]) -> Checked:
    every = [*problems, *(problem for folder in folders for problem in check_folder(folder))]
    return Checked(tuple(folders), in_order(every))


def _folders(root: Path) -> tuple[list[Folder], list[Problem]]:
    try:
        entries = sorted(root.iterdir())
    except OSError as error:
        return [], [Problem(root, 1, 1, f"the folder cannot be read: {error.strerror}")]
    problems = [
        Problem(entry, 1, 1, f"{entry.name} belongs to no application", f"a folder such as {root.name}/website/")
        for entry in entries
        if entry.suffix in (".yaml", ".yml")
    ]
    folders = [load_folder(entry) for entry in entries if entry.is_dir() and not entry.name.startswith(".")]
    if not folders:
        problems.append(Problem(root, 1, 1, "the folder holds no application", "a folder for each application"))
    return folders, problems

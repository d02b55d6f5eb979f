"""The files of an application's folder, as models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from leeward.state_machines.documents.application import Application
from leeward.state_machines.documents.runbook import Runbook
from leeward.state_machines.load import nodes
from leeward.state_machines.load.explain import explain
from leeward.state_machines.load.shapes import Shapes
from leeward.state_machines.load.text import read
from leeward.state_machines.places import Place, Source
from leeward.state_machines.problems import Problem

APPLICATION_FILE = "application.yaml"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[M]):
    """A document that its model takes, and its places."""

    model: M
    source: Source

    @property
    def place(self) -> Place:
        """The document as a place."""
        return Place(self.source)


@dataclass(frozen=True, slots=True)
class Folder:
    """What could be loaded of one application's folder, and what is wrong with the rest."""

    path: Path
    application: Loaded[Application] | None
    runbooks: tuple[Loaded[Runbook], ...]
    problems: tuple[Problem, ...]


def load_application(path: Path) -> Loaded[Application] | list[Problem]:
    """The application in the file `path`."""
    return _load(path, Application)


def load_runbook(path: Path) -> Loaded[Runbook] | list[Problem]:
    """The runbook in the file `path`."""
    return _load(path, Runbook)


def load_text(text: str, path: Path, model: type[M]) -> Loaded[M] | list[Problem]:
    """A document that is already text; `path` is for the problems."""
    try:
        data, source = nodes.parse(text, path)
    except nodes.Refused as refused:
        return [refused.problem]
    if not isinstance(data, dict):
        return [Place(source).problem("the document is not a mapping", expected="`key: value` on lines of their own")]
    try:
        # As JSON, because strict models take a list for a tuple, and a text for an enum, only from there.
        return Loaded(model.model_validate_json(json.dumps(data)), source)
    except ValidationError as error:
        return explain(error, data, source, Shapes(model, data))


def load_folder(folder: Path) -> Folder:
    """Every document in `folder`. Raises nothing: an unreadable folder is a problem."""
    problems: list[Problem] = []
    application: Loaded[Application] | None = None
    runbooks: list[Loaded[Runbook]] = []
    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        return Folder(folder, None, (), (Problem(folder, 1, 1, f"the folder cannot be read: {error.strerror}"),))
    problems += _misnamed(files)
    if folder / APPLICATION_FILE in files:
        found = load_application(folder / APPLICATION_FILE)
        if isinstance(found, Loaded):
            application = found
        else:
            problems += found
    else:
        problems.append(Problem(folder / APPLICATION_FILE, 1, 1, "the folder has no application.yaml"))
    for path in files:
        if path.suffix == ".yaml" and path.name != APPLICATION_FILE:
            runbook = load_runbook(path)
            if isinstance(runbook, Loaded):
                runbooks.append(runbook)
            else:
                problems += runbook
    return Folder(folder, application, tuple(runbooks), tuple(problems))


def _load(path: Path, model: type[M]) -> Loaded[M] | list[Problem]:
    text = read(path)
    return [text] if isinstance(text, Problem) else load_text(text, path, model)


def _misnamed(files: list[Path]) -> Iterator[Problem]:
    for path in files:
        if path.suffix.lower() in (".yml", ".yaml") and path.suffix != ".yaml":
            yield Problem(path, 1, 1, f"{path.name} would not be read", f"{path.stem}.yaml", "rename the file")

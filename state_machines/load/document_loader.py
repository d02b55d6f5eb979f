"""Loads the files of an application's folder into models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from leeward.state_machines.application.application_document import Application
from leeward.state_machines.diagnostics.document_locations import DocumentLocation, DocumentSource
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.load.schema_shapes import DocumentShapes
from leeward.state_machines.load.text_files import read_text
from leeward.state_machines.load.validation_messages import explain_errors
from leeward.state_machines.load.yaml_parser import yaml_nodes
from leeward.state_machines.runbook.runbook_document import Runbook

APPLICATION_FILE = "application.yaml"
M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class LoadedDocument(Generic[M]):
    """A document that its model accepted, with the positions of its values."""

    model: M
    source: DocumentSource

    @property
    def location(self) -> DocumentLocation:
        """Return the location of the whole document."""
        return DocumentLocation(self.source)


@dataclass(frozen=True, slots=True)
class ApplicationFolder:
    """The documents of one application's folder that could be loaded, and the problems of the others."""

    path: Path
    application: LoadedDocument[Application] | None
    runbooks: tuple[LoadedDocument[Runbook], ...]
    problems: tuple[DocumentProblem, ...]


def load_application(path: Path) -> LoadedDocument[Application] | list[DocumentProblem]:
    """Load the application in the file `path`, or return its problems."""
    return _load_file(path, Application)


def load_runbook(path: Path) -> LoadedDocument[Runbook] | list[DocumentProblem]:
    """Load the runbook in the file `path`, or return its problems."""
    return _load_file(path, Runbook)


def load_text(text: str, path: Path, model: type[M]) -> LoadedDocument[M] | list[DocumentProblem]:
    """Load a document from text, or return its problems. `path` is only used in problems."""
    try:
        data, source = yaml_nodes.parse_yaml(text, path)
    except yaml_nodes.UnreadableDocument as unreadable:
        return [unreadable.problem]
    if not isinstance(data, dict):
        return [
            DocumentLocation(source).problem(
                "the document is not a mapping", expected="`key: value` on lines of their own"
            )
        ]
    try:
        # Strict models accept a list for a tuple, or a string for an enum, only from JSON.
        return LoadedDocument(model.model_validate_json(json.dumps(data)), source)
    except ValidationError as error:
        return explain_errors(error, data, source, DocumentShapes(model, data))


def load_folder(folder: Path) -> ApplicationFolder:
    """Load every document in `folder`. An unreadable folder is returned as a problem and raises nothing."""
    problems: list[DocumentProblem] = []
    application: LoadedDocument[Application] | None = None
    runbooks: list[LoadedDocument[Runbook]] = []
    try:
        files = sorted(folder.iterdir())
    except OSError as error:
        return ApplicationFolder(
            folder, None, (), (DocumentProblem(folder, 1, 1, f"the folder cannot be read: {error.strerror}"),)
        )
    problems += _find_misnamed(files)
    if folder / APPLICATION_FILE in files:
        loaded = load_application(folder / APPLICATION_FILE)
        if isinstance(loaded, LoadedDocument):
            application = loaded
        else:
            problems += loaded
    else:
        problems.append(DocumentProblem(folder / APPLICATION_FILE, 1, 1, "the folder has no application.yaml"))
    for path in files:
        if path.suffix == ".yaml" and path.name != APPLICATION_FILE:
            runbook = load_runbook(path)
            if isinstance(runbook, LoadedDocument):
                runbooks.append(runbook)
            else:
                problems += runbook
    return ApplicationFolder(folder, application, tuple(runbooks), tuple(problems))


def _load_file(path: Path, model: type[M]) -> LoadedDocument[M] | list[DocumentProblem]:
    text = read_text(path)
    return [text] if isinstance(text, DocumentProblem) else load_text(text, path, model)


def _find_misnamed(files: list[Path]) -> Iterator[DocumentProblem]:
    for path in files:
        if path.suffix.lower() in (".yml", ".yaml") and path.suffix != ".yaml":
            yield DocumentProblem(path, 1, 1, f"{path.name} would not be read", f"{path.stem}.yaml", "rename the file")

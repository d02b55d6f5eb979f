"""Resolve the arguments of a command to existing applications, runbooks, scenarios, and folders."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from leeward.cli.arguments.name_suggestions import require_existing_name, suggest_names
from leeward.cli.errors.cli_error import CliError
from leeward.cli.project.project_root import list_applications, list_runbooks, list_scenarios

if TYPE_CHECKING:
    from pydantic import BaseModel

DocumentT = TypeVar("DocumentT", bound="BaseModel")
_DEFAULT_RUNBOOK = "failover"


@dataclass(frozen=True, slots=True)
class TriggeredStart:
    """A trigger that starts a rehearsal, and the folder of synthesized templates that deploy it."""

    trigger: str
    templates: Path


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """One rehearsal to run. `scenario` is a name, the path of a file, or None for the default scenario."""

    project: Path
    application: str
    runbook: str
    scenario: str | None
    seed: int
    run_input: dict[str, object]
    history: Path | None
    trigger: TriggeredStart | None = None


def resolve_application(project: Path, name: str) -> str:
    """Return `name` if the application exists. Raises CliError that lists the existing ones if it doesn't."""
    return require_existing_name("application", name, list_applications(project), place="runbooks/")


def resolve_runbook(project: Path, application: str, name: str | None) -> str:
    """Return `name` if the runbook exists.

    Without a name, return the application's only runbook, or the failover runbook of its active routing. Raises
    CliError when the name doesn't exist or there is no default.
    """
    existing = list_runbooks(project, application)
    place = f"runbooks/{application}/"
    if name is not None:
        return require_existing_name("runbook", name, existing, place=place)
    if len(existing) == 1:
        return existing[0]
    default = _find_default_runbook(project, application)
    if default in existing:
        return default
    raise CliError(
        f"{application} has no default runbook: name the runbook", suggest_names("runbook", None, existing, place=place)
    )


def _find_default_runbook(project: Path, application: str) -> str:
    """Return the failover runbook of the active routing variant, or `failover` without routing variants.

    Ignores documents with errors. The command reports those errors when it loads the documents.
    """
    from leeward.state_machines.application.application_document import Application  # noqa: PLC0415 - only for a default
    from leeward.state_machines.application.run_direction import RunDirection  # noqa: PLC0415
    from leeward.state_machines.runbook.runbook_document import Runbook  # noqa: PLC0415

    folder = project / "runbooks" / application
    document = _load_document(folder / "application.yaml", Application)
    if document is None or document.routing is None:
        return _DEFAULT_RUNBOOK
    for name in list_runbooks(project, application):
        runbook = _load_document(folder / f"{name}.yaml", Runbook)
        if runbook is None or runbook.routing is None or runbook.direction is not RunDirection.FAILOVER:
            continue
        if document.routing.use in runbook.routing:
            return name
    return _DEFAULT_RUNBOOK


def _load_document(path: Path, model: type[DocumentT]) -> DocumentT | None:
    from leeward.state_machines.diagnostics.problems import DocumentProblem  # noqa: PLC0415
    from leeward.state_machines.load.document_loader import LoadedDocument, load_text  # noqa: PLC0415
    from leeward.state_machines.load.text_files import read_text  # noqa: PLC0415

    text = read_text(path)
    loaded = None if isinstance(text, DocumentProblem) else load_text(text, path, model)
    return loaded.model if isinstance(loaded, LoadedDocument) else None


def resolve_scenario(project: Path, application: str, name_or_path: str | None) -> str | None:
    """Return the name of an existing scenario or the absolute path of a scenario file. Raises CliError otherwise."""
    if name_or_path is None:
        return None
    path = Path(name_or_path)
    if path.suffix != ".yaml" and len(path.parts) == 1:
        place = f"workloads/{application}/scenarios/"
        return require_existing_name("scenario", name_or_path, list_scenarios(project, application), place=place)
    if path.suffix != ".yaml" or not path.is_file():
        raise CliError(
            f"there is no scenario file {name_or_path}", ["Give the name of a scenario or the path of a .yaml file"]
        )
    return str(path.resolve())


def create_history_folder(folder: Path | None) -> Path | None:
    """Create the history folder and return its absolute path.

    Runs before the rehearsal, so that a folder that can't be created fails early. Raises CliError in that case.
    """
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CliError(
            f"--history {folder} cannot be used: {error.strerror}", ["Give a folder that you can write to"]
        ) from error
    return folder.resolve()

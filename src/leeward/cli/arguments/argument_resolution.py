"""What a rehearsal was asked for: names that exist, a folder that can be written, an input that a run accepts."""

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
    """A rehearsal that begins with its trigger, through what the synthesised templates in a folder deploy."""

    trigger: str
    templates: Path


@dataclass(frozen=True, slots=True)
class RehearsalRequest:
    """One rehearsal to run. `scenario` is a name, the path of a file, or None for the twin's default."""

    project: Path
    application: str
    runbook: str
    scenario: str | None
    seed: int
    run_input: dict[str, object]
    history: Path | None
    trigger: TriggeredStart | None = None


def resolve_application(project: Path, name: str) -> str:
    """`name`, if there is such an application. Raises Trouble that lists those there are."""
    return require_existing_name("application", name, list_applications(project), place="runbooks/")


def resolve_runbook(project: Path, application: str, name: str | None) -> str:
    """`name`, if there is such a runbook; without one, the failover of the routing in use, or the only one there is.
    Raises Trouble."""
    existing = list_runbooks(project, application)
    place = f"runbooks/{application}/"
    if name is not None:
        return require_existing_name("runbook", name, existing, place=place)
    if len(existing) == 1:
        return existing[0]
    usual = _find_default_runbook(project, application)
    if usual in existing:
        return usual
    raise CliError(
        f"say which runbook of {application} to rehearse", suggest_names("runbook", None, existing, place=place)
    )


def _find_default_runbook(project: Path, application: str) -> str:
    """`failover`; of an application with a choice of routing, the one that is of the routing in use. Documents with
    errors are told of later, by whoever needs them whole."""
    from leeward.state_machines.application.application_document import Application  # noqa: PLC0415 - only when a choice is to be made
    from leeward.state_machines.application.run_direction import RunDirection  # noqa: PLC0415
    from leeward.state_machines.runbook.runbook_document import Runbook  # noqa: PLC0415

    folder = project / "runbooks" / application
    found = _load_document(folder / "application.yaml", Application)
    if found is None or found.routing is None:
        return _DEFAULT_RUNBOOK
    for name in list_runbooks(project, application):
        runbook = _load_document(folder / f"{name}.yaml", Runbook)
        if runbook is None or runbook.routing is None or runbook.direction is not RunDirection.FAILOVER:
            continue
        if found.routing.use in runbook.routing:
            return name
    return _DEFAULT_RUNBOOK


def _load_document(path: Path, model: type[DocumentT]) -> DocumentT | None:
    from leeward.state_machines.diagnostics.problems import DocumentProblem  # noqa: PLC0415
    from leeward.state_machines.load.document_loader import LoadedDocument, load_text  # noqa: PLC0415
    from leeward.state_machines.load.text_files import read_text  # noqa: PLC0415

    text = read_text(path)
    found = None if isinstance(text, DocumentProblem) else load_text(text, path, model)
    return found.model if isinstance(found, LoadedDocument) else None


def resolve_scenario(project: Path, application: str, name_or_path: str | None) -> str | None:
    """A scenario's name, or the path of a file that exists. Raises Trouble."""
    if name_or_path is None:
        return None
    path = Path(name_or_path)
    if path.suffix != ".yaml" and len(path.parts) == 1:
        place = f"workloads/{application}/scenarios/"
        return require_existing_name("scenario", name_or_path, list_scenarios(project, application), place=place)
    if path.suffix != ".yaml" or not path.is_file():
        raise CliError(
            f"there is no scenario file {name_or_path}", ["Give a scenario's name, or the path of a .yaml file"]
        )
    return str(path.resolve())


def create_history_folder(folder: Path | None) -> Path | None:
    """Make the folder of the history now, rather than find after the rehearsal that it cannot be made."""
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CliError(f"--history {folder} cannot be used: {error.strerror}", ["Give a folder"]) from error
    return folder.resolve()

"""What a rehearsal was asked for: names that exist, a folder that can be written, an input that a run accepts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from leeward.cli.choice import choose, explain
from leeward.cli.root import applications, runbooks, scenarios
from leeward.cli.trouble import Trouble

if TYPE_CHECKING:
    from pydantic import BaseModel

M = TypeVar("M", bound="BaseModel")
_DEFAULT_RUNBOOK = "failover"


@dataclass(frozen=True, slots=True)
class StartedBy:
    """A rehearsal that begins with its trigger, through what the synthesised templates in a folder deploy."""

    trigger: str
    templates: Path


@dataclass(frozen=True, slots=True)
class Asked:
    """One rehearsal to run. `scenario` is a name, the path of a file, or None for the twin's default."""

    project: Path
    application: str
    runbook: str
    scenario: str | None
    seed: int
    run_input: dict[str, object]
    history: Path | None
    started_by: StartedBy | None = None


def choose_application(project: Path, name: str) -> str:
    """`name`, if there is such an application. Raises Trouble that lists those there are."""
    return choose("application", name, applications(project), place="runbooks/")


def choose_runbook(project: Path, application: str, name: str | None) -> str:
    """`name`, if there is such a runbook; without one, the failover of the routing in use, or the only one there is.
    Raises Trouble."""
    existing = runbooks(project, application)
    place = f"runbooks/{application}/"
    if name is not None:
        return choose("runbook", name, existing, place=place)
    if len(existing) == 1:
        return existing[0]
    usual = _usual(project, application)
    if usual in existing:
        return usual
    raise Trouble(f"say which runbook of {application} to rehearse", explain("runbook", None, existing, place=place))


def _usual(project: Path, application: str) -> str:
    """`failover`; of an application with a choice of routing, the one that is of the routing in use. Documents with
    errors are told of later, by whoever needs them whole."""
    from leeward.state_machines.documents.application import Application  # noqa: PLC0415 - only when a choice is to be made
    from leeward.state_machines.documents.direction import Direction  # noqa: PLC0415
    from leeward.state_machines.documents.runbook import Runbook  # noqa: PLC0415

    folder = project / "runbooks" / application
    found = _loaded(folder / "application.yaml", Application)
    if found is None or found.routing is None:
        return _DEFAULT_RUNBOOK
    for name in runbooks(project, application):
        runbook = _loaded(folder / f"{name}.yaml", Runbook)
        if runbook is None or runbook.routing is None or runbook.direction is not Direction.FAILOVER:
            continue
        if found.routing.use in runbook.routing:
            return name
    return _DEFAULT_RUNBOOK


def _loaded(path: Path, model: type[M]) -> M | None:
    from leeward.state_machines.load.documents import Loaded, load_text  # noqa: PLC0415
    from leeward.state_machines.load.text import read  # noqa: PLC0415
    from leeward.state_machines.problems import Problem  # noqa: PLC0415

    text = read(path)
    found = None if isinstance(text, Problem) else load_text(text, path, model)
    return found.model if isinstance(found, Loaded) else None


def choose_scenario(project: Path, application: str, given: str | None) -> str | None:
    """A scenario's name, or the path of a file that exists. Raises Trouble."""
    if given is None:
        return None
    path = Path(given)
    if path.suffix != ".yaml" and len(path.parts) == 1:
        place = f"workloads/{application}/scenarios/"
        return choose("scenario", given, scenarios(project, application), place=place)
    if path.suffix != ".yaml" or not path.is_file():
        raise Trouble(f"there is no scenario file {given}", ["Give a scenario's name, or the path of a .yaml file"])
    return str(path.resolve())


def ready_folder(folder: Path | None) -> Path | None:
    """Make the folder of the history now, rather than find after the rehearsal that it cannot be made."""
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Trouble(f"--history {folder} cannot be used: {error.strerror}", ["Give a folder"]) from error
    return folder.resolve()

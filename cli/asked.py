"""What a rehearsal was asked for: names that exist, a folder that can be written, an input that a run accepts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cli.choice import choose, explain
from cli.root import applications, runbooks, scenarios
from cli.trouble import Trouble

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
    """`name`, if there is such a runbook; without one, failover or the only one there is. Raises Trouble."""
    existing = runbooks(project, application)
    place = f"runbooks/{application}/"
    if name is not None:
        return choose("runbook", name, existing, place=place)
    if _DEFAULT_RUNBOOK in existing:
        return _DEFAULT_RUNBOOK
    if len(existing) == 1:
        return existing[0]
    raise Trouble(f"say which runbook of {application} to rehearse", explain("runbook", None, existing, place=place))


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

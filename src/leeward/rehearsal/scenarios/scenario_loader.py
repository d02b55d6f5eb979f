"""Where the twin finds what it is told: the worlds and scenarios of the applications, under `workloads/`."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse, moves_users, restores_origin_service
from leeward.rehearsal.scenarios.scenario_documents import LaunchFails, ReplicationLags, Scenario, WorldDocument
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.build import BuiltRunbook, InvalidDocuments
from leeward.state_machines.diagnostics.problems import DocumentProblem
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from leeward.state_machines.load.text_files import read_text

DEFAULT_SCENARIO, CALM_SCENARIO = "region-dark", "calm"
M = TypeVar("M", bound=BaseModel)


def load_world_document(workloads: Path, application: str) -> WorldDocument:
    """The application's `world.yaml`, or the plain world where it has none. Raises InvalidDocuments."""
    path = workloads / application / "world.yaml"
    if not path.exists():
        return WorldDocument(application=application)
    _make_importable(workloads.parent)
    return _load_document(path, WorldDocument)


def _make_importable(project: Path) -> None:
    """Put the project last on the path, for the module that a world.yaml may name as its `deployment`."""
    if str(project) not in sys.path:
        sys.path.append(str(project))


def load_scenario(workloads: Path, application: str, name: str) -> Scenario:
    """A scenario by its name, or by a path that ends in .yaml. Raises LookupError that lists what there is, and
    InvalidDocuments."""
    if name.endswith(".yaml"):
        path = Path(name)
        if not path.exists():
            raise LookupError(f"there is no scenario file {name}")
        return _load_document(path, Scenario)
    folder = workloads / application / "scenarios"
    names = sorted(p.stem for p in folder.glob("*.yaml"))
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        there = ", ".join(names) or f"none, in {folder}"
        raise LookupError(f"{application} has no scenario {name}{hint} (there are: {there})")
    return _load_document(folder / f"{name}.yaml", Scenario)


def load_incident_scenarios(workloads: Path, application: str) -> list[Scenario]:
    """The application's scenarios in which something goes wrong, and all of it at the incident; a dark Region first."""
    found = [
        load_scenario(workloads, application, path.stem)
        for path in sorted((workloads / application / "scenarios").glob("*.yaml"))
    ]
    at_once = [
        each
        for each in found
        if (each.incident.dark or each.faults)
        and all(getattr(fault, "at", None) == each.incident.at for fault in each.faults)
    ]
    return sorted(at_once, key=lambda each: each.incident.dark is None)


def default_scenario_name(ready: BuiltRunbook) -> str:
    """A dark Region for a runbook that moves users; nothing at all for a drill."""
    return DEFAULT_SCENARIO if moves_users(ready) and not restores_origin_service(ready) else CALM_SCENARIO


def check_scenario_names(application: Application, scenario: Scenario) -> None:
    """A scenario may name only what the application has. Raises CannotRehearse."""
    named = {fault.group for fault in scenario.faults if isinstance(fault, LaunchFails | ReplicationLags)}
    unknown = sorted(named - set(application.components))
    if unknown:
        raise CannotRehearse(
            f"scenario {scenario.scenario}: {application.application} has no component {', '.join(unknown)} "
            f"(there are: {', '.join(application.components)})"
        )
    dark = scenario.incident.dark
    if dark is not None and dark not in application.regions.both:
        raise CannotRehearse(
            f"scenario {scenario.scenario}: {dark} is not a Region of {application.application} "
            f"(those are: {', '.join(application.regions.both)})"
        )


def _load_document(path: Path, model: type[M]) -> M:
    text = read_text(path)
    found = [text] if isinstance(text, DocumentProblem) else load_text(text, path, model)
    if isinstance(found, LoadedDocument):
        return found.model
    raise InvalidDocuments(tuple(found))

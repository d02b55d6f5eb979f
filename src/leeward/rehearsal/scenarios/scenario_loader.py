"""Loads and checks the world and scenario documents of the applications in `workloads/`."""

from __future__ import annotations

import difflib
import sys
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from leeward.rehearsal.scenarios.aws_faults.fault_targets import find_target_problem
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
    """Return the application's `world.yaml`, or the default world if it has none. Raises InvalidDocuments."""
    path = workloads / application / "world.yaml"
    if not path.exists():
        return WorldDocument(application=application)
    _make_importable(workloads.parent)
    return _load_document(path, WorldDocument)


def _make_importable(project: Path) -> None:
    """Append the project to `sys.path`, so that the `deployment` module of a world.yaml can be imported."""
    if str(project) not in sys.path:
        sys.path.append(str(project))


def load_scenario(workloads: Path, application: str, name: str) -> Scenario:
    """Return the scenario with this name, or the one at this path if `name` ends in .yaml.

    Raises LookupError, which lists the available scenarios, when there is no such scenario. Raises InvalidDocuments
    when the document has an error.
    """
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
        available = ", ".join(names) or f"none in {folder}"
        raise LookupError(f"{application} has no scenario {name}{hint} (available: {available})")
    return _load_document(folder / f"{name}.yaml", Scenario)


def load_incident_scenarios(workloads: Path, application: str) -> list[Scenario]:
    """Return the scenarios with an outage or with faults that all start at the incident, outages first."""
    scenarios = [
        load_scenario(workloads, application, path.stem)
        for path in sorted((workloads / application / "scenarios").glob("*.yaml"))
    ]
    immediate = [
        each
        for each in scenarios
        if (each.incident.dark or each.faults)
        and all(getattr(fault, "at", getattr(fault, "starts", None)) == each.incident.at for fault in each.faults)
    ]
    return sorted(immediate, key=lambda each: each.incident.dark is None)


def default_scenario_name(ready: BuiltRunbook) -> str:
    """Return the scenario with a Region outage for a runbook that moves users, and the calm scenario for a drill."""
    return DEFAULT_SCENARIO if moves_users(ready) and not restores_origin_service(ready) else CALM_SCENARIO


def check_scenario_names(application: Application, scenario: Scenario) -> None:
    """Raise CannotRehearse if the scenario names a component, Region, or function that the application doesn't have."""
    named = {fault.group for fault in scenario.faults if isinstance(fault, LaunchFails | ReplicationLags)}
    unknown = sorted(named - set(application.components))
    if unknown:
        raise CannotRehearse(
            f"scenario {scenario.scenario}: {application.application} has no component {', '.join(unknown)} "
            f"(available: {', '.join(application.components)})"
        )
    for number, fault in enumerate(scenario.faults, start=1):
        if (target := find_target_problem(application, fault)) is not None:
            raise CannotRehearse(
                f"scenario {scenario.scenario}: fault {number} ({fault.kind}): {target.problem}; {target.fix}"
            )
    dark = scenario.incident.dark
    if dark is not None and dark not in application.regions.both:
        raise CannotRehearse(
            f"scenario {scenario.scenario}: {dark} is not a Region of {application.application} "
            f"(its Regions: {', '.join(application.regions.both)})"
        )


def _load_document(path: Path, model: type[M]) -> M:
    text = read_text(path)
    loaded = [text] if isinstance(text, DocumentProblem) else load_text(text, path, model)
    if isinstance(loaded, LoadedDocument):
        return loaded.model
    raise InvalidDocuments(tuple(loaded))

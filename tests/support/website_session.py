"""Stages and scenarios for the drills: the sample application as it is, or with a change that a drill needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.rehearsal.assessment.run_assessment import assess_run
from leeward.rehearsal.clients.request_metrics import all_served_since
from leeward.rehearsal.results.result_models import RehearsalResult
from leeward.rehearsal.scenarios.fast_timings import FAST_DRS_TIMINGS, with_fast_timings
from leeward.rehearsal.scenarios.scenario_documents import (
    OperatorSettings,
    Scenario,
    ScenarioFault,
    ScenarioIncident,
    WorldDocument,
)
from leeward.rehearsal.scenarios.scenario_loader import load_world_document
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.state_machines.application.application_document import Application
from leeward.state_machines.build import BuiltRunbook
from leeward.state_machines.compile.runbook_compiler import compile_runbook
from leeward.state_machines.load.document_loader import LoadedDocument, load_text
from leeward.state_machines.runbook.runbook_document import Runbook
from leeward.twin.engine import ExecutionResult
from tests.support.paths import REPOSITORY

EAST, WEST = "us-east-1", "us-west-2"
Edit = Callable[[str], str]


def unchanged(text: str) -> str:
    return text


def replace_text(old: str, new: str) -> Edit:
    """A change to a document's text; fails when there is nothing to change."""

    def edit(text: str) -> str:
        assert old in text, old
        return text.replace(old, new)

    return edit


def compile_website(runbook: Edit = unchanged, application: Edit = unchanged, name: str = "failover") -> BuiltRunbook:
    """A runbook of the website, compiled from its documents as changed."""
    folder = REPOSITORY / "runbooks" / "website"
    app = _load(application((folder / "application.yaml").read_text()), Application)
    book = _load(runbook((folder / f"{name}.yaml").read_text()), Runbook)
    return BuiltRunbook(app, book, compile_runbook(app, book))


def _load(text: str, model: type[Any]) -> Any:
    found = load_text(text, Path("drill.yaml"), model)
    assert isinstance(found, LoadedDocument), "\n".join(str(problem) for problem in found)
    return found.model


def drill_scenario(
    *faults: ScenarioFault, failed_region: str | None = EAST, operator: OperatorSettings | None = None
) -> Scenario:
    return Scenario(
        scenario="drill",
        incident=ScenarioIncident(at=timedelta(minutes=5), dark=failed_region),
        operator=operator or OperatorSettings(),
        faults=list(faults),
    )


def website_session(
    *faults: ScenarioFault,
    ready: BuiltRunbook | None = None,
    world: WorldDocument | None = None,
    operator: OperatorSettings | None = None,
    failed_region: str | None = EAST,
    seed: int = 7,
    also: Sequence[BuiltRunbook] = (),
) -> RehearsalSession:
    """The website on a stage of its own, with short waits; use it with `with`."""
    chosen = with_fast_timings(world or load_world_document(REPOSITORY / "workloads", "website"))
    played = drill_scenario(*faults, failed_region=failed_region, operator=operator)
    return RehearsalSession(ready or compile_website(), chosen, played, seed, also, timings=FAST_DRS_TIMINGS)


def run_to_end(stage: RehearsalSession, **run_input: Any) -> tuple[RehearsalResult, RehearsedRun, ExecutionResult]:
    """Start the failover two minutes after the incident, and watch it and the users to the end."""
    stage.wait_until(stage.incident_at + timedelta(minutes=2))
    given = {"incident_at": stage.incident_at.isoformat(), **run_input}
    run = stage.start_run("drill", given, trouble_started_at=stage.incident_at)
    ended = stage.wait_for_end(run)
    clients = stage.world.clients
    assert clients is not None
    stage.wait_for(lambda: all_served_since(clients.requests, stage.world.target) is not None, timedelta(minutes=2))
    return assess_run(stage, run, ended, "nowhere"), run, ended


def broken_invariants(result: RehearsalResult) -> list[str]:
    """The invariants that did not hold."""
    return [f"{i.name}: {i.detail}" for i in result.invariants if i.violated]


def step_named(result: RehearsalResult, name: str) -> Any:
    return next(s for s in result.steps if s.name == name)


def count_recovery_jobs(stage: RehearsalSession) -> int:
    """The recovery jobs that the simulated DRS really began."""
    return sum(1 for job in stage.world.drs.jobs(WEST) if job.kind == "LAUNCH")


def routing_changed(stage: RehearsalSession) -> bool:
    """Was any routing control changed since the run began?"""
    return bool(stage.routing_changes)

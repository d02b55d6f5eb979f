"""Stages and scenarios for the drills: the sample application as it is, or with a change that a drill needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.state_machines.compile.machine import compile_runbook
from leeward.state_machines.documents.application import Application
from leeward.state_machines.documents.runbook import Runbook
from leeward.state_machines.load.documents import Loaded, load_text
from leeward.state_machines.tree import Ready
from leeward.twin.engine import Ended
from leeward.twin.evidence import report
from leeward.twin.library import world_of
from leeward.twin.measure import served_by_from
from leeward.twin.quick import QUICK, quick
from leeward.twin.report import Rehearsal
from leeward.twin.run import Run
from leeward.twin.stage import Stage
from leeward.twin.world.documents import Fault, Incident, Operator, Scenario, WorldDocument

ROOT = Path(__file__).parents[2]
EAST, WEST = "us-east-1", "us-west-2"
Edit = Callable[[str], str]


def same(text: str) -> str:
    return text


def replacing(old: str, new: str) -> Edit:
    """A change to a document's text; fails when there is nothing to change."""

    def edit(text: str) -> str:
        assert old in text, old
        return text.replace(old, new)

    return edit


def website(runbook: Edit = same, application: Edit = same, name: str = "failover") -> Ready:
    """A runbook of the website, compiled from its documents as changed."""
    folder = ROOT / "runbooks" / "website"
    app = _load(application((folder / "application.yaml").read_text()), Application)
    book = _load(runbook((folder / f"{name}.yaml").read_text()), Runbook)
    return Ready(app, book, compile_runbook(app, book))


def _load(text: str, model: type[Any]) -> Any:
    found = load_text(text, Path("drill.yaml"), model)
    assert isinstance(found, Loaded), "\n".join(str(problem) for problem in found)
    return found.model


def scenario(*faults: Fault, dark: str | None = EAST, operator: Operator | None = None) -> Scenario:
    return Scenario(
        scenario="drill",
        incident=Incident(at=timedelta(minutes=5), dark=dark),
        operator=operator or Operator(),
        faults=list(faults),
    )


def website_stage(
    *faults: Fault,
    ready: Ready | None = None,
    told: WorldDocument | None = None,
    operator: Operator | None = None,
    dark: str | None = EAST,
    seed: int = 7,
    also: Sequence[Ready] = (),
) -> Stage:
    """The website on a stage of its own, with short waits; use it with `with`."""
    chosen = quick(told or world_of(ROOT / "workloads", "website"))
    played = scenario(*faults, dark=dark, operator=operator)
    return Stage(ready or website(), chosen, played, seed, also, timings=QUICK)


def run_to_end(stage: Stage, **run_input: Any) -> tuple[Rehearsal, Run, Ended]:
    """Start the failover two minutes after the incident, and watch it and the users to the end."""
    stage.wait_until(stage.incident_at + timedelta(minutes=2))
    given = {"incident_at": stage.incident_at.isoformat(), **run_input}
    run = stage.start("drill", given, since=stage.incident_at)
    ended = stage.finish(run)
    clients = stage.world.clients
    assert clients is not None
    stage.settle(lambda: served_by_from(clients.requests, stage.world.target) is not None, timedelta(minutes=2))
    return report(stage, run, ended, "nowhere"), run, ended


def broken(result: Rehearsal) -> list[str]:
    """The invariants that did not hold."""
    return [f"{i.name}: {i.detail}" for i in result.invariants if not i.held]


def step(result: Rehearsal, name: str) -> Any:
    return next(s for s in result.steps if s.name == name)


def jobs_started(stage: Stage) -> int:
    """The recovery jobs that the simulated DRS really began."""
    return sum(1 for job in stage.world.drs.jobs(WEST) if job.kind == "LAUNCH")


def users_moved(stage: Stage) -> bool:
    """Was any routing control changed since the run began?"""
    return bool(stage.routings)

"""One rehearsal from beginning to end: the committed state machine, the incident, the run, what was measured."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from state_machines.documents.application import Application
from state_machines.tree import Ready, ready_runbook
from twin.engine import Ended
from twin.errors import TwinError
from twin.evidence import report
from twin.library import DEFAULT_SCENARIO, scenario_of, world_of
from twin.measure import served_by_from
from twin.report import Moment, Rehearsal
from twin.stage import Run, Stage
from twin.world import documents

# A run's name on the twin; its history must not depend on who rehearses, or when.
_RUN_NAME = "rehearsal"
# How long the users are watched after the run has ended, at most: every resolver's answer has run out by then.
_SETTLE = timedelta(minutes=3)
_MOMENT_SECONDS = 10


class CannotRehearse(Exception):
    """The rehearsal could not begin; the text says the place, the problem and the mend."""


def rehearse(
    root: Path,
    application: str,
    runbook: str,
    *,
    scenario: str | None = None,
    seed: int = 7,
    run_input: Mapping[str, Any] | None = None,
    on_moment: Callable[[Moment], None] | None = None,
    history_dir: Path | None = None,
) -> Rehearsal:
    """Rehearse `runbook` of `application`, of the project at `root`, in `scenario` (a name, or a path to YAML).

    `run_input` is merged into what the scenario's operator gives to Start execution. The execution's history is
    written to `history_dir`, by default `build/rehearsals` of the project. Raises CannotRehearse, LookupError for a
    runbook or scenario that does not exist, and state_machines.tree.InvalidDocuments.
    """
    ready = ready_runbook(root / "runbooks", application, runbook)
    definition = _committed(root, ready)
    workloads = root / "workloads"
    told = world_of(workloads, application)
    chosen = scenario_of(workloads, application, scenario or DEFAULT_SCENARIO)
    _refuse_strangers(ready.application, chosen)
    try:
        with Stage(ready, told, chosen, seed, definition) as stage:
            run, ended = _play(stage, run_input or {}, on_moment)
            history = _write_history(stage, run, root, history_dir or root / "build" / "rehearsals")
            return report(stage, run, ended, history)
    except TwinError as error:
        raise CannotRehearse(f"the twin could not go on: {error}") from error


def _committed(root: Path, ready: Ready) -> str:
    path = root / "state_machines" / "generated" / ready.file
    mend = "run `leeward compile`, review the difference and commit it"
    if not path.exists():
        raise CannotRehearse(f"{path.relative_to(root)} does not exist: {mend}")
    text = path.read_text(encoding="utf-8")
    if text != ready.compiled.text:
        raise CannotRehearse(f"{path.relative_to(root)} is not what the documents compile to: {mend}")
    return text


def _refuse_strangers(application: Application, scenario: documents.Scenario) -> None:
    """A scenario may name only what the application has."""
    groups = [fault.group for fault in scenario.faults if hasattr(fault, "group")]
    unknown = sorted({group for group in groups if group not in application.components})
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


def _play(stage: Stage, run_input: Mapping[str, Any], on_moment: Callable[[Moment], None] | None) -> tuple[Run, Ended]:
    started: list[Run] = []

    def show(*_: object) -> None:
        if on_moment is not None:
            on_moment(_moment(stage, started[0] if started else None))

    if on_moment is not None:
        stage.engine.clock.every(_MOMENT_SECONDS, show, name="screen", inline=True)
        stage.engine.on_event(show)
    stage.wait_until(stage.incident_at + stage.scenario.start.after)
    given = {
        "reason": stage.scenario.start.reason,
        "incident_at": stage.incident_at.isoformat(),
        **run_input,
    }
    run = stage.start(_RUN_NAME, given)
    started.append(run)
    ended = stage.finish(run)
    stage.settle(lambda: _all_served(stage), _SETTLE)
    show()
    return run, ended


def _all_served(stage: Stage) -> bool:
    clients = stage.world.clients
    return clients is None or served_by_from(clients.requests, stage.world.target) is not None


def _moment(stage: Stage, run: Run | None) -> Moment:
    compiled = stage.ready.compiled
    clients = stage.world.clients
    latest = clients.requests[-clients.count :] if clients else []
    users = Counter(request.served_by or "nobody" for request in latest)
    return Moment(
        application=compiled.application,
        runbook=compiled.runbook,
        origin=compiled.way.origin,
        target=compiled.way.target,
        at=stage.engine.clock.now(),
        incident_at=stage.incident_at,
        started_at=run.started_at if run else None,
        rto_seconds=int(stage.ready.application.objectives.rto.total_seconds()),
        steps=run.progress.steps if run else [],
        users=dict(users),
        note=stage.scenario.description,
    )


def _write_history(stage: Stage, run: Run, root: Path, folder: Path) -> str:
    compiled, scenario = stage.ready.compiled, stage.scenario.scenario
    path = folder / f"{compiled.application}-{compiled.runbook}-{scenario}-{stage.engine.seed}.history.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    events = stage.engine.history(run.execution)
    path.write_text(json.dumps({"execution": run.execution, "events": events}, indent=1) + "\n", encoding="utf-8")
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)

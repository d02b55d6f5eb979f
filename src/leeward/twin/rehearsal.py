"""One rehearsal from beginning to end: the committed state machine, the incident, the run, what was measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.state_machines.tree import Ready
from leeward.twin.committed import CannotRehearse, committed, way_there
from leeward.twin.dossier import keep
from leeward.twin.endings import ends_in
from leeward.twin.errors import TwinError
from leeward.twin.evidence import report
from leeward.twin.library import default_scenario, refuse_strangers, scenario_of, world_of
from leeward.twin.report import Moment, Rehearsal
from leeward.twin.run import Run
from leeward.twin.screen import moment
from leeward.twin.stage import Stage

__all__ = ["CannotRehearse", "come_back", "follow", "play", "rehearse", "show_moments", "write_history"]

# A run's name on the twin; its history must not depend on who rehearses, or when.
RUN_NAME = "rehearsal"
# How long the users are watched after the run has ended, at most: every resolver's answer has run out by then.
_SETTLE = timedelta(minutes=3)
# Between the end of a failover and the origin's return, and from there until somebody starts the way back. Servers need
# the time, to be found and to replicate; where there are none, the users alone do.
_RETURNS_AFTER, _SERVERLESS_AFTER = timedelta(minutes=10), timedelta(minutes=2)
_MOMENT_SECONDS = 10

_SHOWN = frozenset(
    {"TaskStateEntered", "ParallelStateEntered", "TaskScheduled", "TaskSucceeded", "TaskFailed", "TaskTimedOut"}
    | {f"Execution{end}" for end in ("Succeeded", "Failed", "Aborted", "TimedOut")}
)

OnMoment = Callable[[Moment], None]


def rehearse(
    root: Path,
    application: str,
    runbook: str,
    *,
    scenario: str | None = None,
    seed: int = 7,
    run_input: Mapping[str, Any] | None = None,
    on_moment: OnMoment | None = None,
    history_dir: Path | None = None,
) -> Rehearsal:
    """Rehearse `runbook` of `application`, of the project at `root`, in `scenario` (a name, or a path to YAML).

    A runbook that leads back needs something to come back from: the application's failover is played first, and the
    Region that had gone dark returns. `run_input` is merged into what the scenario's operator gives to Start execution.
    The execution's history is written to `history_dir`, by default `build/rehearsals` of the project. Raises
    CannotRehearse, LookupError for a runbook or scenario that does not exist, and state_machines.tree.InvalidDocuments.
    """
    ready = committed(root, application, runbook)
    before = way_there(root, ready)
    workloads = root / "workloads"
    told = world_of(workloads, application)
    chosen = scenario_of(workloads, application, scenario or default_scenario(ready))
    refuse_strangers(ready.application, chosen)
    try:
        with Stage(ready, told, chosen, seed, also=before) as stage:
            watched: list[Run] = []
            if on_moment is not None:
                show_moments(stage, watched, on_moment)

            def watching(run: Run) -> None:
                watched[:] = [run]

            for earlier in before:
                play(stage, earlier, "before", {}, on_start=watching)
                come_back(stage)
            run, result = play(stage, ready, RUN_NAME, run_input or {}, on_start=watching)
            path = write_history(stage, run, root, history_dir or root / "build" / "rehearsals")
            kept = keep(stage, run, result, root, folder=history_dir)
            return result.model_copy(update={"history": path, "evidence": kept})
    except TwinError as error:
        raise CannotRehearse(f"the twin could not go on: {error}") from error


def play(
    stage: Stage,
    ready: Ready,
    name: str,
    run_input: Mapping[str, Any],
    *,
    on_start: Callable[[Run], object] = lambda _: None,
) -> tuple[Run, Rehearsal]:
    """One run to its end, and what the users saw until the last of them was served or patience ran out.

    A failover answers the stage's incident, where that is still to come or unanswered; everything else is started now.
    `on_start` is told of the run in the instant in which it is started, before its first state.
    """
    given: dict[str, Any] = {"reason": stage.scenario.start.reason}
    answers = ready.compiled.way.origin == stage.world.origin and stage.incident_at > stage.answered_until
    if answers:
        stage.answered_until = stage.incident_at
        stage.wait_until(stage.incident_at + stage.scenario.start.after)
        given["incident_at"] = stage.incident_at.isoformat()
    since = stage.incident_at if answers and stage.scenario.incident.dark else None
    run = stage.start(name, given | dict(run_input), runbook=ready.runbook.runbook, since=since)
    on_start(run)
    return run, follow(stage, run)


def follow(stage: Stage, run: Run) -> Rehearsal:
    """A run that has been started, to its end, and what the users saw until all were served or patience ran out."""
    ended = stage.finish(run)
    stage.settle(lambda: _all_served(stage, run), _SETTLE)
    return report(stage, run, ended, "")


def come_back(stage: Stage) -> None:
    """The Region that had gone dark returns, and a while passes."""
    pause = _RETURNS_AFTER if stage.world.servers else _SERVERLESS_AFTER
    stage.wait_until(stage.engine.clock.now() + pause)
    stage.darkness.ends()
    stage.wait_until(stage.engine.clock.now() + pause)


def write_history(stage: Stage, run: Run, root: Path, folder: Path) -> str:
    """The execution's history as JSON; its path, relative to the project where it lies within."""
    compiled, scenario = run.ready.compiled, stage.scenario.scenario
    path = folder / f"{compiled.application}-{compiled.runbook}-{scenario}-{stage.engine.seed}.history.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    events = stage.engine.history(run.execution)
    path.write_text(json.dumps({"execution": run.execution, "events": events}, indent=1) + "\n", encoding="utf-8")
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def show_moments(stage: Stage, watched: list[Run], on_moment: OnMoment) -> None:
    """Tell `on_moment` after each event of a run and now and then in between; `watched` holds the run to show."""

    def show(*_: object) -> None:
        on_moment(moment(stage, watched[0] if watched else None))

    stage.engine.clock.every(_MOMENT_SECONDS, show, name="screen", inline=True)
    # Most events (a choice taken, a wait begun, a state left) change nothing that is shown.
    stage.engine.on_event(lambda _, event: show() if event["type"] in _SHOWN else None)


def _all_served(stage: Stage, run: Run) -> bool:
    clients = stage.world.clients
    if clients is None:
        return True
    latest = clients.latest
    expected = ends_in(stage, run)
    if expected is not None:
        return all(request.served_by in expected for request in latest)
    if all(request.served_by == run.way.target for request in latest):
        return True
    return all(r.served_by == run.way.origin for r in latest) and not stage.world.names.leads_to(run.way.target)

"""One rehearsal from beginning to end: the committed state machine, the incident, the run, what was measured."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.rehearsal.assessment.evidence_export import export_evidence
from leeward.rehearsal.assessment.expected_serving_regions import expected_serving_regions
from leeward.rehearsal.assessment.run_assessment import assess_run
from leeward.rehearsal.results.result_models import LiveViewFrame, RehearsalResult
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse, load_committed_runbook, prerequisite_runbooks
from leeward.rehearsal.scenarios.scenario_loader import (
    check_scenario_names,
    default_scenario_name,
    load_scenario,
    load_world_document,
)
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.snapshots.live_view import live_view_frame
from leeward.state_machines.build import BuiltRunbook
from leeward.twin.errors import TwinError

__all__ = [
    "CannotRehearse",
    "complete_run",
    "play_run",
    "publish_live_view",
    "rehearse",
    "restore_origin",
    "write_history",
]

# A run's name on the twin; its history must not depend on who rehearses, or when.
RUN_NAME = "rehearsal"
# How long the users are watched after the run has ended, at most: every resolver's answer has run out by then.
_SETTLE_TIME = timedelta(minutes=3)
# Between the end of a failover and the origin's return, and from there until somebody starts the way back. Servers need
# the time, to be found and to replicate; where there are none, the users alone do.
_RECOVERY_PAUSE, _SERVERLESS_RECOVERY_PAUSE = timedelta(minutes=10), timedelta(minutes=2)
_FRAME_INTERVAL_SECONDS = 10

_SHOWN_EVENTS = frozenset(
    {"TaskStateEntered", "ParallelStateEntered", "TaskScheduled", "TaskSucceeded", "TaskFailed", "TaskTimedOut"}
    | {f"Execution{end}" for end in ("Succeeded", "Failed", "Aborted", "TimedOut")}
)

OnFrame = Callable[[LiveViewFrame], None]


def rehearse(
    root: Path,
    application: str,
    runbook: str,
    *,
    scenario: str | None = None,
    seed: int = 7,
    run_input: Mapping[str, Any] | None = None,
    on_frame: OnFrame | None = None,
    history_dir: Path | None = None,
) -> RehearsalResult:
    """Rehearse `runbook` of `application`, of the project at `root`, in `scenario` (a name, or a path to YAML).

    A runbook that leads back needs something to come back from: the application's failover is played first, and the
    Region that had gone dark returns. `run_input` is merged into what the scenario's operator gives to Start execution.
    The execution's history is written to `history_dir`, by default `build/rehearsals` of the project. Raises
    CannotRehearse, LookupError for a runbook or scenario that does not exist, and state_machines.tree.InvalidDocuments.
    """
    ready = load_committed_runbook(root, application, runbook)
    before = prerequisite_runbooks(root, ready)
    workloads = root / "workloads"
    told = load_world_document(workloads, application)
    chosen = load_scenario(workloads, application, scenario or default_scenario_name(ready))
    check_scenario_names(ready.application, chosen)
    try:
        with RehearsalSession(ready, told, chosen, seed, other_runbooks=before) as stage:
            watched: list[RehearsedRun] = []
            if on_frame is not None:
                publish_live_view(stage, watched, on_frame)

            def watching(run: RehearsedRun) -> None:
                watched[:] = [run]

            for earlier in before:
                play_run(stage, earlier, "before", {}, on_start=watching)
                restore_origin(stage)
            run, result = play_run(stage, ready, RUN_NAME, run_input or {}, on_start=watching)
            path = write_history(stage, run, root, history_dir or root / "build" / "rehearsals")
            kept = export_evidence(stage, run, result, root, folder=history_dir)
            return result.model_copy(update={"history": path, "evidence": kept})
    except TwinError as error:
        raise CannotRehearse(f"the twin could not go on: {error}") from error


def play_run(
    session: RehearsalSession,
    ready: BuiltRunbook,
    execution_name: str,
    run_input: Mapping[str, Any],
    *,
    on_start: Callable[[RehearsedRun], object] = lambda _: None,
) -> tuple[RehearsedRun, RehearsalResult]:
    """One run to its end, and what the users saw until the last of them was served or patience ran out.

    A failover answers the stage's incident, where that is still to come or unanswered; everything else is started now.
    `on_start` is told of the run in the instant in which it is started, before its first state.
    """
    given: dict[str, Any] = {"reason": session.scenario.start.reason}
    answers = (
        ready.compiled.run_regions.origin == session.world.origin
        and session.incident_at > session.incidents_answered_until
    )
    if answers:
        session.incidents_answered_until = session.incident_at
        session.wait_until(session.incident_at + session.scenario.start.after)
        given["incident_at"] = session.incident_at.isoformat()
    since = session.incident_at if answers and session.scenario.incident.dark else None
    run = session.start_run(
        execution_name, given | dict(run_input), runbook=ready.runbook.runbook, trouble_started_at=since
    )
    on_start(run)
    return run, complete_run(session, run)


def complete_run(session: RehearsalSession, run: RehearsedRun) -> RehearsalResult:
    """A run that has been started, to its end, and what the users saw until all were served or patience ran out."""
    ended = session.wait_for_end(run)
    session.wait_for(lambda: _all_served(session, run), _SETTLE_TIME)
    return assess_run(session, run, ended, "")


def restore_origin(session: RehearsalSession) -> None:
    """The Region that had gone dark returns, and a while passes."""
    pause = _RECOVERY_PAUSE if session.world.source_servers else _SERVERLESS_RECOVERY_PAUSE
    session.wait_until(session.engine.clock.now() + pause)
    session.region_outages.end_all()
    session.wait_until(session.engine.clock.now() + pause)


def write_history(session: RehearsalSession, run: RehearsedRun, root: Path, folder: Path) -> str:
    """The execution's history as JSON; its path, relative to the project where it lies within."""
    compiled, scenario = run.ready.compiled, session.scenario.scenario
    path = folder / f"{compiled.application}-{compiled.runbook}-{scenario}-{session.engine.seed}.history.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    events = session.engine.get_history(run.execution)
    path.write_text(json.dumps({"execution": run.execution, "events": events}, indent=1) + "\n", encoding="utf-8")
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def publish_live_view(session: RehearsalSession, watched_run: list[RehearsedRun], on_frame: OnFrame) -> None:
    """Tell `on_moment` after each event of a run and now and then in between; `watched` holds the run to show."""

    def show(*_: object) -> None:
        on_frame(live_view_frame(session, watched_run[0] if watched_run else None))

    session.engine.clock.call_every(_FRAME_INTERVAL_SECONDS, show, name="screen", inline=True)
    # Most events (a choice taken, a wait begun, a state left) change nothing that is shown.
    session.engine.add_event_listener(lambda _, event: show() if event["type"] in _SHOWN_EVENTS else None)


def _all_served(session: RehearsalSession, run: RehearsedRun) -> bool:
    clients = session.world.clients
    if clients is None:
        return True
    latest = clients.latest_requests
    expected = expected_serving_regions(session, run)
    if expected is not None:
        return all(request.served_by in expected for request in latest)
    if all(request.served_by == run.way.target for request in latest):
        return True
    return all(r.served_by == run.way.origin for r in latest) and not session.world.application_dns.routes_to(
        run.way.target
    )

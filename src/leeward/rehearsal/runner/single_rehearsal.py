"""Runs a single rehearsal: plays the incident and the committed state machine, and assesses the run."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.rehearsal.assessment.evidence_export import export_evidence
from leeward.rehearsal.assessment.run_assessment import assess_run
from leeward.rehearsal.results.reports.prerequisite_report import PrerequisiteReport
from leeward.rehearsal.results.result_models import ExecutionOutcome, LiveViewFrame, RehearsalResult
from leeward.rehearsal.runner.prerequisite_runs import describe_failed_failover, report_prerequisite
from leeward.rehearsal.scenarios.compiled_runbooks import CannotRehearse, load_committed_runbook, prerequisite_runbooks
from leeward.rehearsal.scenarios.scenario_documents import Scenario, WorldDocument
from leeward.rehearsal.scenarios.scenario_loader import (
    check_scenario_names,
    default_scenario_name,
    load_scenario,
    load_world_document,
)
from leeward.rehearsal.session.expected_serving_regions import expected_serving_regions
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.snapshots.live_view import live_view_frame
from leeward.rehearsal.worlds.users.settle_time import longest_settle_time
from leeward.state_machines.build import BuiltRunbook
from leeward.twin.errors import TwinError
from leeward.twin.realism.realism_settings import Realism

__all__ = [
    "CannotRehearse",
    "PreparedRehearsal",
    "complete_run",
    "play_prepared",
    "play_run",
    "prepare_rehearsal",
    "publish_live_view",
    "rehearse",
    "restore_origin",
    "write_history",
]

# The execution name on the twin. It is fixed, so that the history doesn't depend on who rehearses, or when.
RUN_NAME = "rehearsal"
# The pause between a failover's end and the origin's recovery, and between that and the failback. Servers need the time
# to be discovered and to replicate. Without servers, only the users need time.
_RECOVERY_PAUSE, _SERVERLESS_RECOVERY_PAUSE = timedelta(minutes=10), timedelta(minutes=2)
_FRAME_INTERVAL_SECONDS = 10

_SHOWN_EVENTS = frozenset(
    {"TaskStateEntered", "ParallelStateEntered", "TaskScheduled", "TaskSucceeded", "TaskFailed", "TaskTimedOut"}
    | {f"Execution{end}" for end in ("Succeeded", "Failed", "Aborted", "TimedOut")}
)

OnFrame = Callable[[LiveViewFrame], None]


@dataclass(frozen=True, slots=True)
class PreparedRehearsal:
    """The documents of a rehearsal, which can be played with any seed. `prerequisites` are played before `ready`."""

    root: Path
    ready: BuiltRunbook
    prerequisites: list[BuiltRunbook]
    world_document: WorldDocument
    scenario_document: Scenario


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
    realism: Realism | None = None,
) -> RehearsalResult:
    """Rehearse `runbook` of `application` in the project at `root`.

    `scenario` is a name or a path to a YAML file. For a failback, the application's failover runs first, and the
    unavailable Region recovers. `run_input` is merged into the input that the scenario's operator passes to
    StartExecution. The execution's history is written to `history_dir`, which is the project's `build/rehearsals` by
    default. `realism` turns off delays for tests. By default, all are on. If the failover did not pass, the result
    says why, and doesn't pass either.

    Raises CannotRehearse when the rehearsal can't start or continue, for example because the failover before a failback
    failed. The history and the evidence of that failover are kept. Raises LookupError when the runbook or the scenario
    doesn't exist, and InvalidDocuments when a document has an error.
    """
    prepared = prepare_rehearsal(root, application, runbook, scenario)
    return play_prepared(
        prepared, seed=seed, run_input=run_input, on_frame=on_frame, history_dir=history_dir, realism=realism
    )


def prepare_rehearsal(root: Path, application: str, runbook: str, scenario: str | None = None) -> PreparedRehearsal:
    """Load the documents of a rehearsal. `rehearse` describes the arguments and the errors."""
    ready = load_committed_runbook(root, application, runbook)
    prerequisites = prerequisite_runbooks(root, ready)
    workloads = root / "workloads"
    world_document = load_world_document(workloads, application)
    scenario_document = load_scenario(workloads, application, scenario or default_scenario_name(ready))
    check_scenario_names(ready.application, scenario_document)
    return PreparedRehearsal(root, ready, prerequisites, world_document, scenario_document)


def play_prepared(
    prepared: PreparedRehearsal,
    *,
    seed: int,
    run_input: Mapping[str, Any] | None = None,
    on_frame: OnFrame | None = None,
    history_dir: Path | None = None,
    keep_files: bool = True,
    realism: Realism | None = None,
) -> RehearsalResult:
    """Play a rehearsal with a seed. `rehearse` describes the arguments.

    Without `keep_files`, the history and the evidence are not written. Raises CannotRehearse when the rehearsal can't
    continue.
    """
    root, ready, prerequisites = prepared.root, prepared.ready, prepared.prerequisites
    try:
        with RehearsalSession(
            ready,
            prepared.world_document,
            prepared.scenario_document,
            seed,
            other_runbooks=prerequisites,
            realism=realism,
        ) as session:
            watched: list[RehearsedRun] = []
            if on_frame is not None:
                publish_live_view(session, watched, on_frame)

            def watching(run: RehearsedRun) -> None:
                watched[:] = [run]

            reports: list[PrerequisiteReport] = []
            for earlier in prerequisites:
                run, result = play_run(session, earlier, "before", {}, on_start=watching)
                _require_success(session, run, result, root, history_dir)
                reports.append(report_prerequisite(result))
                restore_origin(session)
            run, result = play_run(session, ready, RUN_NAME, run_input or {}, on_start=watching)
            result = result.model_copy(update={"prerequisites": reports})
            if not keep_files:
                return result
            path = write_history(session, run, root, history_dir or root / "build" / "rehearsals")
            evidence = export_evidence(session, run, result, root, folder=history_dir)
            return result.model_copy(update={"history": path, "evidence": evidence})
    except TwinError as error:
        raise CannotRehearse(f"the simulation stopped: {error}") from error


def _require_success(
    session: RehearsalSession, run: RehearsedRun, result: RehearsalResult, root: Path, folder: Path | None
) -> None:
    """Raise CannotRehearse if a failback can't follow this failover. Keep the failover's history and evidence then."""
    failure = describe_failed_failover(result)
    if failure is None:
        return
    history = write_history(session, run, root, folder or root / "build" / "rehearsals")
    evidence = export_evidence(session, run, result, root, folder=folder)
    kept = " and ".join(path for path in (history, evidence) if path)
    raise CannotRehearse(f"the rehearsal stopped, because {failure}. Its record: {kept}")


def play_run(
    session: RehearsalSession,
    ready: BuiltRunbook,
    execution_name: str,
    run_input: Mapping[str, Any],
    *,
    on_start: Callable[[RehearsedRun], object] = lambda _: None,
) -> tuple[RehearsedRun, RehearsalResult]:
    """Start a run, wait for its end and until all users are served or the settle time expires, and assess the run.

    A failover starts after the session's incident, and responds to it until a run has succeeded: an operator who starts
    a failed failover again still has the same incident. Every other run starts now.
    `on_start` is called with the run when it starts, before its first state.
    """
    execution_input: dict[str, Any] = {"reason": session.scenario.start.reason}
    answers = (
        ready.compiled.run_regions.origin == session.world.origin
        and session.incident_at > session.incidents_answered_until
    )
    if answers:
        session.wait_until(session.incident_at + session.scenario.start.after)
    trouble_started_at = session.service_failed_at if answers else None
    if trouble_started_at is not None and trouble_started_at <= session.engine.clock.now():
        execution_input["incident_at"] = trouble_started_at.isoformat()
    run = session.start_run(
        execution_name,
        execution_input | dict(run_input),
        runbook=ready.runbook.runbook,
        trouble_started_at=trouble_started_at,
    )
    on_start(run)
    result = complete_run(session, run)
    if answers and result.outcome is ExecutionOutcome.SUCCEEDED:
        session.incidents_answered_until = session.incident_at
    return run, result


def complete_run(session: RehearsalSession, run: RehearsedRun) -> RehearsalResult:
    """Wait for a run's end and until all users are served or the settle time expires, and assess the run."""
    execution_result = session.wait_for_end(run)
    settle_time = longest_settle_time(session.application, session.world.clients)
    session.wait_for(lambda: _all_served(session, run), settle_time)
    result = assess_run(session, run, execution_result, "")
    if result.outcome is ExecutionOutcome.SUCCEEDED:
        session.settled_regions = session.routing.current_regions()
    return result


def restore_origin(session: RehearsalSession) -> None:
    """End all Region outages after a pause, then wait for another pause."""
    pause = _RECOVERY_PAUSE if session.world.source_servers else _SERVERLESS_RECOVERY_PAUSE
    session.wait_until(session.engine.clock.now() + pause)
    session.region_outages.end_all()
    session.wait_until(session.engine.clock.now() + pause)


def write_history(session: RehearsalSession, run: RehearsedRun, root: Path, folder: Path) -> str:
    """Write the execution's history as JSON. Return its path, relative to the project if the file is within it."""
    compiled, scenario = run.ready.compiled, session.scenario.scenario
    path = folder / f"{compiled.application}-{compiled.runbook}-{scenario}-{session.engine.seed}.history.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    events = session.engine.get_history(run.execution)
    path.write_text(json.dumps({"execution": run.execution, "events": events}, indent=1) + "\n", encoding="utf-8")
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def publish_live_view(session: RehearsalSession, watched_run: list[RehearsedRun], on_frame: OnFrame) -> None:
    """Call `on_frame` after each displayed history event and at intervals. `watched_run` contains the run, if any."""

    def show(*_: object) -> None:
        on_frame(live_view_frame(session, watched_run[0] if watched_run else None))

    session.engine.clock.call_every(_FRAME_INTERVAL_SECONDS, show, name="screen", inline=True)
    # Most events (a choice, the start of a wait, a state exit) don't change the view.
    session.engine.add_event_listener(lambda _, event: show() if event["type"] in _SHOWN_EVENTS else None)


def _all_served(session: RehearsalSession, run: RehearsedRun) -> bool:
    """Return whether the expected Regions served the latest request of every user, sent since the run began."""
    clients = session.world.clients
    if clients is None:
        return True
    latest = clients.latest_requests
    if len(latest) < clients.count or any(request.at < run.started_at for request in latest):
        return False
    expected = expected_serving_regions(session, run)
    if expected is not None:
        return all(request.served_by in expected for request in latest)
    if all(request.served_by == run.way.target for request in latest):
        return True
    return all(r.served_by == run.way.origin for r in latest) and not session.world.application_dns.routes_to(
        run.way.target
    )

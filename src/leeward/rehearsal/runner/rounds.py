"""Runs rounds of failover and failback. After each round, the world must be in the state before the first round."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.rehearsal.assessment.evidence_export import export_evidence
from leeward.rehearsal.incidents.scenario_schedule import schedule_scenario
from leeward.rehearsal.results.result_models import RehearsalResult, RoundReport, RoundsResult
from leeward.rehearsal.runner.prerequisite_runs import describe_failed_failover
from leeward.rehearsal.runner.single_rehearsal import OnFrame, play_run, publish_live_view, restore_origin
from leeward.rehearsal.scenarios.compiled_runbooks import (
    CannotRehearse,
    load_committed_runbook,
    moves_users,
    restores_origin_service,
    uses_active_routing,
)
from leeward.rehearsal.scenarios.fast_timings import FAST_DRS_TIMINGS, with_fast_timings
from leeward.rehearsal.scenarios.scenario_loader import (
    DEFAULT_SCENARIO,
    check_scenario_names,
    load_scenario,
    load_world_document,
)
from leeward.rehearsal.session.rehearsal_session import RehearsalSession
from leeward.rehearsal.session.rehearsed_run import RehearsedRun
from leeward.rehearsal.snapshots.monthly_costs import monthly_cost
from leeward.rehearsal.snapshots.world_snapshot import WorldSnapshot, snapshot_differences, take_world_snapshot
from leeward.state_machines.application.run_direction import RunDirection
from leeward.state_machines.build import BuiltRunbook, build_runbooks
from leeward.twin.errors import TwinError

# Between rounds, replication settles and terminated resources disappear. Without servers, only DNS answers expire.
_REST_BETWEEN_ROUNDS, _SERVERLESS_REST_BETWEEN_ROUNDS = timedelta(minutes=30), timedelta(minutes=2)
# Users send requests for this long before the first snapshot, which later snapshots must equal.
_WARM_UP = timedelta(minutes=1)


def rehearse_rounds(
    root: Path,
    application: str,
    rounds: int,
    *,
    scenario: str | None = None,
    seed: int = 7,
    run_input: Mapping[str, Any] | None = None,
    on_frame: OnFrame | None = None,
    short_waits: bool = False,
    evidence_dir: Path | None = None,
) -> RoundsResult:
    """Fail over and back `rounds` times in one world. `rehearse` describes the arguments and the errors.

    The incident occurs again in each round. The function stops after the first round that doesn't pass. If a failover
    fails, its failback isn't played, and the round's report says why. `short_waits` uses the timings of
    `scenarios.fast_timings`.
    """
    failover, failback = (
        _committed_runbook_for(root, application, direction)
        for direction in (RunDirection.FAILOVER, RunDirection.FAILBACK)
    )
    workloads = root / "workloads"
    scenario_document = load_scenario(workloads, application, scenario or DEFAULT_SCENARIO)
    check_scenario_names(failover.application, scenario_document)
    reports: list[RoundReport] = []
    try:
        world_document = load_world_document(workloads, application)
        world_document, timings = (
            (with_fast_timings(world_document), FAST_DRS_TIMINGS) if short_waits else (world_document, None)
        )
        with RehearsalSession(
            failover, world_document, scenario_document, seed, other_runbooks=[failback], timings=timings
        ) as session:
            watched: list[RehearsedRun] = []
            if on_frame is not None:
                publish_live_view(session, watched, on_frame)

            def watching(run: RehearsedRun) -> None:
                watched[:] = [run]

            session.wait_until(min(session.engine.clock.now() + _WARM_UP, session.incident_at - timedelta(seconds=1)))
            first_snapshot = take_world_snapshot(session)
            for number in range(1, rounds + 1):
                if number > 1:
                    session.begin_incident(schedule_scenario(session.world, scenario_document))
                runs = [
                    _with_evidence(
                        session,
                        root,
                        evidence_dir,
                        *play_run(session, failover, f"round-{number}", run_input or {}, on_start=watching),
                    )
                ]
                stopped = describe_failed_failover(runs[0])
                if stopped is not None:
                    reports.append(_round_report(session, number, runs, first_snapshot, stopped=stopped))
                    break
                restore_origin(session)
                runs.append(
                    _with_evidence(
                        session,
                        root,
                        evidence_dir,
                        *play_run(session, failback, f"round-{number}", run_input or {}, on_start=watching),
                    )
                )
                rest = _REST_BETWEEN_ROUNDS if session.world.source_servers else _SERVERLESS_REST_BETWEEN_ROUNDS
                session.wait_until(session.engine.clock.now() + rest)
                reports.append(_round_report(session, number, runs, first_snapshot))
                if not reports[-1].passed:
                    break
    except TwinError as error:
        raise CannotRehearse(f"the simulation stopped: {error}") from error
    return RoundsResult(
        application=application, scenario=scenario_document.scenario, seed=seed, asked=rounds, rounds=reports
    )


def _with_evidence(
    session: RehearsalSession, root: Path, folder: Path | None, run: RehearsedRun, result: RehearsalResult
) -> RehearsalResult:
    name = run.id.rsplit(".", 1)[-1]
    path = export_evidence(session, run, result, root, suffix=f"-{name}", folder=folder)
    return result.model_copy(update={"evidence": path})


def _round_report(
    session: RehearsalSession,
    number: int,
    runs: list[RehearsalResult],
    first_snapshot: WorldSnapshot,
    *,
    stopped: str = "",
) -> RoundReport:
    """Return the report of a round. If it was `stopped` before the failback, the world isn't compared."""
    monthly_costs = {
        region: monthly_cost(session.world.drs.count_billed_resources(region))
        for region in session.application.regions.both
    }
    return RoundReport(
        number=number,
        runs=runs,
        differences=[] if stopped else snapshot_differences(first_snapshot, take_world_snapshot(session)),
        dollars_a_month={region: round(dollars, 2) for region, dollars in monthly_costs.items()},
        stopped=f"the failback was not played, because {stopped}" if stopped else "",
    )


def _committed_runbook_for(root: Path, application: str, direction: RunDirection) -> BuiltRunbook:
    """Return the application's runbook that moves users in this direction. Raises CannotRehearse when there is none."""
    for ready in build_runbooks(root / "runbooks"):
        of_application = ready.application.application == application
        moves_in_direction = (
            ready.runbook.direction is direction and moves_users(ready) and not restores_origin_service(ready)
        )
        if of_application and moves_in_direction and uses_active_routing(ready):
            return load_committed_runbook(root, application, ready.runbook.runbook)
    raise CannotRehearse(
        f"{application} has no {direction} runbook that moves users, so it cannot be rehearsed in rounds"
    )

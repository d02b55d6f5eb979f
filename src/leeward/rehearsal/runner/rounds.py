"""There and back, again and again: after each round the world must be in the state in which the first began."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.rehearsal.assessment.evidence_export import export_evidence
from leeward.rehearsal.incidents.scenario_schedule import schedule_scenario
from leeward.rehearsal.results.result_models import RehearsalResult, RoundReport, RoundsResult
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

# Between rounds: replication settles, terminated things are gone. Without servers, resolvers forget their answers.
_REST_BETWEEN_ROUNDS, _SERVERLESS_REST_BETWEEN_ROUNDS = timedelta(minutes=30), timedelta(minutes=2)
# The users have come when the state is taken that is to come back.
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
) -> RoundsResult:
    """Fail over and back `rounds` times in one world; see `rehearse` for the arguments and what is raised.

    The incident strikes anew in each round. Stops after the first round that does not pass. `short_waits` plays it in
    the world of `twin.quick`.
    """
    there, back = (
        _committed_runbook_for(root, application, direction)
        for direction in (RunDirection.FAILOVER, RunDirection.FAILBACK)
    )
    workloads = root / "workloads"
    chosen = load_scenario(workloads, application, scenario or DEFAULT_SCENARIO)
    check_scenario_names(there.application, chosen)
    reports: list[RoundReport] = []
    try:
        told = load_world_document(workloads, application)
        told, timings = (with_fast_timings(told), FAST_DRS_TIMINGS) if short_waits else (told, None)
        with RehearsalSession(there, told, chosen, seed, other_runbooks=[back], timings=timings) as stage:
            watched: list[RehearsedRun] = []
            if on_frame is not None:
                publish_live_view(stage, watched, on_frame)

            def watching(run: RehearsedRun) -> None:
                watched[:] = [run]

            stage.wait_until(min(stage.engine.clock.now() + _WARM_UP, stage.incident_at - timedelta(seconds=1)))
            first = take_world_snapshot(stage)
            for number in range(1, rounds + 1):
                if number > 1:
                    stage.begin_incident(schedule_scenario(stage.world, chosen))
                runs = [
                    _with_evidence(
                        stage, root, *play_run(stage, there, f"round-{number}", run_input or {}, on_start=watching)
                    )
                ]
                restore_origin(stage)
                runs.append(
                    _with_evidence(
                        stage, root, *play_run(stage, back, f"round-{number}", run_input or {}, on_start=watching)
                    )
                )
                rest = _REST_BETWEEN_ROUNDS if stage.world.source_servers else _SERVERLESS_REST_BETWEEN_ROUNDS
                stage.wait_until(stage.engine.clock.now() + rest)
                reports.append(_round_report(stage, number, runs, first))
                if not reports[-1].passed:
                    break
    except TwinError as error:
        raise CannotRehearse(f"the twin could not go on: {error}") from error
    return RoundsResult(application=application, scenario=chosen.scenario, seed=seed, asked=rounds, rounds=reports)


def _with_evidence(
    session: RehearsalSession, root: Path, run: RehearsedRun, result: RehearsalResult
) -> RehearsalResult:
    name = run.id.rsplit(".", 1)[-1]
    return result.model_copy(update={"evidence": export_evidence(session, run, result, root, suffix=f"-{name}")})


def _round_report(
    session: RehearsalSession, number: int, runs: list[RehearsalResult], first_snapshot: WorldSnapshot
) -> RoundReport:
    left = {
        region: monthly_cost(session.world.drs.count_billed_resources(region))
        for region in session.application.regions.both
    }
    return RoundReport(
        number=number,
        runs=runs,
        differences=snapshot_differences(first_snapshot, take_world_snapshot(session)),
        dollars_a_month={region: round(dollars, 2) for region, dollars in left.items()},
    )


def _committed_runbook_for(root: Path, application: str, direction: RunDirection) -> BuiltRunbook:
    """The application's runbook that moves users in this direction. Raises CannotRehearse when there is none."""
    for ready in build_runbooks(root / "runbooks"):
        of_it = ready.application.application == application
        goes = ready.runbook.direction is direction and moves_users(ready) and not restores_origin_service(ready)
        if of_it and goes and uses_active_routing(ready):
            return load_committed_runbook(root, application, ready.runbook.runbook)
    raise CannotRehearse(f"{application} has no {direction} runbook that moves users, so there are no rounds to go")

"""There and back, again and again: after each round the world must be in the state in which the first began."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from leeward.state_machines.documents.direction import Direction
from leeward.state_machines.tree import Ready, ready_runbooks
from leeward.twin.canonical import State, canonical, differences
from leeward.twin.committed import CannotRehearse, brings_back, committed, moves_users, of_the_routing_in_use
from leeward.twin.costs import monthly
from leeward.twin.dossier import keep
from leeward.twin.errors import TwinError
from leeward.twin.library import DEFAULT_SCENARIO, refuse_strangers, scenario_of, world_of
from leeward.twin.quick import QUICK, quick
from leeward.twin.rehearsal import OnMoment, come_back, play, show_moments
from leeward.twin.report import Rehearsal, RoundReport, Rounds
from leeward.twin.run import Run
from leeward.twin.stage import Stage
from leeward.twin.world.incident import arrange

# Between rounds: replication settles, terminated things are gone. Without servers, resolvers forget their answers.
_REST, _SERVERLESS_REST = timedelta(minutes=30), timedelta(minutes=2)
# The users have come when the state is taken that is to come back.
_BEFORE = timedelta(minutes=1)


def rehearse_rounds(
    root: Path,
    application: str,
    rounds: int,
    *,
    scenario: str | None = None,
    seed: int = 7,
    run_input: Mapping[str, Any] | None = None,
    on_moment: OnMoment | None = None,
    short_waits: bool = False,
) -> Rounds:
    """Fail over and back `rounds` times in one world; see `rehearse` for the arguments and what is raised.

    The incident strikes anew in each round. Stops after the first round that does not pass. `short_waits` plays it in
    the world of `twin.quick`.
    """
    there, back = (_the(root, application, direction) for direction in (Direction.FAILOVER, Direction.FAILBACK))
    workloads = root / "workloads"
    chosen = scenario_of(workloads, application, scenario or DEFAULT_SCENARIO)
    refuse_strangers(there.application, chosen)
    reports: list[RoundReport] = []
    try:
        told = world_of(workloads, application)
        told, timings = (quick(told), QUICK) if short_waits else (told, None)
        with Stage(there, told, chosen, seed, also=[back], timings=timings) as stage:
            watched: list[Run] = []
            if on_moment is not None:
                show_moments(stage, watched, on_moment)

            def watching(run: Run) -> None:
                watched[:] = [run]

            stage.wait_until(min(stage.engine.clock.now() + _BEFORE, stage.incident_at - timedelta(seconds=1)))
            first = canonical(stage)
            for number in range(1, rounds + 1):
                if number > 1:
                    stage.strike(arrange(stage.world, chosen))
                runs = [_kept(stage, root, *play(stage, there, f"round-{number}", run_input or {}, on_start=watching))]
                come_back(stage)
                runs.append(
                    _kept(stage, root, *play(stage, back, f"round-{number}", run_input or {}, on_start=watching))
                )
                rest = _REST if stage.world.servers else _SERVERLESS_REST
                stage.wait_until(stage.engine.clock.now() + rest)
                reports.append(_report(stage, number, runs, first))
                if not reports[-1].passed:
                    break
    except TwinError as error:
        raise CannotRehearse(f"the twin could not go on: {error}") from error
    return Rounds(application=application, scenario=chosen.scenario, seed=seed, asked=rounds, rounds=reports)


def _kept(stage: Stage, root: Path, run: Run, result: Rehearsal) -> Rehearsal:
    name = run.id.rsplit(".", 1)[-1]
    return result.model_copy(update={"evidence": keep(stage, run, result, root, name=f"-{name}")})


def _report(stage: Stage, number: int, runs: list[Rehearsal], first: State) -> RoundReport:
    left = {region: monthly(stage.world.drs.leftovers(region)) for region in stage.application.regions.both}
    return RoundReport(
        number=number,
        runs=runs,
        differences=differences(first, canonical(stage)),
        dollars_a_month={region: round(dollars, 2) for region, dollars in left.items()},
    )


def _the(root: Path, application: str, direction: Direction) -> Ready:
    """The application's runbook that moves users in this direction. Raises CannotRehearse when there is none."""
    for ready in ready_runbooks(root / "runbooks"):
        of_it = ready.application.application == application
        goes = ready.runbook.direction is direction and moves_users(ready) and not brings_back(ready)
        if of_it and goes and of_the_routing_in_use(ready):
            return committed(root, application, ready.runbook.runbook)
    raise CannotRehearse(f"{application} has no {direction} runbook that moves users, so there are no rounds to go")
